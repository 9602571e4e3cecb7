// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// How many rules may match one event.
public enum RuleMatching: String, Sendable, CaseIterable {
    /// The first in definition order (the dialect's default).
    case first
    /// Each one.
    case all
}

/// Runs events through a rule set. It keeps memory between events, so each thread has its own; an event that matches nothing
/// allocates nothing.
public struct RuleMatcher {
    /// The rules.
    public let rules: RuleSet
    /// How many rules may match one event.
    public let matching: RuleMatching

    var evaluator: Evaluator
    // What each slot came to, and for which event: the event's own number shifted by one, and the result in the last bit.
    private var memory: [UInt64]
    private var epoch: UInt64 = 0

    /// Makes a matcher; `hostname` and `userNames` answer for fields that an event does not carry.
    public init(
        _ rules: RuleSet, matching: RuleMatching = .first, hostname: String = "",
        userNames: @escaping UserNames = { uid, _ in uid == 0 ? "root" : nil }
    ) {
        self.rules = rules
        self.matching = matching
        evaluator = Evaluator(rules.program, reader: FieldReader(hostname: hostname, userNames: userNames))
        memory = [UInt64](repeating: 0, count: rules.program.tests.count)
    }

    /// Calls `found` with each rule that matches, in definition order.
    public mutating func match(_ event: borrowing Event, _ found: (borrowing Rule) -> Void) {
        var place = begin(event)
        while let index = next(event, from: &place) {
            found(rules.rules[index])
            if matching == .first { return }
        }
    }

    /// True when a rule matches.
    mutating func matches(_ event: borrowing Event) -> Bool {
        var place = begin(event)
        return next(event, from: &place) != nil
    }

    private mutating func begin(_ event: borrowing Event) -> Int32 {
        epoch += 1
        evaluator.reader.begin()
        return rules.program.entries[Int(event.kind.rawValue)]
    }

    /// Walks on to the next rule that matches.
    private mutating func next(_ event: borrowing Event, from place: inout Int32) -> Int? {
        while place >= 0 {
            let step = rules.program.steps[Int(place)]
            guard step.slot >= 0 else {
                place = step.whenTrue
                return Int(~step.slot)
            }
            place = holds(slot: Int(step.slot), event) ? step.whenTrue : step.whenFalse
        }
        return nil
    }

    private mutating func holds(slot: Int, _ event: borrowing Event) -> Bool {
        if memory[slot] >> 1 == epoch { return memory[slot] & 1 == 1 }
        let result = evaluator.holds(rules.program.tests[slot], event)
        memory[slot] = epoch << 1 | (result ? 1 : 0)
        return result
    }
}
