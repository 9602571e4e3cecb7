// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText

/// Merges `rule` items into the rules before them, in order: the part of pass 2 that knows rules.
struct RuleMerger {
    private(set) var rules: [CollectedRule] = []
    private(set) var diagnostics = DiagnosticBag()
    // A set of rules may be ten thousand: no item may look through all of them.
    private var indexes: [String: Int] = [:]
    private var hints = 0

    mutating func merge(_ item: RuleItem) {
        switch item.merge {
        case .define where item.condition == nil && item.output == nil && item.description == nil && item.priority == nil: toggle(item)
        case .define: define(item)
        case .append: append(item)
        case .override(let modes): override(item, modes)
        }
    }

    private mutating func toggle(_ item: RuleItem) {
        guard let enabled = item.enabled else {
            return fail(item, .yamlValidate, "a rule needs 'condition', 'output', 'desc' and 'priority'")
        }
        guard let index = earlier(item) else { return }
        rules[index].enabled = enabled
        diagnostics.warning(
            .deprecatedItem, "a rule item with only 'enabled' is deprecated; add 'override: {enabled: replace}'", at: item.name.start,
            item: item.label)
    }

    private mutating func define(_ item: RuleItem) {
        let needed: [(String, Scalar?)] = [
            ("condition", item.condition), ("output", item.output), ("desc", item.description), ("priority", item.priority),
        ]
        let missing = needed.filter { $0.1 == nil }.map { "'\($0.0)'" }
        guard let condition = item.condition, let output = item.output, let description = item.description,
            let word = item.priority
        else { return fail(item, .yamlValidate, "the rule has no \(missing.joined(separator: ", "))") }
        guard let priority = priority(word, item), hasSameSource(item, item.source?.text ?? "syscall") else { return }
        var rule = CollectedRule(
            name: item.name, condition: AppendedText(condition), output: AppendedText(output), description: description.text,
            priority: priority, source: item.source, enabled: item.enabled ?? true, tags: (item.tags ?? []).map(\.text),
            exceptions: [], warnEventTypes: item.warnEventTypes ?? true, skipIfUnknownFilter: item.skipIfUnknownFilter ?? false)
        rule.exceptions = newExceptions(item.exceptions ?? [], of: rule)
        warnOfCapture(item)
        if let index = indexes[item.name.text] {
            rules[index] = rule
        } else {
            indexes[item.name.text] = rules.count
            rules.append(rule)
        }
    }

    private mutating func append(_ item: RuleItem) {
        guard let index = earlier(item), hasSameSource(item, item.source?.text) else { return }
        guard item.condition != nil || item.exceptions != nil else {
            return fail(item, .validate, "an appended rule needs 'condition' or 'exceptions'")
        }
        diagnostics.warning(
            .deprecatedItem, "'append: true' is deprecated; write 'override: {condition: append}'", at: item.name.start, item: item.label)
        if let condition = item.condition { rules[index].condition.append(condition) }
        if let exceptions = item.exceptions { appendExceptions(exceptions, to: index) }
    }

    private mutating func override(_ item: RuleItem, _ modes: [String: OverrideMode]) {
        guard let index = earlier(item), hasSameSource(item, item.condition == nil ? nil : item.source?.text) else { return }
        if let condition = item.condition { Self.merge(condition, into: &rules[index].condition, modes["condition"]) }
        if let output = item.output { Self.merge(output, into: &rules[index].output, modes["output"]) }
        if let text = item.description?.text {
            if modes["desc"] == .append { rules[index].description += " " + text } else { rules[index].description = text }
        }
        if let tags = item.tags?.map(\.text) {
            if modes["tags"] == .append { rules[index].tags += tags } else { rules[index].tags = tags }
        }
        if let word = item.priority, let priority = priority(word, item) { rules[index].priority = priority }
        rules[index].enabled = item.enabled ?? rules[index].enabled
        rules[index].warnEventTypes = item.warnEventTypes ?? rules[index].warnEventTypes
        rules[index].skipIfUnknownFilter = item.skipIfUnknownFilter ?? rules[index].skipIfUnknownFilter
        warnOfCapture(item)
        guard let exceptions = item.exceptions else { return }
        if modes["exceptions"] == .append {
            appendExceptions(exceptions, to: index)
        } else {
            rules[index].exceptions = newExceptions(exceptions, of: rules[index])
        }
    }

    private static func merge(_ new: Scalar, into old: inout AppendedText, _ mode: OverrideMode?) {
        if mode == .append { old.append(new) } else { old = AppendedText(new) }
    }

    private mutating func warnOfCapture(_ item: RuleItem) {
        guard let captures = item.captures else { return }
        diagnostics.warning(
            .ownWarning, "'capture' has no effect: no capture file is written when a rule matches", at: captures.start, item: item.label)
    }

    private mutating func priority(_ word: Scalar, _ item: RuleItem) -> Priority? {
        guard let found = Priority(name: word.text) else {
            let names = Priority.allCases.map(\.name)
            let hint = NearestName.hint(word.text.lowercased(), among: names.map { $0.lowercased() })
            fail(item, .yamlValidate, "'\(word.text)' is no priority; they are \(names.joined(separator: ", "))\(hint)", at: word.start)
            return nil
        }
        return found
    }

    // Nil is a source that is not said and so may be any.
    private mutating func hasSameSource(_ item: RuleItem, _ source: String?) -> Bool {
        guard let source, let index = indexes[item.name.text], rules[index].sourceName != source else { return true }
        let before = rules[index].sourceName
        fail(
            item, .validate, "the rule was defined with source '\(before)' and cannot be given '\(source)'",
            at: item.source?.start ?? item.name.start)
        return false
    }

    private mutating func earlier(_ item: RuleItem) -> Int? {
        if let index = indexes[item.name.text] { return index }
        hints += 1
        let hint = hints > Collect.hintLimit ? "" : NearestName.hint(item.name.text, among: rules.map(\.name.text))
        fail(item, .validate, "there is no earlier rule of that name to change\(hint)")
        return nil
    }

    private mutating func fail(_ item: RuleItem, _ code: LoadCode, _ message: String, at location: SourceLocation? = nil) {
        diagnostics.error(code, message, at: location ?? item.name.start, item: item.label)
    }

    private mutating func newExceptions(_ items: [ExceptionItem], of rule: CollectedRule) -> [CollectedException] {
        var reader = ExceptionReader(label: rule.item, hasKnownSource: rule.hasKnownSource)
        reader.warnOfRepeated(items)
        let found = items.compactMap { reader.define($0) }
        diagnostics.add(reader.diagnostics)
        return found
    }

    private mutating func appendExceptions(_ items: [ExceptionItem], to index: Int) {
        var reader = ExceptionReader(label: rules[index].item, hasKnownSource: rules[index].hasKnownSource)
        reader.warnOfRepeated(items)
        for item in items {
            if let place = rules[index].exceptions.firstIndex(where: { $0.name.text == item.name.text }) {
                reader.append(item, to: &rules[index].exceptions[place])
            } else if let exception = reader.add(item) {
                rules[index].exceptions.append(exception)
            }
        }
        diagnostics.add(reader.diagnostics)
    }
}

extension RuleItem {
    fileprivate var label: String { "rule \"\(name.text)\"" }
}
