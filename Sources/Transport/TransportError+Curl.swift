// SPDX-License-Identifier: Apache-2.0

internal import CCurl

extension TransportError {
    /// Puts libcurl's result into our terms.
    init(_ curl: CURLcode, _ detail: String, request: HTTPRequest, isTooLong: Bool, isUnsent: Bool) {
        let code = isTooLong ? Code.tooLarge : Self.code(curl, detail)
        let what = request.method.rawValue + " " + (request.url.split(separator: "?").first.map(String.init) ?? request.url)
        self.init(code, what + ": " + Self.advice(code) + " (" + detail + ")", isKnownUnsent: isUnsent)
    }

    // CURLcode is a C enum that grows, so the last arm cannot be spelled out.
    private static func code(_ curl: CURLcode, _ detail: String) -> Code {
        switch curl {
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_COULDNT_CONNECT: .connect
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
        case CURLE_FILESIZE_EXCEEDED: .tooLarge
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CLIENTCERT, CURLE_SSL_INVALIDCERTSTATUS:
            .tls
        // With TLS 1.3 a refused client certificate shows only when the answer is read.
        default: detail.contains("SSL routines") ? .tls : .protocol
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
