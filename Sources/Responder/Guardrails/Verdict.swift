// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What the guardrails say of one act.
public enum Verdict: Sendable, Hashable {
    /// It may be done.
    case allow
    /// Nothing may be changed; it is shown what would have happened.
    case rehearse(why: String)
    /// It is not for this one.
    case skip(why: String)
    /// People must agree first.
    case ask(ApprovalRule)
    /// It must not be done.
    case refuse(Refusal)
}
