// SPDX-License-Identifier: Apache-2.0
internal import NIOCore

/// Closes a connection whose client has closed its side. Left half open, as the server library does it, the watch of a client that is
/// gone would stay until the next event.
final class ConnectionEnd: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
    }
}
