// SPDX-License-Identifier: Apache-2.0

import EventModel
import Guardrails

func refusal(_ verdict: Verdict) -> Refusal? {
    guard case .refuse(let refusal) = verdict else { return nil }
    return refusal
}

func isRehearsal(_ verdict: Verdict) -> Bool {
    guard case .rehearse = verdict else { return false }
    return true
}

enum Given {
    static let acting = GuardrailSettings(mode: .act)

    static func time(_ second: UInt64) -> Timestamp { Timestamp(nanoseconds: (1_700_000_000 + second) * 1_000_000_000) }

    static func target(_ pod: String = "web-1", uid: String? = "uid-1") -> TargetObject {
        TargetObject(kind: "Pod", namespace: "shop", name: pod, uid: uid)
    }

    /// Facts to which no guardrail objects; `now` is in seconds after the event.
    static func facts(
        kind: ActKind = .destructive, namespace: NamespaceName = "shop", now: UInt64 = 0, recent: [PastAct] = []
    ) -> Facts {
        let intention = Intention(
            trace: "t", playbook: "p", action: "a", actuator: "kubernetes:terminate", target: target(), parameters: [:], undo: nil)
        return Facts(
            now: time(now), eventTime: time(0),
            subject: Subject(pid: 7, container: "abcdef0123456789", podUID: "uid-1", pod: "web-1", namespace: namespace),
            act: PlannedAct(intention, kind: kind, workload: "shop/Deployment/web"),
            found: LivePod(uid: "uid-1", namespace: namespace, name: "web-1", node: "n1", containers: ["containerd://abcdef0123456789"]),
            recent: recent)
    }

    static func past(
        _ second: UInt64, id: Int64 = 1, kind: ActKind = .destructive, workload: String = "shop/Deployment/web",
        actuator: ActuatorName = "kubernetes:terminate", target: TargetObject = target("web-9", uid: "uid-9"),
        trace: TraceID = "earlier", playbook: PlaybookName = "p"
    ) -> PastAct {
        PastAct(
            id: id, time: time(second), kind: kind, workload: workload, actuator: actuator, target: target, trace: trace,
            playbook: playbook)
    }

    typealias Change = (inout Facts, inout GuardrailSettings) -> Void

    /// One change that each guardrail must object to.
    static var obstacles: [(Refusal.Guardrail, Change)] {
        [
            (.journal, { facts, _ in facts.journalTrouble = "disk full" }),
            (.stopFile, { facts, _ in facts.stop = .file("/stop") }),
            (.stale, { facts, settings in (facts.now, settings.actWithinSeconds) = (time(31), 30) }),
            (.stale, { facts, _ in (facts.now, facts.eventTime) = (time(0), time(61)) }),
            (.sender, { facts, _ in facts.sender = Sender(name: "s", nodes: ["n2"], namespaces: nil) }),
            (.sender, { facts, _ in facts.sender = Sender(name: "s", nodes: nil, namespaces: ["bank"]) }),
            (.identity, { facts, _ in facts.found = nil }),
            (.identity, { facts, _ in facts.found?.uid = "uid-2" }),
            (.protectedNamespace, { facts, settings in settings.protectedNamespaces = ["shop"] }),
            (.hostNetwork, { facts, _ in (facts.needsPodNetwork, facts.found!.usesHostNetwork) = (true, true) }),
            (.minHealthy, { facts, _ in
                facts.minimumHealthy = .count(2)
                facts.found?.replicas = LivePod.Replicas(ready: 1, desired: 3)
            }),
            (.cooldown, { facts, _ in facts.recent = [past(0, target: target())] }),
            (.budget, { facts, settings in settings.budgetPerWorkload = 0 }),
            (.budget, { facts, settings in settings.budgetPerCluster = 0 }),
        ]
    }
}
