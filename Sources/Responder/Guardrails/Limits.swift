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

// A UID names an object for ever; a name only as long as no UID is known.
func isSame(_ left: TargetObject, _ right: TargetObject) -> Bool {
    if let one = left.uid, let other = right.uid { return left.kind == right.kind && one == other }
    return left.kind == right.kind && left.namespace == right.namespace && left.name == right.name
}

// Rounded up, so that a promised wait is never too short.
func seconds(_ nanoseconds: UInt64) -> UInt64 { (nanoseconds + 999_999_999) / 1_000_000_000 }
