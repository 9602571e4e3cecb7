// SPDX-License-Identifier: Apache-2.0

/// Lets those who share a key go one after the other, in the order in which they came.
actor Turns {
    enum Key: Hashable {
        /// Everything that is done to one target.
        case target(String)
        /// Reading the past acts out of the journal.
        case history
    }

    private var waiting: [Key: [CheckedContinuation<Void, Never>]] = [:]

    func begin(_ key: Key) async {
        guard waiting[key] != nil else {
            waiting[key] = []
            return
        }
        await withCheckedContinuation { waiting[key]?.append($0) }
    }

    func end(_ key: Key) {
        guard var queue = waiting[key], !queue.isEmpty else {
            waiting[key] = nil
            return
        }
        let next = queue.removeFirst()
        waiting[key] = queue
        next.resume()
    }
}

/// Runs something for at most so long; nil when the time is over, and then the task is cancelled and waited for.
func within<Value: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async -> Value) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await body() }
        group.addTask {
            try? await Task.sleep(for: limit)
            return nil
        }
        let first = await group.next() ?? nil
        group.cancelAll()
        return first
    }
}
