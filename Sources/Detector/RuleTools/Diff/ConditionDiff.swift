// SPDX-License-Identifier: Apache-2.0

import RuleLanguage

/// One thing that differs between two conditions.
public struct ConditionChange: Sendable, Hashable {
    /// What became of it.
    public enum Kind: String, Sendable, Hashable {
        /// It is no longer there.
        case removed
        /// It was not there.
        case added
        /// A comparison with other values.
        case values
    }

    /// What became of it.
    public let kind: Kind
    /// The macros that it stands in, the outermost first.
    public let macros: [String]
    /// What was removed or added, or the comparison whose values differ.
    public let text: String
    /// For other values: those that are gone, and those that are new.
    public let without: [String], with: [String]

    init(_ kind: Kind, _ text: String, in macros: [String], without: [String] = [], with: [String] = []) {
        self.kind = kind
        self.text = text
        self.macros = macros
        self.without = without
        self.with = with
    }
}

/// Compares two conditions as trees with macros and lists put in: a macro or list that changed shows in each rule it changes, and one
/// that only got another name shows in none.
struct ConditionDiff {
    private(set) var changes: [ConditionChange] = []

    init(_ old: ConditionOutline, _ new: ConditionOutline) { compare(old, new, []) }

    private mutating func compare(_ old: ConditionOutline, _ new: ConditionOutline, _ macros: [String]) {
        guard old.bare != new.bare else { return }
        switch (old, new) {
        case (.macro(let name, let inner), .macro(let other, let otherInner)):
            compare(inner, otherInner, macros + [name == other ? name : "\(name) -> \(other)"])
        case (.macro(_, let inner), _): compare(inner, new, macros)
        case (_, .macro(let name, let inner)): compare(old, inner, macros + [name])
        case (.not(let inner), .not(let other)): compare(inner, other, macros)
        case (.and(let parts), .and(let others)), (.or(let parts), .or(let others)): compare(parts, others, macros)
        case (.test(let test), .test(let other)) where test.left == other.left && test.comparison == other.comparison && test.takesList:
            compare(test, other, macros)
        case (_, _):
            changes.append(ConditionChange(.removed, old.text, in: macros))
            changes.append(ConditionChange(.added, new.text, in: macros))
        }
    }

    private mutating func compare(_ old: TestOutline, _ new: TestOutline, _ macros: [String]) {
        let without = old.values.filter { !new.values.contains($0) }, with = new.values.filter { !old.values.contains($0) }
        guard !without.isEmpty || !with.isEmpty else { return }
        changes.append(ConditionChange(.values, "\(new.left) \(new.comparison)", in: macros, without: without, with: with))
    }

    // What both have is taken out; of the rest, what is alike is compared, and what has no like is gone or new.
    private mutating func compare(_ old: [ConditionOutline], _ new: [ConditionOutline], _ macros: [String]) {
        var rest = new
        let changed = old.filter { part in
            guard let same = rest.firstIndex(where: { $0.bare == part.bare }) else { return true }
            rest.remove(at: same)
            return false
        }
        for part in changed {
            if let like = rest.firstIndex(where: { $0.isLike(part) }) {
                compare(part, rest.remove(at: like), macros)
            } else {
                changes.append(ConditionChange(.removed, part.text, in: macros))
            }
        }
        for part in rest { changes.append(ConditionChange(.added, part.text, in: macros)) }
    }
}

extension ConditionOutline {
    /// The condition without the names of its macros.
    var bare: ConditionOutline {
        switch self {
        case .and(let parts): .and(parts.map(\.bare))
        case .or(let parts): .or(parts.map(\.bare))
        case .not(let inner): .not(inner.bare)
        case .macro(_, let inner): inner.bare
        case .test: self
        }
    }

    /// True for the part that this may have been: the same macro, the same comparison of the same field, or the same kind of part.
    fileprivate func isLike(_ other: ConditionOutline) -> Bool {
        switch (self, other) {
        case (.macro(let name, _), .macro(let otherName, _)): name == otherName
        case (.test(let test), .test(let otherTest)):
            test.takesList && test.left == otherTest.left && test.comparison == otherTest.comparison
        case (.not(let inner), .not(let otherInner)): inner.isLike(otherInner)
        case (.and, .and), (.or, .or): Set(tests).intersection(other.tests).count * 2 >= min(tests.count, other.tests.count)
        case (_, _): false
        }
    }

    /// The condition in one line, macros by their names.
    var text: String {
        switch self {
        case .and(let parts): parts.map(\.enclosed).joined(separator: " and ")
        case .or(let parts): parts.map(\.enclosed).joined(separator: " or ")
        case .not(let inner): "not \(inner.enclosed)"
        case .macro(let name, _): name
        case .test(let test): test.text
        }
    }

    private var enclosed: String {
        switch self {
        case .and, .or: "(\(text))"
        case .not, .macro, .test: text
        }
    }
}
