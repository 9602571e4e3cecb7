// SPDX-License-Identifier: Apache-2.0
import KubeSim
import Synchronization

/// A runtime that remembers what it was asked to end, and ends nothing while it is held.
final class HeldRuntime: PodRuntime {
    private let asked = Mutex<[PodReference]>([])
    private let isHeld: Mutex<Bool>

    init(isHeld: Bool = false) { self.isHeld = Mutex(isHeld) }

    var terminated: [PodReference] { asked.withLock { $0 } }

    func release() { isHeld.withLock { $0 = false } }

    func terminate(pod: PodReference, gracePeriodSeconds: Int) async {
        asked.withLock { $0.append(pod) }
        _ = await eventually { !self.isHeld.withLock { $0 } }
    }
}

/// An enforcer that remembers its verdicts.
final class VerdictRecorder: NetworkEnforcer {
    struct Verdict: Hashable {
        var pod: String
        var ingress: Allowance
        var egress: Allowance
    }

    private let seen = Mutex<[Verdict]>([])

    var verdicts: [Verdict] { seen.withLock { $0 } }

    func apply(pod: PodReference, ingress: Allowance, egress: Allowance) async {
        seen.withLock { $0.append(Verdict(pod: pod.name, ingress: ingress, egress: egress)) }
    }
}

/// A clock that a test sets.
final class ManualTime: Sendable {
    private let time = Mutex<Int64>(1_800_000_000_000_000_000)

    /// Nanoseconds since 1970.
    var now: Int64 { time.withLock { $0 } }

    func advance(seconds: Int64) { time.withLock { $0 += seconds * 1_000_000_000 } }
}
