// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText

/// A comparison that cannot be made.
struct CheckError: Error {
    var message: String
    var place: Place
    /// True when a name is not known: `skip-if-unknown-filter` then leaves the rule out instead.
    var isUnknownName = false
}

/// Pass 5: fields, operators and constants are looked up and fitted together, by what events of the rule's source have.
struct Check {
    private let operands: OperandCheck
    private(set) var errors: [CheckError] = []
    private(set) var warnings: [CheckError] = []

    init(_ source: EventSource = .syscall) { operands = OperandCheck(source: source) }

    mutating func check(_ condition: ResolvedCondition) -> CheckedCondition {
        switch condition {
        case .and(let parts): return .and(check(parts))
        case .or(let parts): return .or(check(parts))
        case .not(let inner): return .not(check(inner))
        case .failed: return .failed
        case .check(let parsed):
            guard errors.count < Compiler.errorsShown else { return .failed }
            do throws(CheckError) {
                return .test(try predicate(parsed))
            } catch {
                errors.append(error)
                return .failed
            }
        }
    }

    private mutating func check(_ parts: [ResolvedCondition]) -> [CheckedCondition] {
        var found: [CheckedCondition] = []
        for part in parts { found.append(check(part)) }
        return found
    }

    private mutating func predicate(_ parsed: ParsedCheck) throws(CheckError) -> Predicate {
        let left = try operands.operand(parsed.left)
        let checker = ComparisonCheck(left: left, parsed: parsed, operands: operands)
        warnOfFieldNames(parsed)
        if left.field == .descriptorNetwork, case .list(let networks) = parsed.right, parsed.modifier == nil, networks.count > 1 {
            let message =
                "fd.net is compared with the first network of a list only, as the dialect has it; write fd.net = a or fd.net = b, "
                + "or use fd.snet, fd.cnet, fd.lnet or fd.rnet"
            warnings.append(CheckError(message: message, place: networks[1].place))
        }
        return Predicate(left: left, comparison: try checker.comparison())
    }

    private mutating func warnOfFieldNames(_ parsed: ParsedCheck) {
        let values: [ParsedValue]
        switch parsed.right {
        case .value(let value): values = [value]
        case .list(let list): values = list
        case .nothing, .operand: values = []
        }
        for value in values where FieldTable.field(named: value.text, of: operands.source) != nil {
            let message = "'\(value.text)' is compared as a text; to compare with the field, write val(\(value.text))"
            warnings.append(CheckError(message: message, place: value.place))
        }
    }
}
