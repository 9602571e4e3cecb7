// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// A server that listens, until its task is cancelled.
struct Listener: Sendable {
    /// The port; 0 for a UNIX socket.
    let port: Int
    let task: Task<Void, Never>

    /// Listens there with at most so many connections at once; `place` names it in the error.
    static func start(
        at address: BindAddress, place: String, connections: Int, _ builder: HTTPServerBuilder,
        _ responder: some HTTPResponder<IntakeContext>
    ) async throws(IntakeError) -> Listener {
        let (starts, start) = AsyncStream<Result<Int, any Error>>.makeStream()
        let task = Task {
            do {
                let quiet = Logger(label: "listener", factory: { _ in SwiftLogNoOpLogHandler() })
                let application = Application(
                    responder: responder, server: builder,
                    configuration: ApplicationConfiguration(
                        address: address, availableConnectionsDelegate: MaximumAvailableConnections(connections, logger: quiet)),
                    onServerRunning: { channel in start.yield(.success(channel.localAddress?.port ?? 0)) }, logger: quiet)
                try await application.run()
            } catch {
                start.yield(.failure(error))
            }
            start.finish()
        }
        for await result in starts {
            switch result {
            case .success(let port): return Listener(port: port, task: task)
            case .failure(let error): throw IntakeError(.listen, "nobody can listen on \(place): \(error)")
            }
        }
        throw IntakeError(.listen, "the server ended before it listened on \(place)")
    }

    /// Gives the place back.
    func stop() async {
        task.cancel()
        await task.value
    }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 with limits to heads and times.
    static func limited(by settings: IntakeSettings) -> HTTPServerBuilder {
        .http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionDeadline(settings)],
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 64)))
    }
}
