// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Glibc
internal import Transport

/// A runtime that can be asked about containers.
protocol RuntimeClient: Sendable {
    var socket: RuntimeSocket { get }

    /// What it knows of a container; nil when it has none of that id.
    func describe(_ container: ContainerID) async throws(RuntimeError) -> ContainerDescription?

    /// Its name and version.
    func version() async throws(RuntimeError) -> String
}

/// Why a runtime could not be asked.
public struct RuntimeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sort of failure.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// There is no such socket.
        case absent
        /// Nobody answers there, or not in time.
        case unreachable
        /// It answered that it cannot or will not.
        case refused
        /// What it answered cannot be read.
        case malformed
    }

    /// The sort of failure.
    public let code: Code
    /// A sentence a person can act on.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

/// What both languages have in common: requests over a socket, with limits.
struct RuntimeChannel: Sendable {
    let socket: RuntimeSocket
    private let client: HTTPClient

    /// Runtimes answer within milliseconds; a loaded one may take a second. An answer with all details has some 100 KiB.
    private static let limits = HTTPLimits(connect: .seconds(1), total: .seconds(2), bodyBytes: 4 << 20)

    init(_ socket: RuntimeSocket, _ client: HTTPClient) {
        self.socket = socket
        self.client = client
    }

    /// Sends a request for a path; the host in the address means nothing to either language.
    func send(
        _ method: HTTPRequest.Method, _ path: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil, version: HTTPRequest.Version = .one
    ) async throws(RuntimeError) -> HTTPResponse {
        guard access(socket.path, F_OK) == 0 else { throw RuntimeError(.absent, "there is no socket \(socket.path)") }
        let request = HTTPRequest(
            method, "http://localhost" + path, headers: headers, body: body, limits: Self.limits, socket: socket.path, version: version)
        do throws(TransportError) {
            return try await client.send(request)
        } catch {
            throw RuntimeError(.unreachable, "\(socket) does not answer: \(error)")
        }
    }
}

extension RuntimeSocket {
    /// A client that speaks its language.
    func connected(by client: HTTPClient) -> any RuntimeClient {
        let channel = RuntimeChannel(self, client)
        return switch kind {
        case .docker, .podman: DockerClient(channel)
        case .cri: CRIClient(channel)
        }
    }
}
