// SPDX-License-Identifier: Apache-2.0

/// How many people must agree to an act before it is done, and what happens when they do not answer.
public struct ApprovalRule: Sendable, Hashable, Codable {
    /// What happens when the time is over and too few have answered.
    public enum Otherwise: String, Sendable, Hashable, Codable, CaseIterable {
        /// The act is left out.
        case skip
        /// The act is done all the same.
        case act
    }

    /// How many different people must agree, 1 or 2.
    public var people: Int
    /// How long they have, in seconds.
    public var expiresSeconds: Int
    /// What happens after that.
    public var otherwise: Otherwise

    /// States what is asked for.
    public init(people: Int = 1, expiresSeconds: Int = 900, otherwise: Otherwise = .skip) {
        self.people = people
        self.expiresSeconds = expiresSeconds
        self.otherwise = otherwise
    }

    /// What satisfies both: more people, less time, and no act without an answer unless both say so.
    public func stricter(_ other: ApprovalRule) -> ApprovalRule {
        ApprovalRule(
            people: max(people, other.people), expiresSeconds: min(expiresSeconds, other.expiresSeconds),
            otherwise: otherwise == .act && other.otherwise == .act ? .act : .skip)
    }

    /// What is asked, in one sentence.
    public var question: String {
        let end = otherwise == .act ? "it is done" : "it is left out"
        return "\(people == 1 ? "one person" : "\(people) different people") must approve it within \(expiresSeconds) s; else \(end): "
            + "`saker pending` shows it, `saker approve` and `saker deny` answer"
    }

    /// When the time of a question that was asked then is over.
    public func deadline(asked: Timestamp) -> Timestamp {
        Timestamp(nanoseconds: asked.nanoseconds + UInt64(max(0, expiresSeconds)) * 1_000_000_000)
    }
}

/// What one person answered.
public struct ApprovalVote: Sendable, Hashable, Codable {
    /// Who.
    public var by: String
    /// True for yes.
    public var approves: Bool
    /// Why; empty when it was not said.
    public var reason: String
    /// When.
    public var time: Timestamp

    /// States an answer.
    public init(by: String, approves: Bool, reason: String = "", at time: Timestamp) {
        self.by = by
        self.approves = approves
        self.reason = reason
        self.time = time
    }

    /// True when the two are one person, however the name is written.
    public func isSamePerson(as other: ApprovalVote) -> Bool { by.lowercased() == other.by.lowercased() }
}

/// Where a question to people stands.
public enum ApprovalState: Sendable, Hashable {
    /// So many more people must agree, until then.
    case waiting(missing: Int, until: Timestamp)
    /// Enough people agreed, the last one then.
    case approved(by: [String], at: Timestamp)
    /// One said no.
    case denied(ApprovalVote)
    /// The time was over before enough people had agreed.
    case expired(ApprovalRule.Otherwise)

    /// Reads the state from the answers: one No decides, the same person counts once, and what comes after the deadline does not count.
    public init(_ rule: ApprovalRule, asked: Timestamp, votes: [ApprovalVote], now: Timestamp) {
        let deadline = rule.deadline(asked: asked)
        let valid = votes.filter { $0.time <= deadline }
        if let denial = valid.first(where: { !$0.approves }) {
            self = .denied(denial)
            return
        }
        var different: [ApprovalVote] = []
        for vote in valid where !different.contains(where: { $0.isSamePerson(as: vote) }) { different.append(vote) }
        if different.count >= rule.people, let last = different.prefix(rule.people).last {
            self = .approved(by: different.map(\.by), at: last.time)
        } else if now > deadline {
            self = .expired(rule.otherwise)
        } else {
            self = .waiting(missing: rule.people - different.count, until: deadline)
        }
    }
}
