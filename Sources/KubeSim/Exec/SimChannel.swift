// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1
internal import NIOWebSocket

/// HTTP/1.1 on one connection, whose first request may turn it into a WebSocket for an exec.
struct SimChannel: HTTPChannelHandler {
    typealias Plain = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    /// What a connection became; nil for one that is an exec, which looks after itself.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let plain: EventLoopFuture<Plain?>
    }

    let responder: HTTPChannelHandler.Responder
    let door: ExecDoor
    let connections: ConnectionBook

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        connections.add(channel)
        return channel.eventLoop.makeCompletedFuture {
            let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Plain?>(
                upgraders: [upgrader()],
                notUpgradingCompletionHandler: { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
                        try channel.pipeline.syncOperations.addHandler(ConnectionEnd())
                        return try NIOAsyncChannel(
                            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                    }
                })
            var configuration = NIOUpgradableHTTPServerPipelineConfiguration(upgradeConfiguration: upgrade)
            configuration.enablePipelining = false
            configuration.enableErrorHandling = false
            configuration.enableResponseHeaderValidation = false
            let plain = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(configuration: configuration)
            return Value(channel: channel, plain: plain)
        }
    }

    func handle(value: Value, logger: Logger) async {
        guard let plain = try? await value.plain.get() else {
            try? await value.channel.closeFuture.get()
            return
        }
        await handleHTTP(asyncChannel: plain, logger: logger)
    }

    private func upgrader() -> NIOTypedWebSocketServerUpgrader<Plain?> {
        let plans = PlanBox()
        return NIOTypedWebSocketServerUpgrader(
            maxFrameSize: 1 << 20,
            shouldUpgrade: { [door] channel, head in
                channel.eventLoop.makeFutureWithTask {
                    let offered = head.headers[canonicalForm: "Sec-WebSocket-Protocol"].map(String.init)
                    guard let spoken = ExecPlan.protocols.first(where: offered.contains), let plan = await door.plan(head, channel) else {
                        return nil
                    }
                    plans.set(plan)
                    return HTTPHeaders([("Sec-WebSocket-Protocol", spoken)])
                }
            },
            upgradePipelineHandler: { [door] channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    guard let plan = plans.plan else { return nil }
                    let session = ExecSession(plan, channel, folder: door.rooms.folder(of: plan))
                    try channel.pipeline.syncOperations.addHandler(ExecInbound(session))
                    Thread.detachNewThread { session.run() }
                    return nil
                }
            })
    }
}
