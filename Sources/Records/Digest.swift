// SPDX-License-Identifier: Apache-2.0

internal import Hashing

/// A SHA-256 hash that is fed piece by piece. Each piece carries its own length, so no two lists of pieces hash alike.
public struct Digest: ~Copyable {
    /// How many bytes a hash has.
    public static let size = SHA256.size

    private var hash = SHA256()

    /// Begins a hash of nothing.
    public init() {}

    /// Adds bytes, as one piece.
    public mutating func add(_ bytes: some Collection<UInt8>) {
        add(Int64(bytes.count))
        hash.update(bytes)
    }

    /// Adds a number, as its eight bytes, the highest first.
    public mutating func add(_ number: Int64) {
        hash.update(withUnsafeBytes(of: number.bigEndian) { Array($0) })
    }

    /// The hash of all pieces.
    public consuming func finish() -> [UInt8] { hash.finish() }
}
