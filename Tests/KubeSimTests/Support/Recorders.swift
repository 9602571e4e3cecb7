// SPDX-License-Identifier: Apache-2.0
import KubeSim
import Synchronization

/// A runtime that takes its time and remembers what it was asked to end.
final class SlowRuntime: PodRuntime {
    private let ended = Mutex<[PodReference]>([])
    private let delay: Duration

    init(delay: Duration = .milliseconds(200)) { self.delay = delay }

    var terminated: [PodReference] { ended.withLock { $0 } }

    func terminate(pod: PodReference, gracePeriodSeconds: Int) async {
        try? await Task.sleep(for: delay)
        ended.withLock { $0.append(pod) }
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
