// SPDX-License-Identifier: Apache-2.0

import EventModel
public import RuleLanguage

/// What a new version of rule files changes.
public struct RuleDiff: Sendable, Hashable {
    /// An old and a new text.
    public struct Pair: Sendable, Hashable {
        /// What it was, and what it is.
        public let old: String, new: String
    }

    /// What is gone from a set of texts, and what is new in it; both sorted.
    public struct Sets: Sendable, Hashable {
        /// What is gone.
        public let removed: [String]
        /// What is new.
        public let added: [String]

        var isEmpty: Bool { removed.isEmpty && added.isEmpty }

        init(_ old: [String], _ new: [String]) {
            removed = Set(old).subtracting(new).sorted()
            added = Set(new).subtracting(old).sorted()
        }
    }

    /// What differs of one rule. Nil and empty are what does not.
    public struct Change: Sendable, Hashable {
        /// The rule's name.
        public let rule: String
        /// True when it was disabled and is enabled, false for the other way round.
        public let enabled: Bool?
        /// Its priority, output, description and source.
        public let priority: Pair?, output: Pair?, description: Pair?, source: Pair?
        /// Its tags.
        public let tags: Sets
        /// Its condition, the exceptions left out.
        public let condition: [ConditionChange]
        /// Its exceptions, by name.
        public let exceptions: [String: Sets]

        var isEmpty: Bool {
            enabled == nil && priority == nil && output == nil && description == nil && source == nil && tags.isEmpty
                && condition.isEmpty && exceptions.isEmpty
        }
    }

    /// The rules that are new, in order.
    public let added: [String]
    /// The rules that are gone, in order.
    public let removed: [String]
    /// The rules that differ, in the new order.
    public let changed: [Change]

    /// True when no rule differs.
    public var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }

    /// Compares rules that load.
    public init(_ old: RuleStudy, _ new: RuleStudy) {
        let before = Dictionary(old.outlines.map { ($0.rule.name.text, $0) }, uniquingKeysWith: { first, _ in first })
        let names = Set(new.outlines.map(\.rule.name.text))
        added = new.outlines.map(\.rule.name.text).filter { before[$0] == nil }
        removed = old.outlines.map(\.rule.name.text).filter { !names.contains($0) }
        changed = new.outlines.compactMap { rule in before[rule.rule.name.text].map { Change($0, rule) } }.filter { !$0.isEmpty }
    }
}

extension RuleDiff.Change {
    fileprivate init(_ old: RuleOutline, _ new: RuleOutline) {
        rule = new.rule.name.text
        enabled = old.rule.enabled == new.rule.enabled ? nil : new.rule.enabled
        priority = Self.pair(old.rule.priority.name, new.rule.priority.name)
        output = Self.pair(old.rule.output, new.rule.output)
        description = Self.pair(old.rule.description, new.rule.description)
        source = Self.pair(old.rule.source, new.rule.source)
        tags = RuleDiff.Sets(old.rule.tags, new.rule.tags)
        condition = Self.conditionChanges(old, new)
        exceptions = Self.exceptionChanges(old.exceptions, new.exceptions)
    }

    // How a text is broken into lines changes nothing.
    private static func pair(_ old: String, _ new: String) -> RuleDiff.Pair? {
        let words = { (text: String) in text.split { $0.isWhitespace } }
        return words(old) == words(new) ? nil : RuleDiff.Pair(old: old, new: new)
    }

    private static func conditionChanges(_ old: RuleOutline, _ new: RuleOutline) -> [ConditionChange] {
        let before = old.parts, after = new.parts
        var changes = ConditionDiff(before.condition, after.condition).changes
        // Exceptions that read alike can still differ by a list that they name.
        if old.exceptions == new.exceptions {
            for (one, other) in zip(before.exceptions, after.exceptions) { changes += ConditionDiff(one, other).changes }
        }
        return changes
    }

    private static func exceptionChanges(_ old: [ExceptionOutline], _ new: [ExceptionOutline]) -> [String: RuleDiff.Sets] {
        var changes: [String: RuleDiff.Sets] = [:]
        for name in Set((old + new).map(\.name)) {
            let texts = { (all: [ExceptionOutline]) in all.filter { $0.name == name }.flatMap(\.tests) }
            let sets = RuleDiff.Sets(texts(old), texts(new))
            if !sets.isEmpty { changes[name] = sets }
        }
        return changes
    }
}

extension ExceptionOutline {
    /// Each value as what it lets through; an exception without values is there, and lets nothing through.
    fileprivate var tests: [String] {
        let left = zip(fields, comparisons).map { "\($0) \($1)" }.joined(separator: ", ")
        return values.isEmpty ? ["\(left): nothing yet"] : values.map { "\(left): \($0)" }
    }
}

extension RuleOutline {
    /// The condition as its author wrote it, and what the filled exceptions were folded to.
    fileprivate var parts: (condition: ConditionOutline, exceptions: [ConditionOutline]) {
        let filled = exceptions.count { !$0.values.isEmpty }
        guard filled > 0, case .and(let parts) = condition, parts.count > filled else { return (condition, []) }
        let own = Array(parts.dropLast(filled))
        return (own.count == 1 ? own[0] : .and(own), Array(parts.suffix(filled)))
    }
}
