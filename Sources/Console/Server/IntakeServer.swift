// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore

/// The intake: takes alerts by POST to `/`, and answers `/healthz` and `/readyz`. Its owner calls `stop` when done.
public final class IntakeServer: Sendable {
    /// The port that it listens on.
    public let port: Int

    private let requests: OpenRequests
    private let identity: ServerIdentity?
    private let server: Task<Void, Never>

    /// Starts listening. Throws when the settings are not safe, a certificate cannot be used, or the address is taken.
    public static func start(
        _ settings: IntakeSettings, senders: SenderBook, handlers: IntakeHandlers, now: @escaping @Sendable () -> Timestamp
    ) async throws(IntakeError) -> IntakeServer {
        guard settings.tls != nil || settings.address.isLoopback else {
            throw IntakeError(
                .config,
                "\(settings.address) can be reached from other machines and would speak plain HTTP: set respond.certificate and "
                    + "respond.key, or listen on 127.0.0.1")
        }
        let requests = OpenRequests()
        let responder = IntakeResponder(
            settings: settings, handlers: handlers, senders: senders, strangers: LineLimit(20, now: now, write: handlers.log),
            requests: requests)
        return try await IntakeServer(settings, responder, requests)
    }

    private init(_ settings: IntakeSettings, _ responder: IntakeResponder, _ requests: OpenRequests) async throws(IntakeError) {
        self.requests = requests
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionDeadline(settings)],
            httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 64))
        let plain = HTTPServerBuilder.http1(configuration: channel)
        identity = try settings.tls.map { files throws(IntakeError) in try ServerIdentity(files) }
        let builder = try identity.map { identity throws(IntakeError) in try Self.encrypted(plain, identity) } ?? plain
        (server, port) = try await Self.serve(settings, builder, responder)
    }

    /// Reads certificate and key again, for the connections from here on. Throws, with the former still in use, when they cannot be used.
    public func renewCertificate() throws(IntakeError) { try identity?.renew() }

    /// Takes no more requests, lets those under way end, at most so long, and gives the port back.
    public func stop(within limit: Duration = .seconds(2)) async {
        await requests.close(within: limit)
        server.cancel()
        await server.value
    }

    private static func serve(
        _ settings: IntakeSettings, _ builder: HTTPServerBuilder, _ responder: IntakeResponder
    ) async throws(IntakeError) -> (Task<Void, Never>, Int) {
        let (starts, start) = AsyncStream<Result<Int, any Error>>.makeStream()
        let task = Task {
            do {
                let quiet = Logger(label: "intake", factory: { _ in SwiftLogNoOpLogHandler() })
                let application = Application(
                    responder: responder, server: builder,
                    configuration: ApplicationConfiguration(
                        address: .hostname(settings.address.host, port: settings.address.port),
                        availableConnectionsDelegate: MaximumAvailableConnections(settings.connections, logger: quiet)),
                    onServerRunning: { channel in start.yield(.success(channel.localAddress?.port ?? 0)) }, logger: quiet)
                try await application.run()
            } catch {
                start.yield(.failure(error))
            }
            start.finish()
        }
        for await result in starts {
            switch result {
            case .success(let port): return (task, port)
            case .failure(let error): throw IntakeError(.listen, "the intake cannot listen on \(settings.address): \(error)")
            }
        }
        throw IntakeError(.listen, "the intake ended before it listened on \(settings.address)")
    }

    private static func encrypted(
        _ plain: HTTPServerBuilder, _ identity: ServerIdentity
    ) throws(IntakeError) -> HTTPServerBuilder {
        let configuration = try identity.configuration()
        do {
            return try .tls(plain, tlsConfiguration: configuration)
        } catch {
            throw IntakeError(.certificate, "the intake's certificates cannot be used: \(error)")
        }
    }
}
