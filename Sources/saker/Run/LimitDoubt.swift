// SPDX-License-Identifier: Apache-2.0
import Delivery
import EventModel
import RuleLanguage
import SourceText

/// What in `alerts.limits` does not do what it looks like.
enum LimitDoubt {
    /// A sentence for each doubt.
    static func all(of limits: [AlertLimit], _ rules: RuleSet) -> [String] {
        limits.indices.flatMap { index in
            let limit = limits[index]
            let covered = rules.rules.filter { limit.covers($0.name, tags: $0.tags) }
            guard !covered.isEmpty else { return [unknown(limit, rules)] }
            return covered.filter { rule in !limits[..<index].contains { $0.covers(rule.name, tags: rule.tags) } }
                .compactMap { ungrouped(limit, $0) }
        }
    }

    private static func unknown(_ limit: AlertLimit, _ rules: RuleSet) -> String {
        guard !limit.rule.isEmpty else { return "no rule has the tag '\(limit.tag)'" }
        let hint = NearestName.hint(limit.rule, among: rules.rules.map(\.name.text))
        return limit.tag.isEmpty ? "no rule is named '\(limit.rule)'\(hint)" : "no rule named '\(limit.rule)' has the tag '\(limit.tag)'"
    }

    /// A field that an alert does not carry cannot tell groups apart.
    private static func ungrouped(_ limit: AlertLimit, _ rule: Rule) -> String? {
        let missing = Set(limit.groupBy).subtracting(rule.outputFields).subtracting(Alert.subjectFields).sorted()
        guard !missing.isEmpty else { return nil }
        let names = missing.joined(separator: ", ")
        return "the output of rule '\(rule.name)' does not name \(names), so its alerts are not told apart by it"
    }
}
