// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText

/// Pass 2: the items of all files, in order, become one set: a later definition takes an earlier one's place, appends and
/// overrides are carried out, toggles applied.
struct Collect {
    /// What version of Falco's engine the dialect is that of.
    static let engineVersion = (major: 0, minor: 63, patch: 0)
    /// The plugins whose fields are built in.
    static let plugins = [
        "container": (major: 0, minor: 4, patch: 0), "json": (major: 0, minor: 7, patch: 0), "k8saudit": (major: 0, minor: 18, patch: 0),
        "cloudtrail": (major: 0, minor: 15, patch: 0),
    ]
    /// The event sources that rules may name.
    static let sources = EventSource.allCases.map(\.rawValue)

    private var collected = Collected()
    private var diagnostics = DiagnosticBag()

    static func merge(_ items: [SourceItem], into diagnostics: inout DiagnosticBag) -> Collected {
        var pass = Collect()
        for item in items { pass.collect(item) }
        pass.diagnostics.all.forEach { diagnostics.add($0) }
        return pass.collected
    }

    private mutating func collect(_ item: SourceItem) {
        switch item {
        case .engineVersion(let version): requireEngine(version)
        case .pluginVersions(let requirements, _): requirements.forEach { requirePlugin($0) }
        case .list(let list): collect(list)
        case .macro(let macro): collect(macro)
        case .rule(let rule): collect(rule)
        }
    }

    private mutating func requireEngine(_ version: Scalar) {
        let parts = version.text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard parts.count == 1 || parts.count == 3, parts.allSatisfy({ $0 >= 0 }) else {
            return diagnostics.error(
                .yamlValidate, "required_engine_version must be a number or x.y.z, not '\(version.text)'", at: version.start)
        }
        let wanted = parts.count == 1 ? (0, parts[0], 0) : (parts[0], parts[1], parts[2])
        let own = Self.engineVersion
        guard wanted.0 != own.major || (wanted.1, wanted.2) > (own.minor, own.patch) else { return }
        diagnostics.error(
            .validate,
            "the rules require engine version \(wanted.0).\(wanted.1).\(wanted.2), but this is \(own.major).\(own.minor).\(own.patch)",
            at: version.start)
    }

    private mutating func requirePlugin(_ requirement: PluginRequirement) {
        let satisfied = requirement.alternatives.contains { name, version in
            guard let own = Self.plugins[name.text] else { return false }
            let parts = version.text.split(separator: ".").map { Int($0) ?? .max } + [0, 0, 0]
            return parts[0] == own.major && (parts[1], parts[2]) <= (own.minor, own.patch)
        }
        guard !satisfied else { return }
        let choices = requirement.alternatives.map { "\($0.name.text) (>= \($0.version.text))" }.joined(separator: ", ")
        diagnostics.error(
            .validate, "Plugin requirement not satisfied, must load one of: \(choices)",
            at: requirement.alternatives.first?.name.start)
    }

    private mutating func collect(_ item: ListItem) {
        let label = "list \"\(item.name.text)\""
        let isValid = !item.name.text.isEmpty && !item.name.text.utf8.contains { Lexicon.endsListName($0) }
        if !isValid {
            diagnostics.warning(
                .invalidListName, "a list's name must not hold blanks, quotes or any of ( ) = ,", at: item.name.start, item: label)
        }
        let index = collected.lists.firstIndex { $0.name.text == item.name.text }
        switch item.merge {
        case .define:
            guard let items = item.items else { return missing("items", of: item.name, label) }
            let list = CollectedList(name: item.name, items: items, visibility: collected.lists.count)
            if let index { collected.lists[index] = list } else { collected.lists.append(list) }
        case .append, .override:
            guard let index else { return noEarlier("list", item.name, label) }
            if case .append = item.merge { warnOfAppend(item.name, "items", label) }
            guard let items = item.items else { return missing("items", of: item.name, label) }
            if item.merge.replaces("items") { collected.lists[index].items = items } else { collected.lists[index].items += items }
        }
    }

    private mutating func collect(_ item: MacroItem) {
        let label = "macro \"\(item.name.text)\""
        if !Lexicon.isIdentifier(item.name.text) {
            diagnostics.warning(
                .invalidMacroName, "a macro's name must be a letter followed by letters, digits or _", at: item.name.start, item: label)
        }
        guard let condition = item.condition else { return missing("condition", of: item.name, label) }
        let index = collected.macros.firstIndex { $0.name.text == item.name.text }
        switch item.merge {
        case .define:
            let macro = CollectedMacro(name: item.name, condition: PlacedText(condition), visibility: collected.macros.count)
            if let index { collected.macros[index] = macro } else { collected.macros.append(macro) }
        case .append, .override:
            guard let index else { return noEarlier("macro", item.name, label) }
            if case .append = item.merge { warnOfAppend(item.name, "condition", label) }
            let old = collected.macros[index].condition
            collected.macros[index].condition = item.merge.replaces("condition") ? PlacedText(condition) : old.joined(with: condition)
            // An append may use what was defined up to here.
            collected.macros[index].visibility = collected.macros.count
        }
    }

    private mutating func collect(_ item: RuleItem) {
        var merger = RuleMerger(item: item, rules: collected.rules)
        merger.merge()
        collected.rules = merger.rules
        merger.diagnostics.all.forEach { diagnostics.add($0) }
    }

    private mutating func missing(_ key: String, of name: Scalar, _ label: String) {
        diagnostics.error(.yamlValidate, "the item has no '\(key)'", at: name.start, item: label)
    }

    private mutating func noEarlier(_ kind: String, _ name: Scalar, _ label: String) {
        let names = kind == "list" ? collected.lists.map(\.name.text) : collected.macros.map(\.name.text)
        diagnostics.error(
            .validate, "there is no earlier \(kind) of that name to change\(NearestName.hint(name.text, among: names))", at: name.start,
            item: label)
    }

    private mutating func warnOfAppend(_ name: Scalar, _ key: String, _ label: String) {
        diagnostics.warning(
            .deprecatedItem, "'append: true' is deprecated; write 'override: {\(key): append}'", at: name.start, item: label)
    }
}

extension Merge {
    func replaces(_ key: String) -> Bool {
        guard case .override(let modes) = self else { return false }
        return modes[key] == .replace
    }
}

extension PlacedText {
    /// This, a blank, and the scalar: how a condition is appended to.
    func joined(with scalar: Scalar) -> PlacedText {
        var builder = PlacedTextBuilder()
        builder.append(self)
        builder.append(" ", standingFor: scalar)
        builder.append(scalar)
        return builder.built
    }
}
