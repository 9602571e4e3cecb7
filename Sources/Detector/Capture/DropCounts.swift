// SPDX-License-Identifier: Apache-2.0

/// What the probe could not tell, by reason, since it was loaded.
public struct DropCounts: Sendable, Hashable {
    /// Events lost because the ring was full: the reader was too slow or the ring too small.
    public var ringFull: UInt64 = 0
    /// Events lost because they came through the x32 system call table.
    public var foreignABI: UInt64 = 0
    /// Events lost because a program was already running on that CPU.
    public var missed: UInt64 = 0
    /// Events told with an empty field, because memory could not be read.
    public var readFaults: UInt64 = 0
    /// Events told with a field that was cut.
    public var truncated: UInt64 = 0

    /// No drops.
    public init() {}

    /// Events of which nothing is known.
    public var lost: UInt64 { ringFull &+ foreignABI &+ missed }
    /// Events of which something is missing.
    public var damaged: UInt64 { readFaults &+ truncated }

    /// Each reason by the name that metrics carry, in a fixed order.
    public var byReason: [(reason: String, count: UInt64)] {
        [
            ("ring_full", ringFull), ("foreign_abi", foreignABI), ("missed", missed), ("read_fault", readFaults),
            ("truncated", truncated),
        ]
    }
}
