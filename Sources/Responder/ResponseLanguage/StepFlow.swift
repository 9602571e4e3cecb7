// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What a playbook says of an action beside Talon's keys: whether, how long and how often it is tried, and for how long it stays.
public struct StepFlow: Sendable, Hashable {
    /// Outcomes of earlier actions that must all hold (`when`).
    public var conditions: [StepCondition] = []
    /// From which offence on the action is done (`when`); nil for the first.
    public var offence: OffenceCount?
    /// How long it may take to read, and again to act (`timeout`), in seconds; nil for the usual time.
    public var timeoutSeconds: Int?
    /// How often it is tried again after which failures (`retry`); nil for never.
    public var retry: RetryRule?
    /// After how many seconds it takes itself back (`for`); nil when it stays.
    public var lastsSeconds: Int?
    /// What people must agree to (`approval`); nil when the playbook asks nobody.
    public var approval: ApprovalRule?
    /// The `parallel` group; actions of one number are done at the same time, nil is alone.
    public var group: Int?

    /// Says nothing: Talon's meaning.
    public init() {}

    /// True when it says whether the action is done at all: being left out then ends nothing.
    public var maySkip: Bool { !conditions.isEmpty || offence != nil || approval != nil }
}

/// An earlier action that must have ended in one of some ways.
public struct StepCondition: Sendable, Hashable {
    /// The words for how an action can have ended.
    public static let words = ["done", "skipped", "refused", "failed", "unknown"]

    /// The earlier action.
    public let action: ActionName
    /// The words of which one must be its outcome.
    public let outcomes: [String]

    /// True when the outcome is one of those; what is rehearsed counts as done.
    public func holds(_ outcome: Outcome?) -> Bool {
        guard let outcome else { return false }
        return outcomes.contains(outcome.label == "rehearsed" ? "done" : outcome.label)
    }

    /// The condition as it can be written.
    public var text: String { "\(action).\(outcomes.joined(separator: "|"))" }
}

/// The so manieth offence of one workload or target.
public struct OffenceCount: Sendable, Hashable {
    /// From the so manieth time on.
    public let times: Int
    /// Within how many seconds.
    public let windowSeconds: Int
    /// True when the target itself must be the same; else its workload.
    public let perTarget: Bool
}

/// When an action that failed is tried again. What may have happened never is.
public struct RetryRule: Sendable, Hashable {
    /// How often, at most.
    public let times: Int
    /// How long before the first try, in seconds; it doubles with each.
    public let backoffSeconds: Int
    /// The codes of failures after which it is.
    public let codes: [String]

    /// Failures that pass by themselves.
    public static let passing = ["unavailable", "tooManyRequests", "timeout", "transport", "conflict", "serverError"]

    /// True when an action that ended so is to be tried again after that many tries.
    public func wants(after outcome: Outcome, tries: Int) -> Bool {
        guard tries <= times, !outcome.mayHaveHappened, case .failed(let failure) = outcome else { return false }
        return codes.contains(failure.code)
    }
}

/// A length of time as files write it.
public enum DurationText {
    /// Seconds of `30s`, `10m`, `1h`; nil for any other text.
    public static func seconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count >= 0 else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        return overflow ? nil : seconds
    }
}
