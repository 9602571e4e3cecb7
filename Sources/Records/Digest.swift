// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// A SHA-256 hash that is fed piece by piece. Each piece carries its own length, so no two lists of pieces hash alike.
public struct Digest: ~Copyable {
    /// How many bytes a hash has.
    public static let size = 32

    private let context: OpaquePointer

    /// Begins a hash of nothing.
    public init() {
        guard let made = EVP_MD_CTX_new(), EVP_DigestInit_ex(made, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL has no SHA-256: its installation is broken")
        }
        context = made
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes, as one piece.
    public mutating func add(_ bytes: some Collection<UInt8>) {
        add(Int64(bytes.count))
        let copy = Array(bytes)
        precondition(EVP_DigestUpdate(context, copy, copy.count) == 1)
    }

    /// Adds a number, as its eight bytes, the highest first.
    public mutating func add(_ number: Int64) {
        let copy = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        precondition(EVP_DigestUpdate(context, copy, copy.count) == 1)
    }

    /// The hash of all pieces.
    public consuming func finish() -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: Self.size)
        precondition(EVP_DigestFinal_ex(context, &hash, nil) == 1)
        return hash
    }
}
