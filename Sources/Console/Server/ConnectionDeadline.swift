// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTPTypes

/// Closes a connection on which a head, a body or an answer takes too long: bytes that trickle in do not extend a deadline.
final class ConnectionDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    // Enough to read an answer that was given before the body's end; what still comes of the body is thrown away until then.
    private static let leaveSeconds = 1.0

    private let settings: IntakeSettings
    private var timer: Scheduled<Void>?
    private var isReading = false

    init(_ settings: IntakeSettings) { self.settings = settings }

    func handlerAdded(context: ChannelHandlerContext) { close(context, in: settings.headSeconds) }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReading = true
            close(context, in: settings.bodySeconds)
        case .body: break
        case .end:
            isReading = false
            close(context, in: settings.answerSeconds)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head, .body: break
        case .end: close(context, in: isReading ? Self.leaveSeconds : settings.idleSeconds)
        }
        context.write(data, promise: promise)
    }

    private func close(_ context: ChannelHandlerContext, in seconds: Double) {
        timer?.cancel()
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: .milliseconds(Int64(seconds * 1_000))) { channel.close(mode: .all, promise: nil) }
    }
}
