// SPDX-License-Identifier: Apache-2.0

public import EventModel
import SourceText

/// Asks single comparisons and fields of an event, through the same program that rules are compiled to.
public struct EventProbe {
    private var matcher: RuleMatcher
    private let count: Int

    /// Compiles the comparisons; `fields` are read in addition to theirs.
    public init(
        tests: [TestOutline], fields: [FieldReference] = [], hostname: String = "",
        userNames: @escaping UserNames = { uid, _ in uid == 0 ? "root" : nil }
    ) {
        let count = tests.count
        self.count = count
        var format = OutputFormat()
        let operands = tests.flatMap { $0.predicate.operands } + fields.map(\.operand)
        format.pieces = operands.map { .field($0, width: nil) }
        let conditions = tests.map { CheckedCondition.test($0.predicate) }
        // The last rule is in no program and never run: its output is what names the fields to read.
        let rules = (0...count).map { Self.rule(at: $0, $0 == count ? format : OutputFormat()) }
        let planned = conditions.map { PlannedRule(condition: $0, types: .all) }
        let set = RuleSet(rules: rules, planned: planned, environmentNames: [])
        matcher = RuleMatcher(set, matching: .all, hostname: hostname, userNames: userNames)
    }

    /// Whether each comparison holds, in order.
    public mutating func answers(_ event: borrowing Event) -> [Bool] {
        var answers = [Bool](repeating: false, count: count)
        matcher.match(event) { rule in answers[rule.index] = true }
        return answers
    }

    /// The values of all fields, by their names with argument and what is done to them; null for what the event does not have.
    public mutating func values(_ event: borrowing Event) -> [String: JSONValue] {
        let rule = matcher.rules.rules[count]
        return matcher.render(rule, event, redaction: .none).fields
    }

    private static func rule(at index: Int, _ format: OutputFormat) -> Rule {
        Rule(
            name: "", description: "", priority: .debug, tags: [], source: "", enabled: true, condition: "", output: "",
            location: SourceLocation(file: "", line: 1, column: 1), eventTypes: [], fields: [], format: format, index: index)
    }
}
