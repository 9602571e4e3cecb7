// SPDX-License-Identifier: Apache-2.0

/// How an action ended. There is no other channel: log line, history row, result file and message are rendered from this.
public enum Outcome: Sendable, Hashable, Codable {
    /// It happened, and this was read back afterwards.
    case done(Proof)
    /// It was not needed or not wanted, for the reason given; nothing was changed.
    case skipped(why: String)
    /// A guardrail forbade it; nothing was changed.
    case refused(Refusal)
    /// Nothing was changed; this is what would have happened.
    case rehearsed(would: String)
    /// It waits for a person.
    case awaiting(what: String)
    /// It was tried and did not happen.
    case failed(Failure)
    /// It may have happened: a person must look at what is named here.
    case unknown(check: String)

    /// A word from a bounded set, safe as a metric label.
    public var label: String {
        switch self {
        case .done: "done"
        case .skipped: "skipped"
        case .refused: "refused"
        case .rehearsed: "rehearsed"
        case .awaiting: "awaiting"
        case .failed: "failed"
        case .unknown: "unknown"
        }
    }

    /// One sentence a person can act on.
    public var sentence: String {
        switch self {
        case .done(let proof): proof.sentence
        case .skipped(let why): why
        case .refused(let refusal): "\(refusal.guardrail.rawValue): \(refusal.sentence)"
        case .rehearsed(let would): would
        case .awaiting(let what): what
        case .failed(let failure): failure.message
        case .unknown(let check): check
        }
    }

    /// True when something was changed, or may have been: what budgets and cooldowns count, and what can be taken back.
    public var mayHaveHappened: Bool {
        switch self {
        case .done, .unknown: true
        // A function that ran and then failed has done something all the same, and so has an act of several steps.
        case .failed(let failure): [Failure.functionFailed, Failure.incomplete].contains(failure.code)
        case .skipped, .refused, .rehearsed, .awaiting: false
        }
    }

    /// True when it was tried and went wrong, or nobody knows how it went: what the circuit breaker counts.
    public var isError: Bool {
        switch self {
        case .failed, .unknown: true
        case .done, .skipped, .refused, .rehearsed, .awaiting: false
        }
    }

    /// True when it was tried, so that its end tells whether acts succeed at present.
    public var saysHowItWent: Bool {
        switch self {
        case .done, .failed, .unknown: true
        case .skipped, .refused, .rehearsed, .awaiting: false
        }
    }

    /// True when the playbook's later actions should not run unless `ignore_errors` says so.
    public var stopsPlaybook: Bool {
        switch self {
        case .done, .skipped, .rehearsed: false
        case .refused, .awaiting, .failed, .unknown: true
        }
    }
}

/// What was read back after an act, so that "done" is more than the absence of an error.
public struct Proof: Sendable, Hashable, Codable {
    /// What is true now, in one sentence.
    public var sentence: String
    /// What was read: object, resourceVersion, labels, and the like.
    public var readBack: [String: JSONValue]

    /// States what was read back.
    public init(_ sentence: String, readBack: [String: JSONValue] = [:]) {
        self.sentence = sentence
        self.readBack = readBack
    }
}

/// A guardrail's No, with the numbers that led to it.
public struct Refusal: Sendable, Hashable, Codable {
    /// Which rule of restraint spoke.
    public enum Guardrail: String, Sendable, Codable, CaseIterable {
        case identity, protectedNamespace, hostNetwork, budget, cooldown, stopFile, minHealthy, owner, ownership, journal, stale, sender
        case stopSwitch, protectedLabel, protectedNode, controlPlane, ownPods, breaker, blastRadius, approval
    }

    /// The guardrail.
    public var guardrail: Guardrail
    /// Why, with numbers, and what a person can do.
    public var sentence: String

    /// States who refused and why.
    public init(_ guardrail: Guardrail, _ sentence: String) {
        self.guardrail = guardrail
        self.sentence = sentence
    }
}

/// What went wrong in an action that was tried.
public struct Failure: Sendable, Hashable, Codable {
    /// The code of a function that was run and failed.
    public static let functionFailed = "functionFailed"
    /// The code of an act of several steps of which only some were done: what they changed can be taken back.
    public static let incomplete = "incomplete"

    /// A word from a bounded set such as `forbidden`, `notFound`, `conflict`, `timeout`, `unavailable`, `transport`.
    public var code: String
    /// A sentence that says what failed and what to do.
    public var message: String

    /// States what failed.
    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
