// SPDX-License-Identifier: Apache-2.0

internal import Enrichment
public import EventModel

/// Events counted by kind: raised by the detection thread, read by any.
public struct KindCounts: ~Copyable, Sendable {
    // As many places as the raw values of kinds come to at most (SAKER_KIND_LIMIT in bpf/wire.h).
    private let counters = InlineArray<128, OwnerCounter> { _ in OwnerCounter() }

    /// All at 0.
    public init() {}

    /// How many of all kinds.
    public var count: UInt64 { EventKind.allCases.reduce(0) { $0 &+ self[$1] } }

    /// How many of a kind.
    public subscript(_ kind: EventKind) -> UInt64 { counters[Int(kind.rawValue)].count }

    /// Counts one; only ever called by the thread that owns it.
    @inline(__always)
    func add(_ kind: EventKind) { counters[Int(kind.rawValue)].add() }
}
