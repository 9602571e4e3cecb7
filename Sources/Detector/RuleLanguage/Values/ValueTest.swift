// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A comparison that is made with copies of values: of documents, and of what is put together of several fields. What is asked of the
/// texts of kernel events is asked in place, by `Evaluator`.
struct ValueTest: Sendable {
    private indirect enum Question: Sendable {
        case exists
        case number(Relation, Int64)
        case numbers(Set<Int64>)
        case flag(whenTrue: Bool, whenFalse: Bool)
        case text(TextTest, [UInt8])
        case regex(RegexProgram)
        case texts(Set<[UInt8]>)
        case paths([[UInt8]])
        case operand(Relation, Operand)
        case operandText(TextTest, Operand)
        case elements(Elements, Question)
        case every(ParsedModifier, [Question])
        /// No value of these is an address, so nothing compared as one holds.
        case never
    }

    private let left: Operand
    private let question: Question

    init(_ predicate: Predicate) {
        left = predicate.left
        question = Self.question(predicate.comparison)
    }

    private static func question(_ comparison: Comparison) -> Question {
        switch comparison {
        case .exists: .exists
        case .number(let relation, let number): .number(relation, number)
        case .numbers(let numbers): .numbers(Set(numbers))
        case .flag(let whenTrue, let whenFalse): .flag(whenTrue: whenTrue, whenFalse: whenFalse)
        case .text(.regex, let pattern): (try? RegexCompiler.compile(pattern)).map { .regex($0) } ?? .never
        case .text(let test, let text): .text(test, text)
        case .texts(let texts): .texts(Set(texts))
        case .paths(let paths): .paths(paths)
        case .operand(let relation, let right): .operand(relation, right)
        case .operandText(let test, let right): .operandText(test, right)
        case .elements(let elements, let inner): .elements(elements, question(inner))
        case .every(let modifier, let each): .every(modifier, each.map(question))
        case .address, .addresses: .never
        }
    }

    /// Whether it holds, where `read` gives the value of a field before anything is done to it. Whatever has no value makes it false.
    func holds(_ read: (Operand) -> FieldValue?) -> Bool {
        guard let value = left.value(read) else { return false }
        return Self.holds(question, value, read)
    }

    private static func holds(_ question: Question, _ value: FieldValue, _ read: (Operand) -> FieldValue?) -> Bool {
        switch (question, value) {
        case (.exists, _): return true
        case (.elements(.all, let inner), .list(let values)): return values.allSatisfy { holds(inner, $0, read) }
        case (.elements(.any, let inner), .list(let values)): return values.contains { holds(inner, $0, read) }
        case (.every(let modifier, let each), _): return modifier.holds(each.count { holds($0, value, read) }, of: each.count)
        case (.number(let relation, let wanted), .number(let number)): return relation.holds(number, wanted)
        case (.numbers(let wanted), .number(let number)): return wanted.contains(number)
        case (.flag(let whenTrue, let whenFalse), .flag(let truth)): return truth ? whenTrue : whenFalse
        case (.text(let test, let wanted), .text(let text)): return view(text, wanted) { test.holds($0, $1) }
        case (.texts(let wanted), .text(let text)): return wanted.contains(text)
        case (.paths(let paths), .text(let text)): return paths.contains { view(text, $0) { $0.isPath(atOrBelow: $1) } }
        case (.regex(let program), .text(let text)):
            var threads = RegexThreads(largest: program.instructions.count)
            return text.withUnsafeBytes { threads.matches(ByteView($0), program) }
        case (.operand(let relation, let right), _): return right.value(read).map { holds(relation, value, $0) } ?? false
        case (.operandText(let test, let right), .text(let text)):
            guard case .text(let other) = right.value(read) else { return false }
            return view(text, other) { test.holds($0, $1) }
        case (_, _): return false
        }
    }

    private static func holds(_ relation: Relation, _ value: FieldValue, _ other: FieldValue) -> Bool {
        switch (value, other) {
        case (.text(let one), .text(let two)): view(one, two) { $0.holds(relation, $1) }
        case (.number(let one), .number(let two)): relation.holds(one, two)
        case (.flag(let one), .flag(let two)): relation.holds(one ? 1 : 0, two ? 1 : 0)
        // A value of a list stands among those of another.
        case (_, .list(let values)): values.contains(value)
        case (_, _): false
        }
    }

    private static func view(_ one: [UInt8], _ two: [UInt8], _ holds: (ByteView, ByteView) -> Bool) -> Bool {
        one.withUnsafeBytes { first in two.withUnsafeBytes { second in holds(ByteView(first), ByteView(second)) } }
    }
}

extension ParsedModifier {
    /// Whether that many of all constants are as many as it asks for.
    func holds(_ count: Int, of all: Int) -> Bool {
        switch self {
        case .oneof: count == 1
        case .anyof: count > 0
        case .allof: count == all && count > 0
        }
    }
}

extension Relation {
    func holds(_ one: Int64, _ other: Int64) -> Bool {
        switch self {
        case .equal: one == other
        case .notEqual: one != other
        case .less: one < other
        case .lessOrEqual: one <= other
        case .greater: one > other
        case .greaterOrEqual: one >= other
        }
    }
}

extension TextTest {
    /// The test of two texts; a regular expression is none of these, since it is matched by its program.
    func holds(_ text: ByteView, _ constant: ByteView) -> Bool {
        switch self {
        case .relation(let relation): text.holds(relation, constant)
        case .contains: text.contains(constant)
        case .containsFolded: text.containsFolded(constant)
        case .startsWith: text.starts(with: constant)
        case .endsWith: text.ends(with: constant)
        case .glob: text.matches(glob: constant, folded: false)
        case .globFolded: text.matches(glob: constant, folded: true)
        case .regex: preconditionFailure("a regex is matched by its program")
        }
    }
}
