// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Makes the kernel's filter of rules: of each kind, what a rule that is run for it could match.
///
/// Each comparison becomes what the kernel can see of it, or nothing to ask for where it cannot see; `and` and `or` are then carried
/// out on these. A step that would grow too large leaves a part out, which lets more through.
struct FilterPlan {
    private let predicates: [Predicate]
    /// More alternatives than these of one condition are not multiplied out.
    private static let limit = 48

    /// What the rules could match; `formulas` are theirs, over these predicates.
    static func filter(of rules: [PlannedRule]) -> EventFilter {
        var normalize = Normalize()
        let formulas = rules.map { $0.types == nil ? Formula.constant(false) : normalize.formula(of: $0.condition) }
        let plan = FilterPlan(predicates: normalize.slots.predicates)
        var filter = EventFilter()
        for kind in EventKind.allCases where kind.canBeFiltered {
            let run = zip(rules, formulas).filter { rule, _ in rule.types?.accepts(kind) ?? false }
            filter.narrow(kind, to: Self.joined(run.flatMap { plan.alternatives(of: $1, kind) }))
        }
        return filter
    }

    private func alternatives(of formula: Formula, _ kind: EventKind) -> [EventFilter.Alternative] {
        switch formula {
        case .constant(let value): value ? [EventFilter.Alternative()] : []
        case .test(let slot, let isNegated):
            [FilterQuestion(predicates[Int(slot)], isNegated: isNegated, kind).alternative].filter(\.isPossible)
        case .any(let parts): Self.joined(parts.flatMap { alternatives(of: $0, kind) })
        case .all(let parts):
            parts.map { alternatives(of: $0, kind) }.sorted { $0.count < $1.count }
                .reduce([EventFilter.Alternative()]) { Self.both($0, $1) }
        }
    }

    private static func both(_ one: [EventFilter.Alternative], _ other: [EventFilter.Alternative]) -> [EventFilter.Alternative] {
        guard one.count * other.count <= limit * limit else { return one }
        let product = joined(one.flatMap { left in other.map { left.and($0) } }.filter(\.isPossible))
        return product.count <= limit ? product : one
    }

    // What asks for nothing takes all others in; two that differ in one part become one, which may then differ in one part from a third.
    private static func joined(_ alternatives: [EventFilter.Alternative]) -> [EventFilter.Alternative] {
        var kept: [EventFilter.Alternative] = []
        for alternative in alternatives {
            var next = alternative
            while let index = kept.firstIndex(where: { $0.or(next) != nil }) {
                next = kept.remove(at: index).or(next) ?? next
            }
            if next == EventFilter.Alternative() { return [next] }
            kept.append(next)
        }
        return kept
    }
}

extension EventKind {
    /// False for what more than rules lives on: the process table on some, and the comparison of strings that a call was given, which
    /// must not be spared, on others. Opens are compared by the filter itself.
    var canBeFiltered: Bool {
        switch family {
        case .exec, .fork, .exit, .snapshot: false
        case .open, .connect: true
        case .call: self != .chdir && self != .fchdir && !Self.comparable.contains(self)
        }
    }
}
