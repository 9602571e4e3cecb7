// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// The requests under way and the connections they came on, so that ending waits for the first and not for the second.
final class OpenRequests: Sendable {
    private struct State {
        var count = 0
        var isEnding = false
        var channels: [ObjectIdentifier: any Channel] = [:]
    }

    private let state = Mutex(State())

    /// Counts a request; false when no more are taken.
    func begin(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let (mayGoOn, isNew) = state.withLock { state in
            let isNew = state.channels.updateValue(channel, forKey: id) == nil
            if !state.isEnding { state.count += 1 }
            return (!state.isEnding, isNew)
        }
        if isNew { channel.closeFuture.whenComplete { [weak self] _ in self?.forget(id) } }
        return mayGoOn
    }

    func end() { state.withLock { $0.count -= 1 } }

    /// Takes no more requests, waits for those under way at most so long, and closes all connections.
    func close(within limit: Duration) async {
        state.withLock { $0.isEnding = true }
        let deadline = ContinuousClock.now + limit
        while state.withLock({ $0.count > 0 }), ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(10)) }
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(mode: .all, promise: nil) }
    }

    private func forget(_ id: ObjectIdentifier) { state.withLock { _ = $0.channels.removeValue(forKey: id) } }
}
