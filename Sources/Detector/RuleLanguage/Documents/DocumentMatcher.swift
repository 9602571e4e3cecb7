// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Runs documents through the rules of their source. It keeps nothing between documents, so any number of threads may use one.
public struct DocumentMatcher: Sendable {
    /// The rules.
    public let rules: RuleSet
    /// How many rules may match one document.
    public let matching: RuleMatching

    /// Makes a matcher.
    public init(_ rules: RuleSet, matching: RuleMatching = .first) {
        self.rules = rules
        self.matching = matching
    }

    /// Calls `found` with each enabled rule of the document's source that matches, in definition order.
    public func match(_ document: Document, _ found: (borrowing Rule) -> Void) {
        var trial = DocumentTrial(rules.documents, document)
        for entry in rules.documents.rules[document.source] ?? [] where trial.holds(entry.condition) {
            found(rules.rules[entry.rule])
            if matching == .first { return }
        }
    }

    /// Renders a rule's output for the document that it has just matched, secrets masked.
    public func render(_ rule: borrowing Rule, _ document: Document, redaction: Redaction = .standard) -> RenderedOutput {
        rule.format.rendered(at: document.time, rule.priority, fields: [:]) { operand in
            let value = operand.value { DocumentFields.value(of: $0, in: document) }
            return value.map { redaction.apply(to: $0.json) } ?? .null
        }
    }
}

extension Redaction {
    /// A value out of a document, its secrets masked: those of members by their names, those of texts as in command lines.
    func apply(to value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .int, .double: return value
        case .array(let elements): return .array(elements.map { apply(to: $0) })
        case .object(let members): return .object(Dictionary(uniqueKeysWithValues: members.map { ($0, apply(to: $1, of: $0)) }))
        case .string(let text):
            // A part of a document is told as JSON text.
            guard text.hasPrefix("{") || text.hasPrefix("["), let inner = try? JSONParser.parse(Array(text.utf8)) else {
                return .string(apply(toCommandLine: text))
            }
            let masked = apply(to: inner)
            return masked == inner ? value : .string(masked.text)
        }
    }

    private func apply(to value: JSONValue, of name: String) -> JSONValue {
        let isSecret = words.contains { name.lowercased().contains($0) }
        switch value {
        case .string, .int, .double: return isSecret ? .string(mask) : apply(to: value)
        case .null, .bool, .array, .object: return apply(to: value)
        }
    }
}
