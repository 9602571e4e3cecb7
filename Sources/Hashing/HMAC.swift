// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Hashes that only the holders of a key can make (RFC 2104).
public enum HMAC {
    /// HMAC-SHA-256 of a message under a key, 32 bytes.
    public static func sha256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: SHA256.size)
        var length = 0
        let made = EVP_Q_mac(
            nil, "HMAC", nil, "SHA256", nil, key, key.count, message, message.count, &hash, hash.count, &length)
        precondition(made != nil && length == SHA256.size, "OpenSSL has no HMAC: its installation is broken")
        return hash
    }
}
