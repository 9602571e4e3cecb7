// SPDX-License-Identifier: Apache-2.0

internal import Hashing

/// The number of an entry in the journal, counted from 1.
public struct EntryID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// The sequence number.
    public let seq: Int64

    /// Wraps a sequence number.
    public init(_ seq: Int64) { self.seq = seq }

    public var description: String { String(seq) }
    public static func < (left: EntryID, right: EntryID) -> Bool { left.seq < right.seq }

    /// Reads a plain JSON number.
    public init(from decoder: any Decoder) throws { seq = try decoder.singleValueContainer().decode(Int64.self) }

    /// Writes a plain JSON number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(seq)
    }
}

/// The number of the entry that holds an intention; `saker undo` takes it.
public typealias IntentionID = EntryID

/// A point of the hash chain: whoever keeps it can later show that the journal up to there is the one that he saw.
public struct ChainHead: Sendable, Hashable, Codable {
    /// The entry's sequence number; 0 before the first.
    public let seq: Int64
    /// The entry's hash as 64 lower-case hex digits.
    public let hash: String

    /// Names a point of the chain.
    public init(seq: Int64, hash: String) {
        self.seq = seq
        self.hash = hash
    }

    init(seq: Int64, bytes: [UInt8]) {
        self.seq = seq
        hash = Hex.text(bytes)
    }
}
