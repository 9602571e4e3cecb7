// SPDX-License-Identifier: Apache-2.0

/// What a walk along the whole chain has shown.
public struct Verification: Sendable, Hashable, Codable {
    /// Something that is not as the journal's own writer leaves it.
    public struct Finding: Sendable, Hashable, Codable {
        /// What kind of change it points to.
        public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
            /// An entry does not have the content that its hash was made of.
            case edited
            /// Numbers are missing between two entries, or before the first.
            case removed
            /// An entry does not follow from the one before it.
            case brokenLink
            /// An anchor knows a later entry than the journal has.
            case truncated
            /// An anchor knows another hash for an entry than the journal has.
            case recomputed
            /// A table, an index or a trigger is not the one that Saker makes.
            case schema
            /// SQLite finds the file damaged.
            case damaged
            /// A result file could not be read, so it vouches for nothing.
            case unreadableAnchor
        }

        /// What kind of change it points to.
        public var kind: Kind
        /// The entry, when there is one.
        public var seq: Int64?
        /// What was found and what it means, in one sentence.
        public var sentence: String
    }

    /// How many entries there are.
    public var count: Int64
    /// The chain's end; keep it elsewhere to hold the journal to it later.
    public var head: ChainHead
    /// How many points that are kept outside were compared.
    public var anchorsChecked: Int
    /// All that was found, in the order of the chain, anchors last.
    public var findings: [Finding]

    /// True when nothing was found. What came after the last anchor may still have been cut off or rewritten by whoever could
    /// write the file.
    public var isSound: Bool { findings.isEmpty }
}
