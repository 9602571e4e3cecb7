// SPDX-License-Identifier: Apache-2.0

/// An open WebSocket: messages both ways, until one side closes. Letting go of it ends the connection.
///
/// At most 256 KiB wait unread, and as much unsent; beyond that the other side, or the sender here, waits.
public final class WebSocket: Sendable {
    /// The head of the server's answer, with the protocol that it chose.
    public let head: HTTPHead
    private let loop: WebSocketLoop

    init(head: HTTPHead, loop: WebSocketLoop) {
        self.head = head
        self.loop = loop
    }

    deinit { loop.abort() }

    /// The protocol that the server chose of those that were offered; nil when none was offered.
    public var chosenProtocol: String? { head.header("Sec-WebSocket-Protocol") }

    /// Sends one binary message.
    public func send(_ payload: some Collection<UInt8> & Sendable) async throws(TransportError) { try await loop.send(payload) }

    /// The next message, text or binary; nil when the server has closed in order. Throws `timeout` at the end of the lifetime, and
    /// `protocol` when the connection broke.
    public func next() async throws(TransportError) -> [UInt8]? { try await loop.next() }

    /// Says goodbye after what is left to send, and waits for the other side's goodbye for two seconds at most; returns at once.
    public func close() { loop.close() }
}

/// What a server makes of the wish for a WebSocket.
public enum WebSocketAnswer: Sendable {
    /// It speaks.
    case opened(WebSocket)
    /// It answers as to any request.
    case refused(HTTPResponse)

    enum Opening: Sendable {
        case opened(HTTPHead)
        case refused(HTTPResponse)
    }

    /// Status and header lines of the answer.
    public var head: HTTPHead {
        switch self {
        case .opened(let socket): socket.head
        case .refused(let response): response.head
        }
    }
}

extension HTTPClient {
    /// Opens a WebSocket on a connection and a thread of its own, by the request's address, header lines, limits and this client's TLS
    /// and proxy. `limits.total` is for the opening, `limits.idle` for silence, `lifetime` for the whole.
    public func webSocket(
        _ request: HTTPRequest, protocols: [String], lifetime: Duration,
        random: @escaping @Sendable () -> UInt32 = { UInt32.random(in: .min ... .max) }
    ) async throws(TransportError) -> WebSocketAnswer {
        try Self.check(request)
        let loop = try WebSocketLoop(request, protocols: protocols, lifetime: lifetime, random: random)
        switch try await loop.open(tls: tls, proxy: proxy) {
        case .opened(let head): return .opened(WebSocket(head: head, loop: loop))
        case .refused(let response): return .refused(response)
        }
    }
}
