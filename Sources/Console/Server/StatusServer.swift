// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Where the figures of a running Saker are told.
public enum StatusPlace: Sendable, Hashable {
    /// A UNIX socket that only its owner can open.
    case socket(String)
    /// An address, in plain HTTP.
    case address(ListenAddress)
}

/// What is told of a running Saker.
public struct StatusPages: Sendable {
    /// The figures for Prometheus, in its text format.
    public var metrics: @Sendable () -> String
    /// The figures as JSON, for `saker top`.
    public var status: @Sendable () -> String

    /// Brings the pages together.
    public init(metrics: @escaping @Sendable () -> String, status: @escaping @Sendable () -> String) {
        self.metrics = metrics
        self.status = status
    }
}

/// Answers `GET /metrics`, `/status` and `/healthz` on one place. Its owner calls `stop` when done.
public final class StatusServer: Sendable {
    /// The port that it listens on; 0 for a UNIX socket.
    public var port: Int { listener.port }

    private let listener: Listener
    private let place: StatusPlace

    /// Starts to answer. Throws when the place is taken, or cannot be made.
    public init(at place: StatusPlace, _ pages: StatusPages) async throws(IntakeError) {
        let address: BindAddress, name: String
        switch place {
        case .socket(let path):
            try Self.clear(path)
            (address, name) = (.unixDomainSocket(path: path), path)
        case .address(let listen): (address, name) = (.hostname(listen.host, port: listen.port), "\(listen)")
        }
        let settings = IntakeSettings(address: .loopback, tls: nil)
        self.place = place
        listener = try await Listener.start(
            at: address, place: name, connections: 32, .limited(by: settings), StatusResponder(pages: pages))
        if case .socket(let path) = place { chmod(path, 0o600) }
    }

    /// Answers no more, and takes a socket's name away.
    public func stop() async {
        await listener.stop()
        if case .socket(let path) = place { unlink(path) }
    }

    /// Makes room for a socket: a name that nobody answers to is a dead process's. Throws when somebody answers, or it is no socket.
    private static func clear(_ path: String) throws(IntakeError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw IntakeError(.listen, "\(path) is there and is no socket: name another") }
        guard !isAnswered(path) else { throw IntakeError(.listen, "another saker answers on \(path)") }
        unlink(path)
    }

    private static func isAnswered(_ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}

/// The HTTP side of it.
private struct StatusResponder: HTTPResponder {
    typealias Context = IntakeContext

    let pages: StatusPages

    func respond(to request: Request, context: IntakeContext) async throws -> Response {
        switch (request.uri.path, request.method) {
        case ("/metrics", .get): Self.response(.ok, "text/plain; version=0.0.4; charset=utf-8", pages.metrics())
        case ("/status", .get): Self.response(.ok, "application/json", pages.status())
        case ("/healthz", .get): Self.response(.ok, "application/json", "{\"status\":\"ok\"}\n")
        case ("/metrics", _), ("/status", _), ("/healthz", _): Self.response(.methodNotAllowed, "text/plain", "only GET\n")
        case _: Self.response(.notFound, "text/plain", "there is nothing here: /metrics, /status or /healthz\n")
        }
    }

    private static func response(_ status: HTTPTypes.HTTPResponse.Status, _ type: String, _ text: String) -> Response {
        Response(status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
