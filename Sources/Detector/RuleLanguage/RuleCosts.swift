// SPDX-License-Identifier: Apache-2.0

/// What the rules of a set and their comparisons cost over the events that were matched with it; see `RuleMatcher.match(_:costs:_:)`.
/// Reading the clock costs as well and is in every time.
public struct RuleCosts: Sendable {
    /// What one rule cost.
    public struct OfRule: Sendable, Hashable {
        /// The rule's place in `RuleSet.rules`.
        public var rule: Int
        /// For how many events its condition was walked: for the others, shape, process or texts had ruled it out.
        public var walks: UInt64
        /// How many events it matched.
        public var matches: UInt64
        /// How long its walks took, with the comparisons that they were the first to ask.
        public var nanoseconds: UInt64
    }

    /// What one comparison cost; all rules that make it share it.
    public struct OfComparison: Sendable, Hashable {
        /// The comparison in the rule language.
        public var text: String
        /// How often a rule's walk asked for it.
        public var asked: UInt64
        /// How many of these answers were yes.
        public var held: UInt64
        /// How often it was made by itself; the other answers were remembered, or came with those of a group.
        public var evaluations: UInt64
        /// How often it was true when it was made by itself.
        public var trues: UInt64
        /// How long that took.
        public var nanoseconds: UInt64
        /// The place in `groups` of the group that answers it; nil when it is made by itself.
        public var group: Int?
    }

    /// What it cost to answer all comparisons of one text of one manner together.
    public struct OfGroup: Sendable, Hashable {
        /// The field whose text is looked up.
        public var text: String
        /// How many comparisons one look answers.
        public var comparisons: Int
        /// How often the text was looked up.
        public var evaluations: UInt64
        /// How long that took.
        public var nanoseconds: UInt64
    }

    /// How many events were matched.
    public private(set) var events: UInt64 = 0
    /// One for each rule, in definition order.
    public private(set) var rules: [OfRule]
    /// One for each distinct comparison of the enabled rules.
    public private(set) var comparisons: [OfComparison]
    /// One for each group.
    public private(set) var groups: [OfGroup]

    private let clock: @Sendable () -> UInt64

    /// Begins with nothing for a set of rules; `clock` tells nanoseconds.
    public init(of set: RuleSet, clock: @escaping @Sendable () -> UInt64) {
        let program = set.program
        rules = set.rules.indices.map { OfRule(rule: $0, walks: 0, matches: 0, nanoseconds: 0) }
        comparisons = zip(program.predicates, program.slots).map { predicate, facts in
            OfComparison(
                text: predicate.text, asked: 0, held: 0, evaluations: 0, trues: 0, nanoseconds: 0,
                group: facts.unit < 0 ? nil : Int(facts.unit))
        }
        groups = program.units.map { unit in
            let text = program.predicates[Int(unit.slots[0])].left.text
            return OfGroup(text: text, comparisons: unit.slots.count, evaluations: 0, nanoseconds: 0)
        }
        self.clock = clock
    }

    mutating func countEvent() { events += 1 }
}

extension RuleCosts: Meter {
    func now() -> UInt64 { clock() }

    func beginWalk() -> UInt64 { clock() }

    private func elapsed(since start: UInt64) -> UInt64 {
        let now = clock()
        return now > start ? now - start : 0
    }

    mutating func answered(slot: Int, _ result: Bool) {
        comparisons[slot].asked += 1
        comparisons[slot].held += result ? 1 : 0
    }

    mutating func evaluated(slot: Int, _ result: Bool, since start: UInt64) {
        comparisons[slot].evaluations += 1
        comparisons[slot].trues += result ? 1 : 0
        comparisons[slot].nanoseconds += elapsed(since: start)
    }

    mutating func looked(unit: Int, since start: UInt64) {
        groups[unit].evaluations += 1
        groups[unit].nanoseconds += elapsed(since: start)
    }

    mutating func walked(rule: Int, _ result: Bool, since start: UInt64) {
        rules[rule].walks += 1
        rules[rule].matches += result ? 1 : 0
        rules[rule].nanoseconds += elapsed(since: start)
    }
}
