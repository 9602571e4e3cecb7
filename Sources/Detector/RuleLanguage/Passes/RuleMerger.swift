// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText

/// Merges one `rule` item into the rules before it: the part of pass 2 that knows rules.
struct RuleMerger {
    private(set) var rules: [CollectedRule]
    private(set) var diagnostics = DiagnosticBag()
    private let item: RuleItem
    private let label: String
    private let index: Int?

    init(item: RuleItem, rules: [CollectedRule]) {
        self.item = item
        self.rules = rules
        label = "rule \"\(item.name.text)\""
        index = rules.firstIndex { $0.name.text == item.name.text }
    }

    mutating func merge() {
        switch item.merge {
        case .define where item.condition == nil && item.output == nil && item.description == nil && item.priority == nil: toggle()
        case .define: define()
        case .append: append()
        case .override(let modes): override(modes)
        }
    }

    private mutating func toggle() {
        guard let enabled = item.enabled else {
            return fail(.yamlValidate, "a rule needs 'condition', 'output', 'desc' and 'priority'")
        }
        guard let index = earlier() else { return }
        rules[index].enabled = enabled
        diagnostics.warning(
            .deprecatedItem, "a rule item with only 'enabled' is deprecated; add 'override: {enabled: replace}'", at: item.name.start,
            item: label)
    }

    private mutating func define() {
        let needed: [(String, Scalar?)] = [
            ("condition", item.condition), ("output", item.output), ("desc", item.description), ("priority", item.priority),
        ]
        let missing = needed.filter { $0.1 == nil }.map { "'\($0.0)'" }
        guard let condition = item.condition, let output = item.output, let description = item.description,
            let word = item.priority
        else { return fail(.yamlValidate, "the rule has no \(missing.joined(separator: ", "))") }
        guard let priority = priority(word) else { return }
        let sourceBefore = index.map { rules[$0].sourceName } ?? item.source?.text
        if let source = item.source, let sourceBefore, sourceBefore != source.text {
            return fail(.validate, "the rule was defined with source '\(sourceBefore)' and cannot change it", at: source.start)
        }
        let rule = CollectedRule(
            name: item.name, condition: PlacedText(condition), output: PlacedText(output), description: description.text,
            priority: priority, source: item.source, enabled: item.enabled ?? true, tags: (item.tags ?? []).map(\.text),
            exceptions: newExceptions(item.exceptions ?? [], needValues: false), warnEventTypes: item.warnEventTypes ?? true,
            skipIfUnknownFilter: item.skipIfUnknownFilter ?? false)
        if let index { rules[index] = rule } else { rules.append(rule) }
    }

    private mutating func append() {
        guard let index = earlier() else { return }
        guard item.condition != nil || item.exceptions != nil else {
            return fail(.yamlValidate, "an appended rule needs 'condition' or 'exceptions'")
        }
        diagnostics.warning(
            .deprecatedItem, "'append: true' is deprecated; write 'override: {condition: append}'", at: item.name.start, item: label)
        if let condition = item.condition { rules[index].condition = rules[index].condition.joined(with: condition) }
        if let exceptions = item.exceptions { appendExceptions(exceptions, to: index) }
    }

    private mutating func override(_ modes: [String: OverrideMode]) {
        guard let index = earlier() else { return }
        if let condition = item.condition {
            rules[index].condition = merged(rules[index].condition, condition, modes["condition"])
        }
        if let output = item.output { rules[index].output = merged(rules[index].output, output, modes["output"]) }
        if let text = item.description?.text {
            rules[index].description = modes["desc"] == .append ? rules[index].description + " " + text : text
        }
        if let tags = item.tags?.map(\.text) { rules[index].tags = modes["tags"] == .append ? rules[index].tags + tags : tags }
        if let word = item.priority, let priority = priority(word) { rules[index].priority = priority }
        rules[index].enabled = item.enabled ?? rules[index].enabled
        rules[index].warnEventTypes = item.warnEventTypes ?? rules[index].warnEventTypes
        rules[index].skipIfUnknownFilter = item.skipIfUnknownFilter ?? rules[index].skipIfUnknownFilter
        guard let exceptions = item.exceptions else { return }
        if modes["exceptions"] == .append {
            appendExceptions(exceptions, to: index)
        } else {
            rules[index].exceptions = newExceptions(exceptions, needValues: false)
        }
    }

    private func merged(_ old: PlacedText, _ new: Scalar, _ mode: OverrideMode?) -> PlacedText {
        mode == .append ? old.joined(with: new) : PlacedText(new)
    }

    private mutating func priority(_ word: Scalar) -> Priority? {
        guard let found = Priority(name: word.text) else {
            let names = Priority.allCases.map(\.name)
            let hint = NearestName.hint(word.text.lowercased(), among: names.map { $0.lowercased() })
            fail(.yamlValidate, "'\(word.text)' is no priority; they are \(names.joined(separator: ", "))\(hint)", at: word.start)
            return nil
        }
        return found
    }

    private mutating func earlier() -> Int? {
        if index == nil {
            let hint = NearestName.hint(item.name.text, among: rules.map(\.name.text))
            fail(.validate, "there is no earlier rule of that name to change\(hint)")
        }
        return index
    }

    private mutating func fail(_ code: LoadCode, _ message: String, at location: SourceLocation? = nil) {
        diagnostics.error(code, message, at: location ?? item.name.start, item: label)
    }

    private mutating func newExceptions(_ items: [ExceptionItem], needValues: Bool) -> [CollectedException] {
        var reader = ExceptionReader(label: label)
        let found = items.compactMap { reader.define($0, needValues: needValues) }
        for (position, exception) in found.enumerated() where found[..<position].contains(where: { $0.name.text == exception.name.text }) {
            reader.warnOfDuplicate(exception.name)
        }
        reader.diagnostics.all.forEach { diagnostics.add($0) }
        return found
    }

    private mutating func appendExceptions(_ items: [ExceptionItem], to index: Int) {
        var reader = ExceptionReader(label: label)
        for item in items {
            if let place = rules[index].exceptions.firstIndex(where: { $0.name.text == item.name.text }) {
                reader.append(item, to: &rules[index].exceptions[place])
            } else if let exception = reader.define(item, needValues: true) {
                rules[index].exceptions.append(exception)
            }
        }
        reader.diagnostics.all.forEach { diagnostics.add($0) }
    }
}
