// SPDX-License-Identifier: Apache-2.0

/// Brings a checked condition to its normal form: what is the same for every event is folded, `not` goes down to the comparisons,
/// and a comparison with any or all of several constants becomes several comparisons, which other rules may share.
struct Normalize {
    var slots = SlotTable()

    mutating func formula(of condition: CheckedCondition) -> Formula { formula(condition, isNegated: false) }

    private mutating func formula(_ condition: CheckedCondition, isNegated: Bool) -> Formula {
        switch condition {
        case .and(let parts): formula(parts, areAll: !isNegated, isNegated)
        case .or(let parts): formula(parts, areAll: isNegated, isNegated)
        case .not(let inner): formula(inner, isNegated: !isNegated)
        case .test(let predicate): formula(predicate, isNegated)
        case .failed: preconditionFailure("a condition with an error is never planned")
        }
    }

    private mutating func formula(_ parts: [CheckedCondition], areAll: Bool, _ isNegated: Bool) -> Formula {
        var found: [Formula] = []
        for part in parts { found.append(formula(part, isNegated: isNegated)) }
        return areAll ? .every(found) : .either(found)
    }

    private mutating func formula(_ predicate: Predicate, _ isNegated: Bool) -> Formula {
        guard predicate.isComputed(from: .syscall) else { return .constant(isNegated) }
        if let truth = Classify.constant(predicate) { return .constant(truth != isNegated) }
        switch predicate.comparison {
        case .every(.anyof, let each): return formula(each, of: predicate.left, areAll: isNegated, isNegated)
        case .every(.allof, let each) where !each.isEmpty: return formula(each, of: predicate.left, areAll: !isNegated, isNegated)
        case .every(_, let each) where each.isEmpty: return .constant(isNegated)
        case .exists, .number, .numbers, .flag, .text, .texts, .paths, .address, .addresses, .operand, .operandText, .elements,
            .every:
            return .test(slot: slots.slot(of: predicate), isNegated: isNegated)
        }
    }

    private mutating func formula(_ each: [Comparison], of left: Operand, areAll: Bool, _ isNegated: Bool) -> Formula {
        var found: [Formula] = []
        for comparison in each { found.append(formula(Predicate(left: left, comparison: comparison), isNegated)) }
        return areAll ? .every(found) : .either(found)
    }
}
