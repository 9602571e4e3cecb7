// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// The processes that ended last, oldest first: they stay in the table for records about them that come late.
struct EndedQueue {
    private var ring: [ProcessNode?]
    private var next = 0

    init(capacity: Int) {
        precondition(capacity > 0)
        ring = Array(repeating: nil, count: capacity)
    }

    /// Adds a process; returns the one whose place it takes.
    mutating func push(_ node: ProcessNode) -> ProcessNode? {
        var pushed: ProcessNode? = node
        swap(&ring[next], &pushed)
        next = (next + 1) % ring.count
        return pushed
    }

    /// Takes the oldest out.
    mutating func pop() -> ProcessNode? {
        for offset in 0..<ring.count {
            let index = (next + offset) % ring.count
            guard ring[index] != nil else { continue }
            var popped: ProcessNode?
            swap(&ring[index], &popped)
            return popped
        }
        return nil
    }
}
