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
        epoch += 1
        evaluator.reader.begin()
        for place in rules.index.places(for: event.kind) {
            let index = rules.index.rule(at: place)
            guard holds(rules.program.roots[index], event) else { continue }
            found(rules.rules[index])
            if matching == .first { return }
        }
    }

    /// True when the condition with that root holds: what `match` asks of each rule.
    mutating func holds(root: Int, _ event: borrowing Event) -> Bool {
        epoch += 1
        evaluator.reader.begin()
        return holds(rules.program.roots[root], event)
    }

    private mutating func holds(_ node: Int32, _ event: borrowing Event) -> Bool {
        switch rules.program.nodes[Int(node)] {
        case .test(let slot): return holds(slot: Int(slot), event)
        case .not(let inner): return !holds(inner, event)
        case .and(let range):
            for index in range.indices where !holds(rules.program.children[index], event) { return false }
            return true
        case .or(let range):
            for index in range.indices where holds(rules.program.children[index], event) { return true }
            return false
        }
    }

    private mutating func holds(slot: Int, _ event: borrowing Event) -> Bool {
        if memory[slot] >> 1 == epoch { return memory[slot] & 1 == 1 }
        let result = evaluator.holds(rules.program.tests[slot], event)
        memory[slot] = epoch << 1 | (result ? 1 : 0)
        return result
    }
}
