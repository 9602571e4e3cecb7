// SPDX-License-Identifier: Apache-2.0

import EventModel
public import RuleLanguage
import SourceText

extension RuleStudy {
    /// The rule of that name. Throws, with the names that may have been meant, when there is none.
    public func rule(named name: String) throws(RuleToolsError) -> RuleOutline {
        if let found = outlines.first(where: { $0.rule.name.text == name }) { return found }
        throw RuleToolsError(.unknownRule, "there is no rule '\(name)'" + Self.hint(name, among: outlines.map(\.rule.name.text)))
    }

    // Names of rules are sentences: a person types a word of one as often as a wrong letter.
    static func hint(_ name: String, among names: [String]) -> String {
        let exact = NearestName.hint(name, among: names)
        guard exact.isEmpty else { return exact }
        let wanted = name.lowercased()
        // Two letters are part of nearly every name.
        let near = wanted.count < 3 ? [] : names.filter { $0.lowercased().contains(wanted) || wanted.contains($0.lowercased()) }
        guard !near.isEmpty else { return "; saker rules list shows all" }
        return " (did you mean " + near.prefix(5).map { "'\($0)'" }.joined(separator: " or ") + "?)"
    }
}

/// What a tool for rules cannot do.
public struct RuleToolsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of errors.
    public enum Code: Sendable, Hashable {
        /// No rule has the name.
        case unknownRule
        /// What should be an event is none.
        case unreadableEvent
    }

    /// What kind of error it is.
    public let code: Code
    /// What is wrong and what to do.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
