// SPDX-License-Identifier: Apache-2.0
internal import CProbe
public import EventModel

/// Why the probe could not tell something, or not all of it.
public enum DropReason: String, Sendable, Hashable, CaseIterable {
    /// Lost: the ring was full, because the reader was too slow or the ring too small.
    case ringFull = "ring_full"
    /// Lost: it is of a kind that programs make by the thousand, and the ring was nearly full.
    case shed
    /// Lost: whoever did it had told more than its share while the ring was half full; `Flood` says who.
    case throttled
    /// Lost: it came through the x32 system call table.
    case foreignABI = "foreign_abi"
    /// Lost: it came through io_uring, where more was under way than there is room for.
    case requests = "ring_requests"
    /// Told with an empty field, because memory could not be read.
    case readFault = "read_fault"
    /// Told with a field that was cut.
    case truncated

    /// Whether nothing is known of the event, and not only a part is missing.
    public var losesEvent: Bool {
        switch self {
        case .ringFull, .shed, .throttled, .foreignABI, .requests: true
        case .readFault, .truncated: false
        }
    }

    var wire: saker_drop {
        switch self {
        case .ringFull: SAKER_DROP_RING_FULL
        case .shed: SAKER_DROP_SHED
        case .throttled: SAKER_DROP_THROTTLED
        case .foreignABI: SAKER_DROP_FOREIGN_ABI
        case .requests: SAKER_DROP_REQUESTS
        case .readFault: SAKER_DROP_READ_FAULT
        case .truncated: SAKER_DROP_TRUNCATED
        }
    }
}

/// What the probe could not tell, by reason and kind of event, since it was loaded.
public struct DropCounts: Sendable, Hashable {
    /// Events lost because a program was already running on that CPU; of which kind they were is not known.
    public var missed: UInt64 = 0

    private var counts: [DropReason: [EventKind: UInt64]] = [:]

    /// No drops.
    public init() {}

    /// How many of a kind for a reason.
    public subscript(_ reason: DropReason, _ kind: EventKind) -> UInt64 {
        get { counts[reason]?[kind] ?? 0 }
        set {
            guard newValue > 0 || counts[reason]?[kind] != nil else { return }
            counts[reason, default: [:]][kind] = newValue
        }
    }

    /// How many for a reason.
    public subscript(_ reason: DropReason) -> UInt64 { (counts[reason] ?? [:]).values.reduce(0, &+) }

    /// Leaves a reason out.
    public mutating func removeAll(_ reason: DropReason) { counts[reason] = nil }

    /// Events of which nothing is known.
    public var lost: UInt64 { DropReason.allCases.filter(\.losesEvent).reduce(missed) { $0 &+ self[$1] } }
    /// Events of which something is missing.
    public var damaged: UInt64 { DropReason.allCases.filter { !$0.losesEvent }.reduce(0) { $0 &+ self[$1] } }

    /// Each reason by the name that metrics carry, in a fixed order.
    public var byReason: [(reason: String, count: UInt64)] {
        DropReason.allCases.map { ($0.rawValue, self[$0]) } + [("missed", missed)]
    }

    /// The lost events by kind, the most first; those of which the kind is not known are left out.
    public var lostByKind: [(kind: EventKind, count: UInt64)] {
        let kinds = EventKind.allCases.map { kind in
            (kind, DropReason.allCases.filter(\.losesEvent).reduce(UInt64(0)) { $0 &+ self[$1, kind] })
        }
        return kinds.filter { $0.1 > 0 }.sorted { ($0.1, $1.0.rawValue) > ($1.1, $0.0.rawValue) }
    }

    /// What came since `earlier`; a count that fell, because another probe took over, counts from nothing.
    public func since(_ earlier: DropCounts) -> DropCounts {
        var rest = DropCounts()
        rest.missed = missed >= earlier.missed ? missed - earlier.missed : missed
        for (reason, kinds) in counts {
            for (kind, count) in kinds {
                let before = earlier[reason, kind]
                rest[reason, kind] = count >= before ? count - before : count
            }
        }
        return rest
    }
}
