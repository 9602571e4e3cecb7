// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// A SHA-256 hash that is fed piece by piece; where one piece ends and the next begins makes no difference.
public struct SHA256: ~Copyable {
    /// How many bytes a hash has.
    public static let size = 32

    private let context: OpaquePointer

    /// A hash of nothing yet.
    public init() {
        guard let made = EVP_MD_CTX_new(), EVP_DigestInit_ex(made, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL has no SHA-256: its installation is broken")
        }
        context = made
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes the next piece.
    public mutating func update(_ bytes: some Collection<UInt8>) {
        let copy = Array(bytes)
        precondition(EVP_DigestUpdate(context, copy, copy.count) == 1)
    }

    /// The hash of all pieces, 32 bytes.
    public consuming func finish() -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: Self.size)
        precondition(EVP_DigestFinal_ex(context, &hash, nil) == 1)
        return hash
    }

    /// The hash of one piece, 32 bytes.
    public static func hash(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }
}
