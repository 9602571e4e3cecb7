// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A condition whose names and types are right.
indirect enum CheckedCondition: Hashable {
    case and([CheckedCondition])
    case or([CheckedCondition])
    case not(CheckedCondition)
    case test(Predicate)
    /// Stands where something was wrong that has been reported.
    case failed
}

/// One comparison. Equal predicates share one slot in the program, so that each is evaluated at most once an event.
struct Predicate: Hashable {
    var left: Operand
    var comparison: Comparison
}

/// A field with its argument, and what is done to its value, the innermost first.
struct Operand: Hashable {
    enum Argument: Hashable {
        case none
        case generation(Int)
        case variable(String)
    }

    enum Transformer: Hashable {
        case lower, upper, basename, length, decodeBase64
    }

    var field: Field
    var argument: Argument
    var transformers: [Transformer]

    var type: FieldFacts.ValueType { transformers.last == .length ? .integer : field.facts.type }

    /// The operand as written in an output, without the `%`.
    var text: String {
        let name: String =
            switch argument {
            case .none: field.rawValue
            case .generation(let number): "\(field.rawValue)[\(number)]"
            case .variable(let variable): "\(field.rawValue)[\(variable)]"
            }
        return transformers.reduce(name) { inner, transformer in "\(transformer.name)(\(inner))" }
    }
}

extension Operand.Transformer {
    var name: String {
        switch self {
        case .lower: "tolower"
        case .upper: "toupper"
        case .basename: "basename"
        case .length: "len"
        case .decodeBase64: "b64"
        }
    }
}

/// Equality and order.
enum Relation: Hashable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

/// What is asked of a text and one constant.
enum TextTest: Hashable {
    case relation(Relation)
    case contains, containsFolded, startsWith, endsWith, glob, globFolded, regex
}

/// What a value is compared with, and how.
enum Comparison: Hashable {
    case exists
    case number(Relation, Int64)
    case numbers([Int64])
    /// True for the values that the constants allow.
    case flag(whenTrue: Bool, whenFalse: Bool)
    case text(TextTest, [UInt8])
    case texts([[UInt8]])
    case paths([[UInt8]])
    case address(isEqual: Bool, AddressBlock)
    case addresses([AddressBlock])
    case operand(Relation, Operand)
    case operandText(TextTest, Operand)
    /// The same question of several constants.
    case every(ParsedModifier, [Comparison])
}

/// A network in CIDR form; a single address has the full prefix.
struct AddressBlock: Hashable {
    var address: IPAddress
    var prefix: Int
}
