// SPDX-License-Identifier: Apache-2.0

internal import CCurl

/// One exchange on the loop's thread: an easy handle, what it sends, and where what it receives goes.
///
/// It is made, used and freed on the loop's thread only; libcurl's callbacks find it through an unretained pointer, which is good
/// because the loop holds the transfer until the handle is out of the multi handle.
final class Transfer {
    /// Head lines beyond this are no honest answer.
    private static let headLimit = 64 * 1024

    let easy: UnsafeMutableRawPointer
    let exchange: Exchange
    private let request: HTTPRequest
    private let isStream: Bool
    private var sent = 0
    private var headLines = HeadLines()
    private var lines: UnsafeMutablePointer<curl_slist>?
    private var routes: UnsafeMutablePointer<curl_slist>?
    private let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init(_ request: HTTPRequest, isStream: Bool, tls: TLSSettings, proxy: String?, exchange: Exchange) {
        guard let easy = curl_easy_init() else { preconditionFailure("out of memory for a libcurl handle") }
        self.easy = easy
        self.exchange = exchange
        self.request = request
        self.isStream = isStream
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setBasics(proxy: proxy)
        setLimits()
        set(CURLOPT_URL, request.url)
        setTLS(request.tls ?? tls)
        setRequest()
        setCallbacks()
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(lines)
        curl_slist_free_all(routes)
        words.deallocate()
    }

    private func setBasics(proxy: String?) {
        set(CURLOPT_NOSIGNAL, 1)
        switch request.version {
        case .one: set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        case .two:
            set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE))
            // Debian's libcurl (7.88) breaks off the second exchange on such a connection: "Error in the HTTP2 framing layer".
            set(CURLOPT_FRESH_CONNECT, 1)
            set(CURLOPT_FORBID_REUSE, 1)
        }
        if let socket = request.socket { set(CURLOPT_UNIX_SOCKET_PATH, socket) }
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        // The empty text, unlike none, keeps libcurl from looking into the environment.
        set(CURLOPT_PROXY, proxy ?? "")
        // The head of the proxy's own answer is not the head of the answer.
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, 15)
        set(CURLOPT_TCP_KEEPINTVL, 5)
        ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, words)
    }

    private func setLimits() {
        set(CURLOPT_CONNECTTIMEOUT_MS, request.limits.connect.milliseconds)
        set(CURLOPT_TIMEOUT_MS, request.limits.total.milliseconds)
        guard isStream else { return }
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, max(1, request.limits.idle.milliseconds / 1000))
    }

    private func setTLS(_ tls: TLSSettings) {
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SSL_VERIFYPEER, tls.isVerified ? 1 : 0)
        set(CURLOPT_SSL_VERIFYHOST, tls.isVerified ? 2 : 0)
        if let authorities = tls.authorities { set(CURLOPT_CAINFO_BLOB, authorities) }
        if let certificate = tls.certificate { set(CURLOPT_SSLCERT_BLOB, certificate) }
        if let key = tls.key { set(CURLOPT_SSLKEY_BLOB, key) }
        guard let name = tls.serverName, let renamed = RenamedServer(url: request.url, name: name) else { return }
        // libcurl asks for, and checks, the name in the URL: the URL gets that name, and the connection goes where it went before.
        set(CURLOPT_URL, renamed.url)
        routes = curl_slist_append(routes, renamed.route)
        ccurl_set_list(easy, CURLOPT_CONNECT_TO, routes)
        lines = curl_slist_append(lines, "Host: " + renamed.authority)
    }

    private func setRequest() {
        for header in request.headers { lines = curl_slist_append(lines, header.name + ": " + header.value) }
        if let body = bodyToSend {
            // A body goes through the read callback and there is no seek callback: libcurl sends a request anew by itself when a kept
            // connection breaks before the answer, and must not do so with a write that the server may have carried out.
            set(CURLOPT_UPLOAD, 1)
            ccurl_set_large(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(body.count))
            lines = curl_slist_append(lines, "Expect:")
        }
        set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        // Else libcurl waits for the body that the answer to a HEAD announces and does not have.
        if request.method == .head { set(CURLOPT_NOBODY, 1) }
        // What was signed or percent-encoded is sent as it is, dots and all.
        set(CURLOPT_PATH_AS_IS, 1)
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
        if isStream { set(CURLOPT_TIMEOUT_MS, 0) }
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
        var requestBytes = 0
        ccurl_get_long(easy, CURLINFO_REQUEST_SIZE, &requestBytes)
        var verdict = 0
        ccurl_get_long(easy, CURLINFO_SSL_VERIFYRESULT, &verdict)
        let end = CurlEnd(
            code: code, detail: words.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: words),
            verdict: verdict, isTooLong: headLines.byteCount > Self.headLimit, isUnsent: requestBytes == 0)
        exchange.finish(.failure(TransportError(end, of: request)))
    }

    private func set(_ option: CURLoption, _ value: Int) { check(ccurl_set_long(easy, option, value), option) }

    private func set(_ option: CURLoption, _ value: String) { check(ccurl_set_text(easy, option, value), option) }

    private func set(_ option: CURLoption, _ value: [UInt8]) {
        check(value.withUnsafeBytes { ccurl_set_blob(easy, option, $0.baseAddress, $0.count) }, option)
    }

    /// A refused option (verification above all) must never be passed over: it means that this libcurl is not the one we were built for.
    private func check(_ code: CURLcode, _ option: CURLoption) {
        precondition(code == CURLE_OK, "libcurl refuses option \(option.rawValue): \(String(cString: curl_easy_strerror(code)))")
    }
}

extension Duration {
    /// Whole milliseconds, at least one, so that a tiny limit never becomes libcurl's "no limit".
    var milliseconds: Int {
        let parts = components
        return max(1, Int(clamping: parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000))
    }
}
