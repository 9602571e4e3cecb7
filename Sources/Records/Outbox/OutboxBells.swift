// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Wakes the courier of a destination when a message for it was kept, and counts messages that found no room.
final class OutboxBells: Sendable {
    private let bells = Mutex<[String: Bell]>([:])
    private let overflows = Mutex<[String: UInt64]>([:])

    var overflow: [String: UInt64] { overflows.withLock { $0 } }

    func bell(_ destination: String) -> Bell {
        bells.withLock { bells in
            if let known = bells[destination] { return known }
            let bell = Bell()
            bells[destination] = bell
            return bell
        }
    }

    func count(dropped destinations: [String]) {
        guard !destinations.isEmpty else { return }
        overflows.withLock { counts in
            for destination in destinations { counts[destination, default: 0] += 1 }
        }
    }
}

/// One waits, others ring; a ring that nobody waits for is kept, and one is as good as many.
final class Bell: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring() {
        let waiter = state.withLock { state in
            guard let waiter = state.waiter else {
                state.isRung = true
                return nil as CheckedContinuation<Void, Never>?
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns at the next ring, at the latest after `limit`, and at once when the task is cancelled. For one waiter at a time.
    func wait(upTo limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.heard() }
            group.addTask {
                if (try? await Task.sleep(for: limit)) != nil { self.ring() }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func heard() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = state.withLock { state in
                    if state.isRung || Task.isCancelled {
                        state.isRung = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isRung { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }
}
