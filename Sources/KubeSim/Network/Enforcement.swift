// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Hands changed verdicts to the enforcer, one at a time; the newest verdict of a pod replaces one that still waits.
final class Enforcement: Sendable {
    private struct Desk {
        var last: [PodReference: NetworkVerdict] = [:]
        var waiting: [PodReference: NetworkVerdict] = [:]
        var isDraining = false
        var isStopped = false
    }

    private let enforcer: (any NetworkEnforcer)?
    private let desk = Mutex(Desk())

    init(_ enforcer: (any NetworkEnforcer)?) {
        self.enforcer = enforcer
    }

    /// Compares every pod's verdict with the one it had; a pod that was not there before had an open network.
    func judge(pods: [JSON], policies: [NetworkPolicy]) {
        guard enforcer != nil else { return }
        let verdicts = Dictionary(
            pods.map { (PodReference($0), NetworkVerdict.of($0, policies)) }, uniquingKeysWith: { _, last in last })
        let mustStart = desk.withLock { desk in
            for (pod, verdict) in verdicts {
                let last = desk.last[pod] ?? .open
                if (last.ingress, last.egress) != (verdict.ingress, verdict.egress) { desk.waiting[pod] = verdict }
            }
            desk.last = verdicts
            desk.waiting = desk.waiting.filter { verdicts[$0.key] != nil }
            guard !desk.isDraining, !desk.isStopped, !desk.waiting.isEmpty else { return false }
            desk.isDraining = true
            return true
        }
        if mustStart { Task { await drain() } }
    }

    /// Lets nothing more reach the enforcer.
    func stop() {
        desk.withLock { $0.isStopped = true }
    }

    private func drain() async {
        while let (pod, verdict) = next() {
            await enforcer?.apply(pod: pod, ingress: verdict.ingress, egress: verdict.egress)
        }
    }

    private func next() -> (PodReference, NetworkVerdict)? {
        desk.withLock { desk in
            guard !desk.isStopped, let pod = desk.waiting.keys.first, let verdict = desk.waiting.removeValue(forKey: pod) else {
                desk.isDraining = false
                return nil
            }
            return (pod, verdict)
        }
    }
}

extension PodReference {
    init(_ pod: JSON) {
        self.init(
            namespace: pod["metadata", "namespace"]?.string ?? "", name: pod["metadata", "name"]?.string ?? "",
            uid: pod["metadata", "uid"]?.string ?? "")
    }
}
