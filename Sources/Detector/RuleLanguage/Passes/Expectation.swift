// SPDX-License-Identifier: Apache-2.0

/// What it is expected to cost to answer a part of a condition, in nanoseconds, and how likely the answer is yes.
struct Expectation {
    var cost: Double
    var truth: Double

    /// The same for the opposite.
    var negated: Expectation { Expectation(cost: cost, truth: 1 - truth) }

    /// What is spent for each no: the parts of an `and` cost least in ascending order of it.
    var costUntilFalse: Double { cost / max(1 - truth, Self.rarest) }

    /// What is spent for each yes: the parts of an `or` cost least in ascending order of it.
    var costUntilTrue: Double { cost / max(truth, Self.rarest) }

    private static let rarest = 1e-9

    /// Of an `and` that asks its parts in that order, each only when all before it are true.
    static func all(_ parts: [Expectation]) -> Expectation {
        parts.reduce(Expectation(cost: 0, truth: 1)) { so, part in
            Expectation(cost: so.cost + so.truth * part.cost, truth: so.truth * part.truth)
        }
    }

    /// Of an `or`.
    static func any(_ parts: [Expectation]) -> Expectation { all(parts.map(\.negated)).negated }
}

/// What is expected of each comparison of a program: as it was measured, or by its kind where it was not.
struct Expectations {
    private let measured: [Expectation?]

    init(measured costs: RuleCosts? = nil) { measured = costs?.expectations ?? [] }

    func expectation(of slot: Int32, in program: Program) -> Expectation {
        if measured.indices.contains(Int(slot)), let found = measured[Int(slot)] { return found }
        return Expectation(cost: Self.cost(of: slot, in: program), truth: 0.5)
    }

    // Roughly: those that are remembered cost least, and a unit's are given with one look.
    private static func cost(of slot: Int32, in program: Program) -> Double {
        let facts = program.slots[Int(slot)], test = program.tests[Int(slot)]
        if facts.scope == .shape { return 1 }
        if facts.scope == .line || facts.unit >= 0 { return 2 }
        if case .text(.regex) = test.operation { return 500 }
        if case .values = test.operation { return 1000 }
        if test.left.transformers.count > 0 || [.threadCapEffective, .threadCapPermitted].contains(test.left.field) { return 200 }
        return test.left.type == .text ? 50 : 10
    }
}

extension RuleCosts {
    /// Fewer answers tell too little.
    private static let fewest: UInt64 = 32
    /// What it costs to look up an answer that is remembered.
    private static let remembered = 1.0

    /// By slot; nil for a comparison that was hardly asked. What was spent on a comparison is shared by all its answers, also those that
    /// were remembered. A group is nearly always looked up before a condition is walked, so its answers cost no more than to remember.
    fileprivate var expectations: [Expectation?] {
        comparisons.map { comparison in
            guard comparison.asked >= Self.fewest else { return nil }
            let cost = comparison.group == nil ? Double(comparison.nanoseconds) / Double(comparison.asked) : 0
            // One yes and one no are put to what was seen: what was never seen is rare, not impossible.
            let truth = (Double(comparison.held) + 1) / (Double(comparison.asked) + 2)
            return Expectation(cost: Self.remembered + cost, truth: truth)
        }
    }
}
