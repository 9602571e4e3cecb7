// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// One actuator leaves one target alone for a while after it acted on it: an answer is not repeated. The steps of one playbook are one
/// answer to their alert, so they do not count for each other.
func targetWasLeftAlone(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    let intention = facts.act.intention
    let window = nanoseconds(settings.cooldownSeconds)
    let hits = facts.recent.filter {
        $0.actuator == intention.actuator && isSame($0.target, intention.target) && facts.now.nanoseconds(since: $0.time) < window
            && !($0.trace == intention.trace && $0.playbook == intention.playbook)
    }
    guard let last = hits.max(by: { $0.time < $1.time }) else { return nil }
    let age = facts.now.nanoseconds(since: last.time)
    // It has no number while its intention is still on the way to the journal.
    let which = last.id > 0 ? "number \(last.id)" : "for another alert"
    return Refusal(
        .cooldown,
        "\(intention.actuator) acted on this target \(seconds(age)) s ago (\(which)); it may again in \(seconds(window - age)) s")
}

/// One workload suffers only so many destructive acts within the window.
func workloadHasBudget(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    let workload = facts.act.workload
    let acts = facts.recent.filter { $0.workload == workload }
    return overspent(acts, limit: settings.budgetPerWorkload, facts, settings, whose: "workload \(workload)", key: "budget_per_workload")
}

/// The cluster suffers only so many destructive acts within the window.
func clusterHasBudget(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    overspent(facts.recent, limit: settings.budgetPerCluster, facts, settings, whose: "the cluster", key: "budget_per_cluster")
}

private func overspent(
    _ acts: [PastAct], limit: Int, _ facts: Facts, _ settings: GuardrailSettings, whose: String, key: String
) -> Refusal? {
    guard facts.act.kind == .destructive else { return nil }
    let window = nanoseconds(settings.budgetWindowSeconds)
    let ages = acts.filter { $0.kind == .destructive }.map { facts.now.nanoseconds(since: $0.time) }.filter { $0 < window }.sorted()
    guard ages.count >= limit else { return nil }
    // A place becomes free when the limit-th youngest act leaves the window.
    let wait = limit > 0 ? "; the next is possible in \(seconds(window - ages[limit - 1])) s" : ""
    return Refusal(
        .budget,
        "\(whose) saw \(ages.count) destructive acts within \(settings.budgetWindowSeconds) s, the limit is \(limit)\(wait) "
            + "(guardrails.\(key))")
}

// A UID names an object for ever; a name only as long as no UID is known.
private func isSame(_ left: TargetObject, _ right: TargetObject) -> Bool {
    if let one = left.uid, let other = right.uid { return left.kind == right.kind && one == other }
    return left.kind == right.kind && left.namespace == right.namespace && left.name == right.name
}

// Rounded up, so that a promised wait is never too short.
private func seconds(_ nanoseconds: UInt64) -> UInt64 { (nanoseconds + 999_999_999) / 1_000_000_000 }
