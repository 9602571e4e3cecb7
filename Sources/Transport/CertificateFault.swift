// SPDX-License-Identifier: Apache-2.0

internal import CCurl

/// What about a certificate stopped a handshake.
enum CertificateFault: Hashable, CaseIterable {
    case expired, notYetValid, unknownAuthority, wrongName, ourOwn, refusedByServer

    /// Nil when the handshake failed for another reason. The numbers are OpenSSL's (`x509_vfy.h`), which it does not change.
    init?(_ end: CurlEnd) {
        switch end.verdict {
        case 10: self = .expired
        case 9: self = .notYetValid
        // No issuer found (2, 20, 21), self-signed (18, 19), or a signature that the named authority did not make (7).
        case 2, 7, 18, 19, 20, 21: self = .unknownAuthority
        default:
            if end.code == CURLE_SSL_CERTPROBLEM {
                self = .ourOwn
            } else if end.detail.contains("target host name") {
                self = .wrongName
            } else if end.detail.contains(" alert ") {
                self = .refusedByServer
            } else {
                return nil
            }
        }
    }

    /// What is wrong and what to do.
    var sentence: String {
        switch self {
        case .expired: "the server's certificate has expired; renew it, or set this machine's clock if that is wrong"
        case .notYetValid: "the server's certificate is not valid yet; check this machine's clock"
        case .unknownAuthority: "the server's certificate is signed by no authority that is trusted here; name the right CA"
        case .wrongName: "the server's certificate is for another name; use a name that it carries, or set the server name to expect"
        case .ourOwn: "our client certificate or its key cannot be used; check that both are PEM and belong together"
        case .refusedByServer: "the server broke off the handshake; check the client certificate and who signed it"
        }
    }
}
