// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Judges one act by facts and limits alone: the first guardrail that objects decides, and what none objects to is rehearsed or
/// allowed as the mode says. A rehearsal so shows the refusal that the act itself would meet.
public func judge(_ facts: Facts, _ settings: GuardrailSettings) -> Verdict {
    for guardrail in guardrails {
        if let refusal = guardrail(facts, settings) { return .refuse(refusal) }
    }
    switch settings.mode {
    case .rehearse: return .rehearse(why: "the mode is rehearse; say `mode: act` in saker.yaml to act")
    case .act where facts.playbookRehearses: return .rehearse(why: "the playbook says dry_run")
    case .act: return .allow
    }
}

typealias Guardrail = @Sendable (Facts, GuardrailSettings) -> Refusal?

// Who speaks comes first, since others are not told about what is refused to a stranger; then what stops everything, who the target is,
// what it may suffer, last how often.
private let guardrails: [Guardrail] = [
    senderMaySpeakOfIt, journalCanBeWritten, nobodySaidStop, eventIsFresh, targetIsTheOneOfTheEvent, namespaceIsNotProtected,
    podHasItsOwnNetwork, enoughReplicasAreReady, targetWasLeftAlone, workloadHasBudget, clusterHasBudget,
]

private func journalCanBeWritten(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    facts.journalTrouble.map { Refusal(.journal, "without a record there is no act: \($0)") }
}

private func nobodySaidStop(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard facts.stopFilePresent, facts.act.kind != .observe else { return nil }
    return Refusal(.stopFile, "the stop file \(settings.stopFile ?? "") is there; remove it to let Saker act again")
}

private func namespaceIsNotProtected(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard facts.act.kind != .observe else { return nil }
    let named = [facts.found?.namespace, facts.subject.namespace, facts.act.intention.target.home].compactMap { $0 }
    guard let hit = named.first(where: settings.protectedNamespaces.contains) else { return nil }
    return Refusal(.protectedNamespace, "nothing in namespace \(hit) is ever changed; see guardrails.protected_namespaces")
}

private func podHasItsOwnNetwork(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard facts.needsPodNetwork, let pod = facts.found, pod.usesHostNetwork else { return nil }
    return Refusal(
        .hostNetwork, "pod \(pod.namespace)/\(pod.name) uses the host's network, which no network policy cuts; cordon its node or stop it")
}

private func enoughReplicasAreReady(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard let wanted = facts.minimumHealthy, let replicas = facts.found?.replicas else { return nil }
    return wanted.shortfall(ready: replicas.ready, desired: replicas.desired).map { Refusal(.minHealthy, $0) }
}

func nanoseconds(_ seconds: Int) -> UInt64 { UInt64(max(0, seconds)) * 1_000_000_000 }
