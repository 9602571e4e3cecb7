// SPDX-License-Identifier: Apache-2.0

/// A condition for a person to read: lists put in, macros by their names with what they stand for, each comparison as text.
public indirect enum ConditionOutline: Sendable, Hashable {
    /// All parts must hold.
    case and([ConditionOutline])
    /// One part must hold.
    case or([ConditionOutline])
    /// The part must not hold.
    case not(ConditionOutline)
    /// What the macro of that name stands for.
    case macro(String, ConditionOutline)
    /// One comparison.
    case test(TestOutline)

    /// All comparisons, in order, repeats among them.
    public var tests: [TestOutline] {
        switch self {
        case .and(let parts), .or(let parts): parts.flatMap(\.tests)
        case .not(let inner), .macro(_, let inner): inner.tests
        case .test(let test): [test]
        }
    }

    /// The names of the macros that it uses, and that these use, in order, repeats among them.
    public var macros: [String] {
        switch self {
        case .and(let parts), .or(let parts): parts.flatMap(\.macros)
        case .not(let inner): inner.macros
        case .macro(let name, let inner): [name] + inner.macros
        case .test: []
        }
    }
}

/// One comparison as text.
public struct TestOutline: Sendable, Hashable {
    /// What is compared, with its argument and what is done to it, such as `tolower(proc.aname[2])`.
    public let left: String
    /// The operator, such as `in` or `startswith anyof`.
    public let comparison: String
    /// The constants, as they are after quotes and escapes; a field on the right is one, as `val(field)`.
    public let values: [String]
    /// True for an operator that stands before a list in parentheses.
    public let takesList: Bool

    let predicate: Predicate

    /// The comparison as it can stand in a condition.
    public var text: String {
        guard !values.isEmpty || takesList else { return "\(left) \(comparison)" }
        let written = values.map(Self.written)
        return "\(left) \(comparison) " + (takesList ? "(\(written.joined(separator: ", ")))" : written.joined())
    }

    /// What it compares: the left side, and a field on the right, each with what is done to it.
    public var operands: [String] { predicate.operands.map(\.text) }

    /// The fields of the operands, with their arguments.
    public var fields: [String] {
        predicate.operands.map { operand in
            var bare = operand
            bare.transformers = []
            return bare.text
        }
    }

    /// Two are equal when they read alike.
    public static func == (one: TestOutline, other: TestOutline) -> Bool { one.text == other.text }

    /// Feeds what equality compares.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    private static func written(_ value: String) -> String {
        let isBare = !value.isEmpty && !value.utf8.contains { Lexicon.endsBareValue($0) }
        if isBare || value.hasPrefix("val(") { return value }
        return "\"" + value.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }
}
