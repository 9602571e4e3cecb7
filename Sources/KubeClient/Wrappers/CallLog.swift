// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The calls that a wrapper saw, oldest first; beyond `limit` they are only counted.
public final class CallLog: Sendable {
    /// Far more than any playbook makes.
    public static let limit = 10_000
    private let state = Mutex<(calls: [KubeCall], dropped: Int)>(([], 0))

    /// An empty log.
    public init() {}

    /// The calls, oldest first.
    public var calls: [KubeCall] { state.withLock { $0.calls } }

    /// How many calls came after the log was full.
    public var droppedCount: Int { state.withLock { $0.dropped } }

    func add(_ call: KubeCall) {
        state.withLock { state in
            if state.calls.count < Self.limit { state.calls.append(call) } else { state.dropped += 1 }
        }
    }
}
