// SPDX-License-Identifier: Apache-2.0

/// HTTP over libcurl, 1.1 unless told otherwise: kept connections, TLS always verified unless told otherwise, no redirects followed, no
/// proxy but a named one.
///
/// libcurl works on a thread of its own. Plain `http` is possible here; whether it is allowed is the caller's rule.
public final class HTTPClient: Sendable {
    let tls: TLSSettings
    let proxy: String?
    private let loop: CurlLoop

    /// Starts the thread. A nil proxy means none; the environment is never asked.
    public init(tls: TLSSettings = TLSSettings(), proxy: String? = nil) {
        self.tls = tls
        self.proxy = proxy
        loop = CurlLoop(tls: tls, proxy: proxy)
        loop.startThread()
    }

    deinit { loop.stop() }

    /// Ends what is under way as cancelled and returns when the thread is gone, which takes milliseconds. Later calls fail as cancelled.
    public func shutDown() { loop.stop() }

    /// Sends a request and collects the whole answer, of whatever status. Throws when there is none, and when the limits are broken.
    ///
    /// A request with a body is sent once; one without may be sent again by libcurl when a kept connection turns out to be dead.
    public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let stream = try await open(request, isStream: false)
        let body = try await stream.collect(limit: request.limits.bodyBytes)
        return HTTPResponse(head: stream.head, body: body, trailers: stream.trailers)
    }

    /// Sends a request and returns when the head of the answer is there; the body is then read piece by piece.
    public func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream {
        try await open(request, isStream: true)
    }

    private func open(_ request: HTTPRequest, isStream: Bool) async throws(TransportError) -> HTTPStream {
        try Self.check(request)
        let exchange = Exchange()
        let handle = TransferHandle(id: loop.start(request, isStream: isStream, exchange), loop: loop, exchange: exchange)
        let head = try await handle.cancelling { () async throws(TransportError) in try await exchange.head() }
        return HTTPStream(head: head, handle: handle, url: request.url)
    }

    static func check(_ request: HTTPRequest) throws(TransportError) {
        for header in request.headers where (header.name + header.value).utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) {
            throw TransportError(.protocol, "The header '\(header.name)' holds a line break: it is not sent.", isKnownUnsent: true)
        }
    }
}
