// SPDX-License-Identifier: Apache-2.0

internal import CCurl

/// How libcurl ended a transfer that failed.
struct CurlEnd {
    let code: CURLcode
    /// libcurl's own words.
    let detail: String
    /// What OpenSSL found about the server's certificate (`X509_V_ERR_...`); 0 for nothing.
    let verdict: Int
    let isTooLong: Bool
    let isUnsent: Bool

    /// A proxy that refuses the tunnel was asked for it, but nobody behind it was asked for anything.
    var isProxyRefusal: Bool { detail.contains("CONNECT tunnel failed") || detail.contains("from proxy after CONNECT") }
}

extension TransportError {
    /// Puts libcurl's result into our terms.
    init(_ end: CurlEnd, of request: HTTPRequest) {
        let code = end.isTooLong ? Code.tooLarge : Self.code(end)
        let what = request.method.rawValue + " " + (request.url.split(separator: "?").first.map(String.init) ?? request.url)
        let advice = code == .tls ? CertificateFault(end)?.sentence : end.isProxyRefusal ? Self.proxyAdvice : nil
        self.init(
            code, what + ": " + (advice ?? Self.advice(code)) + " (" + end.detail + ")",
            isKnownUnsent: end.isUnsent || end.isProxyRefusal)
    }

    private static let proxyAdvice = "the proxy refuses the connection; check the proxy's address, user and password, and what it allows"

    // CURLcode is a C enum that grows, so the last arm cannot be spelled out.
    private static func code(_ end: CurlEnd) -> Code {
        switch end.code {
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_COULDNT_CONNECT, CURLE_PROXY: .connect
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
        case CURLE_FILESIZE_EXCEEDED: .tooLarge
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CLIENTCERT, CURLE_SSL_INVALIDCERTSTATUS:
            .tls
        // With TLS 1.3 a refused client certificate shows only when the answer is read.
        default: end.isProxyRefusal ? .connect : end.detail.contains("SSL routines") ? .tls : .protocol
        }
    }

    private static func advice(_ code: Code) -> String {
        switch code {
        case .timeout: "no answer within the time limit"
        case .connect: "nobody accepts the connection; check address, port and firewall"
        case .tls: "the TLS handshake failed; check the CA, the server's name and the client certificate"
        case .resolve: "the host name has no address; check its spelling and DNS"
        case .tooLarge: "the answer is longer than allowed"
        case .cancelled: "given up by the caller"
        case .protocol: "the exchange broke off or is not HTTP"
        }
    }
}
