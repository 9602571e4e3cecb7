// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Process nodes by pid: open addressing with linear probing, so that a look-up costs a multiplication and mostly one read.
///
/// Not a Dictionary, which costs 8 to 17 ns more an event at this place. Holds one reference to each node.
struct PidTable: ~Copyable {
    private struct Slot {
        // 0 marks a free slot: no process that makes a syscall has it.
        var pid: Int32
        var node: Unmanaged<ProcessNode>?
    }

    private var slots: UnsafeMutablePointer<Slot>
    private var mask: Int
    private(set) var count = 0
    private var hand = 0

    init(slots initial: Int = 1024) {
        precondition(initial > 1 && initial & (initial - 1) == 0)
        mask = initial - 1
        slots = .allocate(capacity: initial)
        slots.initialize(repeating: Slot(pid: 0, node: nil), count: initial)
    }

    deinit {
        for index in 0...mask { slots[index].node?.release() }
        slots.deallocate()
    }

    subscript(pid: Int32) -> ProcessNode? {
        var index = home(pid)
        while slots[index].pid != 0 {
            if slots[index].pid == pid { return slots[index].node?.takeUnretainedValue() }
            index = (index + 1) & mask
        }
        return nil
    }

    func forEach(_ body: (ProcessNode) -> Void) {
        for index in 0...mask { if let node = slots[index].node { body(node.takeUnretainedValue()) } }
    }

    /// Files a node under its pid; returns the one that was there.
    mutating func insert(_ node: ProcessNode) -> ProcessNode? {
        precondition(node.pid > 0)
        if count * 2 > mask { grow() }
        let index = place(of: node.pid)
        let old = slots[index].node?.takeRetainedValue()
        slots[index] = Slot(pid: node.pid, node: .passRetained(node))
        if old == nil { count += 1 }
        return old
    }

    /// Takes the node of that pid out, if it is this one.
    mutating func remove(_ node: ProcessNode) -> ProcessNode? {
        let index = place(of: node.pid)
        guard let held = slots[index].node, held.toOpaque() == Unmanaged.passUnretained(node).toOpaque() else { return nil }
        clear(index)
        return held.takeRetainedValue()
    }

    /// Takes out the next node after the last that this gave: the table goes round, so that none is spared for ever.
    mutating func removeNext() -> ProcessNode? {
        for _ in 0...mask {
            hand = (hand + 1) & mask
            guard let held = slots[hand].node else { continue }
            clear(hand)
            return held.takeRetainedValue()
        }
        return nil
    }

    private func home(_ pid: Int32) -> Int {
        // Fibonacci hashing: neighbouring pids, which are the rule, land far apart and never form long runs.
        Int(truncatingIfNeeded: (UInt64(truncatingIfNeeded: pid) &* 0x9e37_79b9_7f4a_7c15) >> 32) & mask
    }

    private func place(of pid: Int32) -> Int {
        var index = home(pid)
        while slots[index].pid != 0, slots[index].pid != pid { index = (index + 1) & mask }
        return index
    }

    /// Frees a slot and moves those behind it up, so that no look-up stops early.
    private mutating func clear(_ freed: Int) {
        count -= 1
        var hole = freed
        var index = (freed + 1) & mask
        while slots[index].pid != 0 {
            let distance = (index - home(slots[index].pid)) & mask
            if distance >= (index - hole) & mask {
                slots[hole] = slots[index]
                hole = index
            }
            index = (index + 1) & mask
        }
        slots[hole] = Slot(pid: 0, node: nil)
    }

    private mutating func grow() {
        let old = slots, oldMask = mask
        mask = mask * 2 + 1
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: Slot(pid: 0, node: nil), count: mask + 1)
        for index in 0...oldMask where old[index].pid != 0 { slots[place(of: old[index].pid)] = old[index] }
        old.deallocate()
    }
}
