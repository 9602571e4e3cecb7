// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS

/// The intake: takes alerts by POST to `/`, and answers `/healthz` and `/readyz`. Its owner calls `stop` when done.
public final class IntakeServer: Sendable {
    /// The port that it listens on.
    public var port: Int { listener.port }

    private let requests: OpenRequests
    private let identity: ServerIdentity?
    private let listener: Listener

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
            requests: requests,
            approvals: handlers.approvals.map { ApprovalCalls(handlers: $0, check: SignatureCheck(), now: now, log: handlers.log) })
        return try await IntakeServer(settings, responder, requests)
    }

    private init(_ settings: IntakeSettings, _ responder: IntakeResponder, _ requests: OpenRequests) async throws(IntakeError) {
        self.requests = requests
        let plain = HTTPServerBuilder.limited(by: settings)
        identity = try settings.tls.map { files throws(IntakeError) in try ServerIdentity(files) }
        let builder = try identity.map { identity throws(IntakeError) in try Self.encrypted(plain, identity) } ?? plain
        let address = settings.address
        listener = try await Listener.start(
            at: .hostname(address.host, port: address.port), place: "\(address)", connections: settings.connections, builder, responder)
    }

    /// Reads certificate and key again, for the connections from here on. Throws, with the former still in use, when they cannot be used.
    public func renewCertificate() throws(IntakeError) { try identity?.renew() }

    /// Takes no more requests, lets those under way end, at most so long, and gives the port back.
    public func stop(within limit: Duration = .seconds(2)) async {
        await requests.close(within: limit)
        await listener.stop()
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
