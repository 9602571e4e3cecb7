// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Two machines of one cluster may disagree by this much about the time; NTP keeps them within milliseconds.
let clockSkewSeconds = 60

/// What is destroyed for an event must be destroyed soon after it; and an event that has yet to happen tells of a wrong clock.
func eventIsFresh(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard facts.act.kind == .destructive || facts.consent != nil && facts.act.kind != .observe else { return nil }
    guard facts.eventTime.nanoseconds(since: facts.now) <= nanoseconds(clockSkewSeconds) else {
        return Refusal(
            .stale,
            "the event is of \(facts.eventTime) and it is \(facts.now) here: more than \(clockSkewSeconds) s in the future; "
                + "set the clocks of both machines by NTP")
    }
    guard let limit = settings.actWithinSeconds else { return nil }
    // Who approved the act has looked at the event, and who let the time run out was asked to.
    let seen = switch facts.consent {
    case .given(_, let time), .waived(let time): max(facts.eventTime, time)
    case nil: facts.eventTime
    }
    let age = facts.now.nanoseconds(since: seen)
    guard age > nanoseconds(limit) else { return nil }
    let what = seen == facts.eventTime ? "the event" : "the approval"
    return Refusal(
        .stale,
        "\(what) is \(age / 1_000_000_000) s old and is acted on within \(limit) s (respond.act_within); look yourself before acting")
}
