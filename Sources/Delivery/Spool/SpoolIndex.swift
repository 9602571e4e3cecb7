// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Which alerts wait, and which of them are on their way. Used by the spool's thread alone.
struct SpoolIndex {
    /// Where an alert's line is.
    enum Place: Hashable {
        case disk(SpoolFolder.Place)
        /// The disk took it not; it is kept as long as this process lives.
        case memory([UInt8])
    }

    struct Entry {
        var trace: TraceID
        var owner: SpoolQuota.Owner
        var bytes: Int
        var place: Place
    }

    private(set) var entries: [UInt64: Entry] = [:]
    private var critical = FIFO()
    private var ordinary = FIFO()
    private var nextID: UInt64 = 1

    /// How many wait, those on their way included.
    var count: Int { entries.count }

    mutating func add(_ entry: Entry) {
        entries[nextID] = entry
        putLast(nextID)
        nextID += 1
    }

    /// The next to send: grave ones first, else in order.
    mutating func next() -> (id: UInt64, entry: Entry)? {
        guard let id = critical.pop() ?? ordinary.pop(), let entry = entries[id] else { return nil }
        return (id, entry)
    }

    /// Puts one back that was not taken, in front of the others.
    mutating func putBack(_ id: UInt64) {
        guard let entry = entries[id] else { return }
        if entry.owner.isCritical { critical.putFirst(id) } else { ordinary.putFirst(id) }
    }

    mutating func remove(_ id: UInt64) -> Entry? { entries.removeValue(forKey: id) }

    var hasNext: Bool { !critical.isEmpty || !ordinary.isEmpty }

    private mutating func putLast(_ id: UInt64) {
        if entries[id]?.owner.isCritical == true { critical.put(id) } else { ordinary.put(id) }
    }
}

/// First in, first out, with a way back to the front.
struct FIFO {
    private var front: [UInt64] = []
    private var back = ArraySlice<UInt64>()

    var isEmpty: Bool { front.isEmpty && back.isEmpty }

    mutating func put(_ id: UInt64) { back.append(id) }
    mutating func putFirst(_ id: UInt64) { front.append(id) }
    mutating func pop() -> UInt64? { front.popLast() ?? back.popFirst() }
}
