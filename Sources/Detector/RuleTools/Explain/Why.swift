// SPDX-License-Identifier: Apache-2.0

import EventModel
public import RuleLanguage
import SourceText

/// Why a rule matches an event, or does not.
public struct Why: Sendable {
    /// The rule's name.
    public let rule: String
    /// False for a rule that is never run.
    public let isEnabled: Bool
    /// What the event is: its type, or its source; and the types that the rule is run for, empty for all.
    public let eventType: String, eventTypes: [String]
    /// The condition, asked of the event.
    public let tree: WhyTree

    /// Asks a rule, enabled or not, of an event of its source.
    public init(_ outline: RuleOutline, _ event: TrialEvent) {
        rule = outline.rule.name.text
        isEnabled = outline.rule.enabled
        eventType = event.name
        eventTypes = outline.rule.eventTypes
        tree = WhyTree(outline.condition, event)
    }

    /// True when the condition holds.
    public var matches: Bool { tree.truth == .holds }

    /// What it came to, the comparisons that decided that, and the tree; for a terminal of that width.
    public func text(width: Int = 140) -> String {
        let reasons = reasons(width).flatMap { reason in
            TextWrap.lines("because " + reason, width: width - 4).enumerated().map { ($0 == 0 ? "  " : "    ") + $1 }
        }
        let head = TextWrap.lines(verdict, width: width) + reasons
        return (head + [""] + treeLines(width: width)).map { $0.visible + "\n" }.joined()
    }

    /// One sentence.
    public var verdict: String {
        let verb = matches ? "matches" : "does not match"
        return "rule '\(rule)' \(verb) this \(eventType)" + (isEnabled ? "" : "; it is disabled, and so never run")
    }

    /// The tree, a line a part.
    func treeLines(width: Int) -> [String] { TreeText(width: width).lines(tree) }

    // Of a match there are as many reasons as comparisons; the tree tells them.
    private func reasons(_ width: Int) -> [String] {
        guard !matches else { return [] }
        let text = TreeText(width: width)
        return tree.deciding.prefix(8).compactMap { decided in
            guard case .test(let test, let values) = decided.part else { return nil }
            let told = values.map { TreeText.told($0, alone: values.count == 1) }.joined(separator: ", ")
            return "\(text.shortened(test, room: 60)) is \(decided.truth.rawValue): \(told)"
        }
    }
}
