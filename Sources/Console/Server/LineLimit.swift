// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Synchronization

/// Lets so many lines a minute through to a log, so that strangers cannot fill a disk; what was held back is counted in the next one.
final class LineLimit: Sendable {
    private struct State {
        var minute: UInt64 = 0
        var said = 0
        var held = 0
    }

    private let state = Mutex(State())
    private let most: Int
    private let now: @Sendable () -> Timestamp
    private let write: @Sendable (String) -> Void

    init(_ most: Int, now: @escaping @Sendable () -> Timestamp, write: @escaping @Sendable (String) -> Void) {
        self.most = most
        self.now = now
        self.write = write
    }

    func log(_ line: String) {
        let minute = now().nanoseconds / 60_000_000_000
        let text: String? = state.withLock { state in
            if state.minute != minute { (state.minute, state.said) = (minute, 0) }
            guard state.said < most else {
                state.held += 1
                return nil
            }
            state.said += 1
            defer { state.held = 0 }
            return state.held > 0 ? "\(line) (and \(state.held) lines like it before)" : line
        }
        if let text { write(text) }
    }
}
