// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import SourceText

/// Reads the `match` of a playbook, and tells of each part that means nothing.
struct CriteriaCheck {
    let item: String
    var bag: DiagnosticBag

    mutating func criteria(from block: PlaybookBlock) -> Criteria {
        Criteria(
            rules: block.rules.map(\.value), fields: block.fields.map { fields($0) }, priority: block.priority.flatMap { priority($0) },
            tags: block.tags.map { tags($0) }, source: block.source?.value)
    }

    private mutating func fields(_ text: Located<String>) -> [FieldCondition] {
        text.value.split(separator: ",", omittingEmptySubsequences: false).compactMap { field($0.drop { $0 == " " }, of: text) }
    }

    private mutating func field(_ part: Substring, of text: Located<String>) -> FieldCondition? {
        guard let condition = FieldCondition(part) else {
            bag.error(
                .value, "incorrect output field key in '\(part)'; expected field=value or field!=value, without spaces round the operator",
                at: text.place, item: item)
            return nil
        }
        if condition.value.contains("=") {
            bag.warning(
                .differs,
                "the value of '\(condition)' holds an '=': Talon would ignore this condition and match every event; here it counts",
                at: text.place, item: item)
        }
        return condition
    }

    private mutating func priority(_ text: Located<String>) -> PriorityCondition? {
        if let condition = PriorityCondition(text.value) { return condition }
        let names = Priority.allCases.map(\.name)
        let word = String(text.value.drop { "<>= ".contains($0) })
        let hint = names.first { word.count >= 3 && $0.lowercased().hasPrefix(word.lowercased()) }
            ?? NearestName.of(word, among: names)
        bag.error(
            .value, "incorrect priority '\(text.value)'; expected <, <=, >, >=, = or nothing before one of \(names.joined(separator: ", "))"
                + (hint.map { " (did you mean '\($0)'?)" } ?? ""), at: text.place, item: item)
        return nil
    }

    private mutating func tags(_ text: Located<String>) -> [String] {
        let tags = text.value.filter { $0 != " " }.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for tag in tags where !Self.isTag(tag) {
            bag.error(
                .value, "incorrect tag '\(tag)'; expected letters, digits, '_', '.' and '-', with a letter or digit at the end",
                at: text.place, item: item)
        }
        return tags
    }

    private static func isTag(_ tag: String) -> Bool {
        tag.wholeMatch(of: /[A-Za-z0-9_.\-]*[A-Za-z0-9]/) != nil
    }
}
