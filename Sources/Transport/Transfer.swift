// SPDX-License-Identifier: Apache-2.0

internal import CCurl

/// One exchange on the loop's thread: an easy handle, what it sends, and where what it receives goes.
///
/// It is made, used and freed on the loop's thread only; libcurl's callbacks find it through an unretained pointer, which is good
/// because the loop holds the transfer until the handle is out of the multi handle.
final class Transfer {
    /// Head lines beyond this are no honest answer.
    private static let headLimit = 64 * 1024

    let exchange: Exchange
    private let handle: EasyHandle
    private let request: HTTPRequest
    private let isStream: Bool
    private var sent = 0
    private var headLines = HeadLines()
    private var lines: UnsafeMutablePointer<curl_slist>?

    init(_ request: HTTPRequest, isStream: Bool, tls: TLSSettings, proxy: String?, exchange: Exchange) {
        handle = EasyHandle()
        self.exchange = exchange
        self.request = request
        self.isStream = isStream
        handle.setConnection(request, proxy: proxy)
        setLimits()
        if let authority = handle.setTarget(request.url, request.tls ?? tls) { lines = curl_slist_append(lines, "Host: " + authority) }
        setRequest()
        setCallbacks()
    }

    deinit { curl_slist_free_all(lines) }

    /// The handle as the multi handle knows it.
    var easy: UnsafeMutableRawPointer { handle.easy }

    private func setLimits() {
        handle.set(CURLOPT_TIMEOUT_MS, request.limits.total.milliseconds)
        guard isStream else { return }
        handle.set(CURLOPT_LOW_SPEED_LIMIT, 1)
        handle.set(CURLOPT_LOW_SPEED_TIME, max(1, request.limits.idle.milliseconds / 1000))
    }

    private func setRequest() {
        for header in request.headers { lines = curl_slist_append(lines, header.name + ": " + header.value) }
        if let body = bodyToSend {
            // A body goes through the read callback and there is no seek callback: libcurl sends a request anew by itself when a kept
            // connection breaks before the answer, and must not do so with a write that the server may have carried out.
            handle.set(CURLOPT_UPLOAD, 1)
            ccurl_set_large(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(body.count))
            lines = curl_slist_append(lines, "Expect:")
        }
        handle.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        // Else libcurl waits for the body that the answer to a HEAD announces and does not have.
        if request.method == .head { handle.set(CURLOPT_NOBODY, 1) }
        // What was signed or percent-encoded is sent as it is, dots and all.
        handle.set(CURLOPT_PATH_AS_IS, 1)
        ccurl_set_list(easy, CURLOPT_HTTPHEADER, lines)
    }

    private var bodyToSend: [UInt8]? {
        switch request.method {
        case .get, .head, .delete: request.body
        case .post, .put, .patch: request.body ?? []
        }
    }

    private func setCallbacks() {
        let me = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_data_function(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
            Transfer.of(context).read(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
        ccurl_set_data_function(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.of(context).head(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        ccurl_set_data_function(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            Transfer.of(context).write(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        ccurl_set_pointer(easy, CURLOPT_READDATA, me)
        ccurl_set_pointer(easy, CURLOPT_HEADERDATA, me)
        ccurl_set_pointer(easy, CURLOPT_WRITEDATA, me)
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer {
        guard let context else { preconditionFailure("libcurl calls back without the pointer it was given") }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    private func read(_ room: UnsafeMutableRawBufferPointer) -> Int {
        guard let body = bodyToSend else { return 0 }
        let count = min(room.count, body.count - sent)
        room.copyBytes(from: body[sent..<(sent + count)])
        sent += count
        return count
    }

    private func head(_ line: UnsafeRawBufferPointer) -> Int {
        guard let head = headLines.take(line) else { return headLines.byteCount > Self.headLimit ? 0 : line.count }
        // From here on only silence ends a stream, not its age.
        if isStream { handle.set(CURLOPT_TIMEOUT_MS, 0) }
        exchange.deliver(head)
        return line.count
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        exchange.offer(bytes) ? bytes.count : ccurl_write_paused()
    }

    /// Tells the waiting task how it ended.
    func finish(_ code: CURLcode) {
        guard code != CURLE_OK else {
            exchange.deliver(trailers: headLines.trailers)
            return exchange.finish(.success(()))
        }
        let end = handle.end(code, isTooLong: headLines.byteCount > Self.headLimit)
        exchange.finish(.failure(TransportError(end, of: request)))
    }
}

extension Duration {
    /// Whole milliseconds, at least one, so that a tiny limit never becomes libcurl's "no limit".
    var milliseconds: Int {
        let parts = components
        return max(1, Int(clamping: parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000))
    }
}
