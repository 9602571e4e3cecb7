// SPDX-License-Identifier: Apache-2.0

/// A condition over slots in negation normal form: `not` stands only before a comparison, no part is of its parent's kind, and no
/// part is a constant.
indirect enum Formula: Hashable {
    case constant(Bool)
    case test(slot: Int32, isNegated: Bool)
    case all([Formula])
    case any([Formula])

    /// True when all parts are.
    static func every(_ parts: [Formula]) -> Formula { joined(parts, isAll: true) }

    /// True when one part is.
    static func either(_ parts: [Formula]) -> Formula { joined(parts, isAll: false) }

    // A part that decides the whole ends it, one that decides nothing is left out, and so is one that was said before.
    private static func joined(_ parts: [Formula], isAll: Bool) -> Formula {
        var kept: [Formula] = []
        var seen: Set<Formula> = []
        for part in parts.flatMap({ $0.parts(ofAll: isAll) }) where seen.insert(part).inserted {
            switch part {
            case .constant(let value):
                if value != isAll { return part }
            case .test, .all, .any: kept.append(part)
            }
        }
        if kept.count == 1 { return kept[0] }
        return kept.isEmpty ? .constant(isAll) : isAll ? .all(kept) : .any(kept)
    }

    private func parts(ofAll isAll: Bool) -> [Formula] {
        switch self {
        case .all(let parts): isAll ? parts : [self]
        case .any(let parts): isAll ? [self] : parts
        case .constant, .test: [self]
        }
    }

    /// What must all hold.
    var conjuncts: [Formula] {
        switch self {
        case .all(let parts): parts
        case .constant(true): []
        case .constant, .test, .any: [self]
        }
    }

    /// All slots in it, repeats among them.
    var slots: [Int32] {
        switch self {
        case .constant: []
        case .test(let slot, _): [slot]
        case .all(let parts), .any(let parts): parts.flatMap(\.slots)
        }
    }

    /// The same with the parts of each `and` and `or` in the order in which they are expected to decide it at the least cost; they are
    /// pure, so their order is free.
    func ordered(by expected: (Int32) -> Expectation) -> Formula { priced(expected).formula }

    private func priced(_ expected: (Int32) -> Expectation) -> (formula: Formula, expectation: Expectation) {
        switch self {
        case .constant(let value): return (self, Expectation(cost: 0, truth: value ? 1 : 0))
        case .test(let slot, let isNegated):
            let expectation = expected(slot)
            return (self, isNegated ? expectation.negated : expectation)
        case .all(let parts):
            let priced = parts.map { $0.priced(expected) }.inOrder { $0.expectation.costUntilFalse }
            return (.all(priced.map(\.formula)), .all(priced.map(\.expectation)))
        case .any(let parts):
            let priced = parts.map { $0.priced(expected) }.inOrder { $0.expectation.costUntilTrue }
            return (.any(priced.map(\.formula)), .any(priced.map(\.expectation)))
        }
    }
}

extension Array {
    // Stable, so that what is expected to cost the same stays as it was written.
    fileprivate func inOrder(_ cost: (Element) -> Double) -> [Element] {
        enumerated().map { (offset: $0.offset, cost: cost($0.element), element: $0.element) }
            .sorted { ($0.cost, $0.offset) < ($1.cost, $1.offset) }.map(\.element)
    }
}
