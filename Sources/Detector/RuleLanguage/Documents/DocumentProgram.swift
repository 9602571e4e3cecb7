// SPDX-License-Identifier: Apache-2.0

/// A condition about documents over slots: one slot a distinct comparison.
indirect enum DocumentCondition: Sendable {
    case all([DocumentCondition])
    case any([DocumentCondition])
    case not(DocumentCondition)
    case test(Int)
}

/// The conditions of all rules about documents, compiled. Documents come by the thousand a second where kernel events come by the
/// million, so their conditions are walked as they are written; equal comparisons are still made once a document.
struct DocumentProgram: Sendable {
    /// A rule by its place among all rules, and its condition.
    struct Entry {
        var rule: Int
        var condition: DocumentCondition
    }

    private(set) var tests: [ValueTest] = []
    private(set) var rules: [EventSource: [Entry]] = [:]

    /// Takes rules by their place among all rules, in definition order.
    init(_ rules: [(index: Int, source: EventSource, condition: CheckedCondition)]) {
        var slots: [Predicate: Int] = [:]
        for rule in rules {
            let condition = compiled(rule.condition, &slots)
            self.rules[rule.source, default: []].append(Entry(rule: rule.index, condition: condition))
        }
    }

    private mutating func compiled(_ condition: CheckedCondition, _ slots: inout [Predicate: Int]) -> DocumentCondition {
        switch condition {
        case .and(let parts): return .all(compiled(parts, &slots))
        case .or(let parts): return .any(compiled(parts, &slots))
        case .not(let inner): return .not(compiled(inner, &slots))
        case .failed: preconditionFailure("a condition with an error is never compiled")
        case .test(let predicate):
            if let known = slots[predicate] { return .test(known) }
            tests.append(ValueTest(predicate))
            slots[predicate] = tests.count - 1
            return .test(tests.count - 1)
        }
    }

    private mutating func compiled(_ parts: [CheckedCondition], _ slots: inout [Predicate: Int]) -> [DocumentCondition] {
        var found: [DocumentCondition] = []
        for part in parts { found.append(compiled(part, &slots)) }
        return found
    }
}

/// What is known of one document: values that were read and comparisons that were made, each once.
struct DocumentTrial {
    private let program: DocumentProgram
    private let document: Document
    private var answers: [Int: Bool] = [:]
    private var values: [Operand: FieldValue?] = [:]

    init(_ program: DocumentProgram, _ document: Document) {
        self.program = program
        self.document = document
    }

    mutating func holds(_ condition: DocumentCondition) -> Bool {
        switch condition {
        case .all(let parts):
            for part in parts where !holds(part) { return false }
            return true
        case .any(let parts):
            for part in parts where holds(part) { return true }
            return false
        case .not(let inner): return !holds(inner)
        case .test(let slot):
            if let known = answers[slot] { return known }
            let answer = program.tests[slot].holds { read($0) }
            answers[slot] = answer
            return answer
        }
    }

    private mutating func read(_ operand: Operand) -> FieldValue? {
        let bare = Operand(operand.facts, argument: operand.argument)
        if let known = values[bare] { return known }
        let value = DocumentFields.value(of: bare, in: document)
        values[bare] = .some(value)
        return value
    }
}
