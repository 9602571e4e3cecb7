// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A certificate with its private key, both as PEM text; the key stays in memory unless its owner writes it down.
struct Certificate: Sendable {
    var certificatePEM: String
    var keyPEM: String

    /// What a certificate says about its owner.
    struct Subject {
        var commonName: String
        var organizations: [String] = []
        /// Extension values in OpenSSL's configuration notation, by their number.
        var extensions: [(Int32, String)]
    }

    static func authority() throws(KubeSimError) -> Certificate {
        try issue(
            Subject(
                commonName: "KubeSim CA",
                extensions: [
                    (NID_basic_constraints, "critical,CA:TRUE"), (NID_key_usage, "critical,keyCertSign,cRLSign,digitalSignature"),
                    (NID_subject_key_identifier, "hash"),
                ]), signedBy: nil)
    }

    /// The server's certificate: good for the loopback address and `localhost` only.
    func server() throws(KubeSimError) -> Certificate {
        try Certificate.issue(
            Subject(
                commonName: "KubeSim",
                extensions: [
                    (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
                    (NID_ext_key_usage, "serverAuth"), (NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost"),
                ]), signedBy: self)
    }

    /// A client's certificate: its common name is the user.
    func client(user: String, groups: [String]) throws(KubeSimError) -> Certificate {
        try Certificate.issue(
            Subject(
                commonName: user, organizations: groups,
                extensions: [
                    (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
                    (NID_ext_key_usage, "clientAuth"),
                ]), signedBy: self)
    }

    /// The user that a DER certificate stands for: its common name, with its organisations as groups; nil when it names nobody.
    static func identity(der: [UInt8]) -> Identity? {
        der.withUnsafeBufferPointer { bytes in
            var place = bytes.baseAddress
            guard let certificate = d2i_X509(nil, &place, bytes.count) else { return nil }
            defer { X509_free(certificate) }
            let subject = X509_get_subject_name(certificate)
            guard let name = texts(NID_commonName, in: subject).first, !name.isEmpty else { return nil }
            return Identity(name: name, groups: texts(NID_organizationName, in: subject))
        }
    }

    private static func texts(_ number: Int32, in subject: OpaquePointer?) -> [String] {
        var texts: [String] = []
        var place = X509_NAME_get_index_by_NID(subject, number, -1)
        while place >= 0 {
            var bytes: UnsafeMutablePointer<UInt8>?
            let length = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)))
            if length >= 0 { texts.append(String(decoding: UnsafeBufferPointer(start: bytes, count: Int(length)), as: UTF8.self)) }
            CRYPTO_free(bytes, nil, 0)
            place = X509_NAME_get_index_by_NID(subject, number, place)
        }
        return texts
    }
}

// Issuing. OpenSSL's objects live only within these calls; what crosses them is PEM text.
extension Certificate {
    private static func issue(_ subject: Subject, signedBy authority: Certificate?) throws(KubeSimError) -> Certificate {
        let key = try made(saker_openssl_p256_key(), "make a P-256 key")
        defer { EVP_PKEY_free(key) }
        let certificate = try made(X509_new(), "make a certificate")
        defer { X509_free(certificate) }
        let signer = try authority.map { authority throws(KubeSimError) in try authority.loaded() }
        defer {
            if let signer {
                X509_free(signer.certificate)
                EVP_PKEY_free(signer.key)
            }
        }
        try fill(certificate, subject, key, issuer: signer?.certificate ?? certificate)
        guard X509_sign(certificate, signer?.key ?? key, EVP_sha256()) > 0 else { throw failure("sign a certificate") }
        return Certificate(
            certificatePEM: try pem { PEM_write_bio_X509($0, certificate) },
            keyPEM: try pem { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) })
    }

    private static func fill(
        _ certificate: OpaquePointer, _ subject: Subject, _ key: OpaquePointer, issuer: OpaquePointer
    ) throws(KubeSimError) {
        var serial: UInt64 = 0
        guard withUnsafeMutableBytes(of: &serial, { RAND_bytes($0.baseAddress, 8) }) == 1 else { throw failure("draw a serial number") }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1)
        // An hour back for clocks that disagree; a week is longer than any run.
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600)
        X509_gmtime_adj(X509_getm_notAfter(certificate), 7 * 86_400)
        let name = X509_get_subject_name(certificate)
        for organization in subject.organizations { X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, organization, -1, -1, 0) }
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, subject.commonName, -1, -1, 0)
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer))
        guard X509_set_pubkey(certificate, key) == 1 else { throw failure("set the certificate's key") }
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
        for (number, value) in subject.extensions {
            let part = try made(X509V3_EXT_conf_nid(nil, &context, number, value), "read the extension \(value)")
            defer { X509_EXTENSION_free(part) }
            guard X509_add_ext(certificate, part, -1) == 1 else { throw failure("add the extension \(value)") }
        }
    }

    private func loaded() throws(KubeSimError) -> (certificate: OpaquePointer, key: OpaquePointer) {
        let certificate = try Certificate.made(
            Certificate.reading(certificatePEM) { PEM_read_bio_X509($0, nil, nil, nil) }, "read the authority's certificate")
        guard let key = Certificate.reading(keyPEM, { PEM_read_bio_PrivateKey($0, nil, nil, nil) }) else {
            X509_free(certificate)
            throw Certificate.failure("read the authority's key")
        }
        return (certificate, key)
    }

    private static func reading(_ text: String, _ read: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
        // OpenSSL reads these bytes where they are, so they must stay until it has.
        var text = text
        return text.withUTF8 { bytes in
            guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { return nil }
            defer { BIO_free(bio) }
            return read(bio)
        }
    }

    private static func pem(_ write: (OpaquePointer) -> Int32) throws(KubeSimError) -> String {
        let bio = try made(BIO_new(BIO_s_mem()), "make a buffer")
        defer { BIO_free(bio) }
        var bytes: UnsafeMutablePointer<CChar>?
        guard write(bio) == 1 else { throw failure("write PEM") }
        let length = saker_openssl_bio_bytes(bio, &bytes)
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
    }

    private static func made(_ pointer: OpaquePointer?, _ what: String) throws(KubeSimError) -> OpaquePointer {
        guard let pointer else { throw failure(what) }
        return pointer
    }

    private static func failure(_ what: String) -> KubeSimError {
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(ERR_get_error(), &text, text.count)
        let reason = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return KubeSimError(.certificate, "OpenSSL could not \(what): \(reason)")
    }
}

/// SHA-256 in lower-case hexadecimal.
func sha256(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
    return hexadecimal(digest)
}
