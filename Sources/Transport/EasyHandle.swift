// SPDX-License-Identifier: Apache-2.0

internal import CCurl

/// One libcurl handle with the settings that every exchange has; it is used by one thread at a time and freed with the object.
final class EasyHandle {
    let easy: UnsafeMutableRawPointer
    private var routes: UnsafeMutablePointer<curl_slist>?
    private let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init() {
        guard let easy = curl_easy_init() else { preconditionFailure("out of memory for a libcurl handle") }
        self.easy = easy
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, words)
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(routes)
        words.deallocate()
    }

    /// How the connection is made, and what it may take.
    func setConnection(_ request: HTTPRequest, proxy: String?) {
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
        set(CURLOPT_CONNECTTIMEOUT_MS, request.limits.connect.milliseconds)
    }

    /// Where to, and whom to trust there. Returns what the Host header must say, where that is not the address's own host.
    func setTarget(_ url: String, _ tls: TLSSettings) -> String? {
        set(CURLOPT_URL, url)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SSL_VERIFYPEER, tls.isVerified ? 1 : 0)
        set(CURLOPT_SSL_VERIFYHOST, tls.isVerified ? 2 : 0)
        if let authorities = tls.authorities { set(CURLOPT_CAINFO_BLOB, authorities) }
        if let certificate = tls.certificate { set(CURLOPT_SSLCERT_BLOB, certificate) }
        if let key = tls.key { set(CURLOPT_SSLKEY_BLOB, key) }
        guard let name = tls.serverName, let renamed = RenamedServer(url: url, name: name) else { return nil }
        // libcurl asks for, and checks, the name in the URL: the URL gets that name, and the connection goes where it went before.
        set(CURLOPT_URL, renamed.url)
        routes = curl_slist_append(routes, renamed.route)
        ccurl_set_list(easy, CURLOPT_CONNECT_TO, routes)
        return renamed.authority
    }

    /// What libcurl knows of a failure.
    func end(_ code: CURLcode, isTooLong: Bool = false) -> CurlEnd {
        var requestBytes = 0
        ccurl_get_long(easy, CURLINFO_REQUEST_SIZE, &requestBytes)
        var verdict = 0
        ccurl_get_long(easy, CURLINFO_SSL_VERIFYRESULT, &verdict)
        return CurlEnd(
            code: code, detail: words.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: words),
            verdict: verdict, isTooLong: isTooLong, isUnsent: requestBytes == 0)
    }

    func set(_ option: CURLoption, _ value: Int) { check(ccurl_set_long(easy, option, value), option) }

    func set(_ option: CURLoption, _ value: String) { check(ccurl_set_text(easy, option, value), option) }

    func set(_ option: CURLoption, _ value: [UInt8]) {
        check(value.withUnsafeBytes { ccurl_set_blob(easy, option, $0.baseAddress, $0.count) }, option)
    }

    /// A refused option (verification above all) must never be passed over: it means that this libcurl is not the one we were built for.
    private func check(_ code: CURLcode, _ option: CURLoption) {
        precondition(code == CURLE_OK, "libcurl refuses option \(option.rawValue): \(String(cString: curl_easy_strerror(code)))")
    }
}
