// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Judges one act by facts and limits alone: the first guardrail that objects decides, and what none objects to is rehearsed or
/// allowed as the mode says. A rehearsal so shows the refusal that the act itself would meet.
public func judge(_ facts: Facts, _ settings: GuardrailSettings) -> Verdict {
    for guardrail in guardrails {
        if let refusal = guardrail(facts, settings) { return .refuse(refusal) }
    }
    if let why = facts.offence?.objection(facts.act, facts.recent, now: facts.now) { return .skip(why: why) }
    let question = facts.consent == nil ? wantedApproval(facts, settings) : nil
    let people = question.map { "; \($0.people) \($0.people == 1 ? "person" : "people") would have to approve it first" } ?? ""
    switch settings.mode {
    case .rehearse: return .rehearse(why: "the mode is rehearse; say `mode: act` in saker.yaml to act\(people)")
    case .act where facts.playbookRehearses: return .rehearse(why: "the playbook says dry_run\(people)")
    case .act: return question.map { .ask($0) } ?? .allow
    }
}

/// What is asked of people: what the step says and what the limits say of its kind, the stricter of both.
private func wantedApproval(_ facts: Facts, _ settings: GuardrailSettings) -> ApprovalRule? {
    guard settings.approvalKinds.contains(facts.act.kind) else { return facts.approval }
    return facts.approval?.stricter(settings.approval) ?? settings.approval
}

typealias Guardrail = @Sendable (Facts, GuardrailSettings) -> Refusal?

// Who speaks comes first, since others are not told about what is refused to a stranger; then what stops everything, who the target is,
// what it may suffer, last how often.
private let guardrails: [Guardrail] = [
    senderMaySpeakOfIt, journalCanBeWritten, nobodySaidStop, breakerIsClosed, eventIsFresh, targetIsTheOneOfTheEvent,
    namespaceIsNotProtected, labelsAreNotProtected, nodeIsNotProtected, targetIsNotControlPlane, targetIsNotSaker, podHasItsOwnNetwork,
    reachIsSmallEnough, enoughReplicasAreReady, targetWasLeftAlone, allBudgetsHaveRoom,
]

private func journalCanBeWritten(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    facts.journalTrouble.map { Refusal(.journal, "without a record there is no act: \($0)") }
}

private func nobodySaidStop(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard let stop = facts.stop, facts.act.kind != .observe else { return nil }
    return Refusal(stop.guardrail, stop.sentence)
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
