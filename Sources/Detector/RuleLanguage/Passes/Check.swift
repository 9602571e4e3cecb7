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

/// Pass 5: fields, operators and constants are looked up and fitted together.
struct Check {
    private(set) var errors: [CheckError] = []
    private(set) var warnings: [CheckError] = []

    mutating func check(_ condition: ResolvedCondition) -> CheckedCondition {
        switch condition {
        case .and(let parts): return .and(check(parts))
        case .or(let parts): return .or(check(parts))
        case .not(let inner): return .not(check(inner))
        case .failed: return .failed
        case .check(let parsed):
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
        let left = try OperandCheck.operand(parsed.left)
        if left.field == .processEnvironment, left.argument == .none {
            throw CheckError(
                message: "proc.env needs the name of a variable in a condition, such as proc.env[LD_PRELOAD]: only the variables "
                    + "that rules name are read", place: parsed.place)
        }
        let checker = ComparisonCheck(left: left, parsed: parsed)
        warnOfFieldNames(parsed)
        return Predicate(left: left, comparison: try checker.comparison())
    }

    private mutating func warnOfFieldNames(_ parsed: ParsedCheck) {
        let values: [ParsedValue]
        switch parsed.right {
        case .value(let value): values = [value]
        case .list(let list): values = list
        case .nothing, .operand: values = []
        }
        for value in values where Field(rawValue: value.text) != nil {
            let message = "'\(value.text)' is compared as a text; to compare with the field, write val(\(value.text))"
            warnings.append(CheckError(message: message, place: value.place))
        }
    }
}

/// Looks up fields, their arguments and transformers.
enum OperandCheck {
    static func operand(_ parsed: ParsedOperand) throws(CheckError) -> Operand {
        switch parsed {
        case .field(let name, let argument, let place): return try field(name, argument, place)
        case .transformed(let name, let arguments, let place): return try transformed(name, arguments, place)
        case .constant(let value):
            throw CheckError(message: "a constant cannot stand here; compare a field with it", place: value.place)
        }
    }

    private static func field(_ name: String, _ argument: ParsedValue?, _ place: Place) throws(CheckError) -> Operand {
        guard let field = Field(rawValue: name) else {
            let hint = NearestName.hint(name, among: Field.allCases.map(\.rawValue))
            throw CheckError(message: "nonexistent field '\(name)'\(hint)", place: place, isUnknownName: true)
        }
        return Operand(field: field, argument: try self.argument(of: field, argument), transformers: [])
    }

    private static func argument(of field: Field, _ given: ParsedValue?) throws(CheckError) -> Operand.Argument {
        guard let given else { return .none }
        switch field.facts.argument {
        case .none: throw CheckError(message: "\(field.rawValue) takes no argument in brackets", place: given.place)
        case .variable: return .variable(given.text)
        case .generations:
            guard let number = Int(given.text), (0...64).contains(number) else {
                throw CheckError(
                    message: "\(field.rawValue) takes a number of generations from 0 to 64, not '\(given.text)'", place: given.place)
            }
            return .generation(number)
        }
    }

    private static func transformed(_ name: String, _ arguments: [ParsedOperand], _ place: Place) throws(CheckError) -> Operand {
        let transformer: Operand.Transformer
        switch TransformerName(rawValue: name) {
        case .tolower: transformer = .lower
        case .toupper: transformer = .upper
        case .b64: transformer = .decodeBase64
        case .basename: transformer = .basename
        case .len: transformer = .length
        case .join, .concat, .getopt:
            throw CheckError(message: "the transformer \(name)() is not available in this version", place: place)
        case nil: throw CheckError(message: "a list cannot stand here", place: place)
        }
        guard arguments.count == 1 else { throw CheckError(message: "\(name)() takes one field", place: place) }
        var inner = try operand(arguments[0])
        guard inner.type == .text else {
            throw CheckError(message: "\(name)() takes a text, but \(inner.text) is of type \(inner.type.rawValue)", place: place)
        }
        inner.transformers.append(transformer)
        return inner
    }
}
