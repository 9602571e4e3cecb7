// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A condition whose names and types are right.
indirect enum CheckedCondition: Hashable, Sendable {
    case and([CheckedCondition])
    case or([CheckedCondition])
    case not(CheckedCondition)
    case test(Predicate)
    /// Stands where something was wrong that has been reported.
    case failed
}

/// One comparison. Equal predicates share one slot in the program, so that each is evaluated at most once an event.
struct Predicate: Hashable, Sendable {
    var left: Operand
    var comparison: Comparison

    /// False when nothing reads what is compared from events of that source: then it is false for each, as with any null.
    func isComputed(from source: EventSource) -> Bool { operands.allSatisfy { $0.isRead(from: source) } }

    /// True when something in it is put together of several fields, so that it is compared as a copy.
    var isOfValues: Bool { operands.contains { $0.combination != nil } }

    /// What it reads, the left side first.
    var operands: [Operand] {
        switch comparison {
        case .operand(_, let right), .operandText(_, let right): [left, right]
        case .exists, .number, .numbers, .flag, .text, .texts, .paths, .address, .addresses, .elements, .every: [left]
        }
    }
}

/// A field with its argument, and what is done to its value, the innermost first.
struct Operand: Hashable, Sendable {
    enum Argument: Hashable {
        case none
        case generation(Int)
        case index(Int)
        case variable(String)
        case name(String)
    }

    enum Transformer: Hashable {
        case lower, upper, basename, length, decodeBase64
    }

    var facts: FieldFacts
    var argument: Argument
    var transformers: [Transformer]
    /// What stands in the place of a field: a value made of several.
    var combination: Combination?

    init(
        _ facts: FieldFacts, argument: Argument = .none, transformers: [Transformer] = [], combination: Combination? = nil
    ) {
        self.facts = facts
        self.argument = argument
        self.transformers = transformers
        self.combination = combination
    }

    /// What is read from kernel events; nil when nothing computes the field, and for a combination.
    var field: Field? { facts.field }

    var type: FieldFacts.ValueType { isLength ? .integer : facts.type }

    /// True when it has several values at once.
    var isList: Bool { facts.isList && !isLength }

    private var isLength: Bool { transformers.last == .length }

    /// The operand as written in an output, without the `%`.
    var text: String {
        let name: String =
            switch argument {
            case .none: facts.name
            case .generation(let number), .index(let number): "\(facts.name)[\(number)]"
            case .variable(let variable), .name(let variable): "\(facts.name)[\(variable)]"
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

/// How many of a list's values must hold.
enum Elements: Hashable {
    case all, any
}

/// What a value is compared with, and how.
enum Comparison: Hashable, Sendable {
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
    /// Asked of the values of a list: of all, or of any.
    indirect case elements(Elements, Comparison)
    /// The same question of several constants.
    case every(ParsedModifier, [Comparison])
}

/// A network in CIDR form; a single address has the full prefix.
struct AddressBlock: Hashable {
    var address: IPAddress
    var prefix: Int
}
