// SPDX-License-Identifier: Apache-2.0

/// A rule, its condition as a tree.
public struct RuleOutline: Sendable {
    /// The rule.
    public let rule: Rule
    /// The whole condition, the exceptions folded in.
    public let condition: ConditionOutline
    /// The exceptions, in order.
    public let exceptions: [ExceptionOutline]
}

/// One exception of a rule, after all appends.
public struct ExceptionOutline: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// The fields that it compares, and how.
    public let fields: [String], comparisons: [String]
    /// The values, each as text: a tuple in parentheses.
    public let values: [String]

    init(_ exception: CollectedException) {
        name = exception.name.text
        fields = exception.fields.map(\.text)
        comparisons = exception.comparisons.map(\.text)
        values = exception.values.map(\.outline)
    }
}

/// The words that rules share, as they are after all appends.
public struct SharedWords: Sendable, Hashable {
    /// The condition of each macro, as written.
    public let macros: [String: String]
    /// The items of each list, as written.
    public let lists: [String: [String]]

    init(_ collected: Collected) {
        macros = Dictionary(collected.macros.map { ($0.name.text, $0.condition.text.string) }, uniquingKeysWith: { $1 })
        lists = Dictionary(collected.lists.map { ($0.name.text, $0.items.map(\.text)) }, uniquingKeysWith: { $1 })
    }

    /// The lists that a text names, sorted: lists are put in as text, wherever their names stand alone.
    public func lists(in text: String) -> [String] {
        let words = text.utf8.split { Lexicon.isBlank($0) || "(),=".utf8.contains($0) }.map { String(Substring($0)) }
        return Set(words).filter { lists[$0] != nil }.sorted()
    }
}

/// Rule files as they are for those who write them.
public struct RuleStudy: Sendable {
    /// What loading came to.
    public let result: RuleLoadResult
    /// The rules in definition order; empty when the files do not load.
    public let outlines: [RuleOutline]
    /// The macros and lists.
    public let words: SharedWords
}

extension SourceTree {
    fileprivate var outline: String {
        switch self {
        case .scalar(let scalar): scalar.text
        case .sequence(let entries, _): "(" + entries.map(\.outline).joined(separator: ", ") + ")"
        case .mapping: ""
        }
    }
}
