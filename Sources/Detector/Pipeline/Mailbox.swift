// SPDX-License-Identifier: Apache-2.0

internal import Capture
internal import Glibc
internal import RuleLanguage
internal import Synchronization

/// What other threads want of the detection thread, which looks here between two records.
final class Mailbox: Sendable {
    private struct State {
        var tap: KernelTap
        var needs: TapNeeds
        var nextTap: KernelTap?
        var rules: RuleSet?
        var isStopping = false
        var hasEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    // From which moment on the rules that wait are to judge, in nanoseconds since boot; the far end of time when none wait.
    private let rulesTime = Atomic(UInt64.max)
    // Records of this moment and later are the next tap's, in nanoseconds since boot.
    private let endTime = Atomic(UInt64.max)

    init(tap: KernelTap, needs: TapNeeds) { state = Mutex(State(tap: tap, needs: needs)) }

    /// The tap that is read, or is about to be.
    var tap: KernelTap { state.withLock { $0.nextTap ?? $0.tap } }

    /// What that tap tells.
    var needs: TapNeeds { state.withLock { $0.needs } }

    @inline(__always)
    var rulesBegin: UInt64 { rulesTime.load(ordering: .relaxed) }

    @inline(__always)
    var end: UInt64 { endTime.load(ordering: .relaxed) }

    /// Has the thread judge all that happens from now on by other rules: what waits in the ring was told for the former ones.
    func put(_ rules: RuleSet) {
        state.withLock { state in
            state.rules = rules
            // Rules that nobody has taken yet are never in force: what happened since they were put here is judged by these.
            let now = WireDecoder.bootTime()
            rulesTime.store(min(now, rulesTime.load(ordering: .relaxed)), ordering: .relaxed)
        }
    }

    /// Has the thread change over to another tap, which is attached already.
    func put(_ rules: RuleSet, _ next: KernelTap, _ needs: TapNeeds) {
        put(rules)
        let former = state.withLock { state in
            let former = state.tap
            state.nextTap = next
            state.needs = needs
            return former
        }
        endTime.store(WireDecoder.bootTime(), ordering: .relaxed)
        // A program that began just before that moment may still be writing its record; it takes microseconds.
        usleep(2_000)
        former.stop()
    }

    func takeRules() -> RuleSet? {
        state.withLock { state in
            rulesTime.store(.max, ordering: .relaxed)
            defer { state.rules = nil }
            return state.rules
        }
    }

    /// The tap to go on with, and the moment from which its records count; nil when the run is over.
    func takeTap() -> (KernelTap?, UInt64) {
        state.withLock { state in
            guard let next = state.nextTap, !state.isStopping else { return (nil, 0) }
            state.tap = next
            state.nextTap = nil
            return (next, endTime.exchange(.max, ordering: .relaxed))
        }
    }

    func stop() {
        let tap = state.withLock { state in
            state.isStopping = true
            return state.tap
        }
        tap.stop()
    }

    func finish() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }

    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.hasEnded { state.waiting.append(continuation) }
                return state.hasEnded
            }
            if isOver { continuation.resume() }
        }
    }
}
