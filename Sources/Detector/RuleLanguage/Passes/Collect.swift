// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText

/// Pass 2: the items of all files, in order, become one set: a later definition takes an earlier one's place, appends and
/// overrides are carried out, toggles applied.
struct Collect {
    /// What version of Falco's engine the dialect is that of.
    static let engineVersion = (major: 0, minor: 63, patch: 0)
    /// The plugins that rule files may require, with the versions whose fields are known here.
    static let plugins = [
        "container": (major: 0, minor: 7, patch: 0), "k8saudit": (major: 0, minor: 18, patch: 0),
        "cloudtrail": (major: 0, minor: 17, patch: 1), "json": (major: 0, minor: 7, patch: 4),
    ]
    /// The event sources that rules may name.
    static let sources = EventSource.allCases.map(\.rawValue)
    /// For how many unknown names the nearest known one is looked for: each time, all are looked through.
    static let hintLimit = 50

    private var lists = Definitions<CollectedList>()
    private var macros = Definitions<CollectedMacro>()
    private var merger = RuleMerger()
    private var diagnostics = DiagnosticBag()
    private var hints = 0

    static func merge(_ items: [SourceItem], into diagnostics: inout DiagnosticBag) -> Collected {
        var pass = Collect()
        for item in items { pass.collect(item) }
        diagnostics.add(pass.diagnostics)
        diagnostics.add(pass.merger.diagnostics)
        return Collected(lists: pass.lists.all, macros: pass.macros.all, rules: pass.merger.rules)
    }

    private mutating func collect(_ item: SourceItem) {
        switch item {
        case .engineVersion(let version): requireEngine(version)
        case .pluginVersions(let requirements, _): requirements.forEach { requirePlugin($0) }
        case .list(let list): collect(list)
        case .macro(let macro): collect(macro)
        case .rule(let rule): merger.merge(rule)
        }
    }

    private mutating func requireEngine(_ version: Scalar) {
        let item = "required_engine_version"
        guard let wanted = UInt32(version.text).map({ (0, Int($0), 0) }) ?? Self.version(version.text) else {
            return diagnostics.error(
                .yamlValidate, "required_engine_version must be a number or x.y.z, not '\(version.text)'", at: version.start, item: item)
        }
        let own = Self.engineVersion
        guard wanted.0 != own.major || (wanted.1, wanted.2) > (own.minor, own.patch) else { return }
        diagnostics.error(
            .validate,
            "the rules require engine version \(wanted.0).\(wanted.1).\(wanted.2), but this is \(own.major).\(own.minor).\(own.patch)",
            at: version.start, item: item)
    }

    // x.y.z, with anything that is no digit behind it.
    private static func version(_ text: String) -> (Int, Int, Int)? {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let major = UInt32(parts[0]), let minor = UInt32(parts[1]),
            let patch = UInt32(parts[2].prefix { $0.isASCII && $0.isNumber })
        else { return nil }
        return (Int(major), Int(minor), Int(patch))
    }

    private mutating func requirePlugin(_ requirement: PluginRequirement) {
        let item = "required_plugin_versions"
        var names: Set<String> = []
        var isSatisfied = false
        for (name, version) in requirement.alternatives {
            guard let wanted = Self.version(version.text) else {
                let message = "the required version '\(version.text)' of plugin '\(name.text)' must be x.y.z"
                return diagnostics.error(.validate, message, at: version.start, item: item)
            }
            guard names.insert(name.text).inserted else {
                return diagnostics.error(.validate, "plugin '\(name.text)' stands here twice", at: name.start, item: item)
            }
            guard let own = Self.plugins[name.text] else { continue }
            isSatisfied = isSatisfied || wanted.0 == own.major && (wanted.1, wanted.2) <= (own.minor, own.patch)
        }
        guard !isSatisfied else { return }
        let choices = requirement.alternatives.map { "\($0.name.text) (>= \($0.version.text))" }.joined(separator: ", ")
        diagnostics.error(
            .validate, "Plugin requirement not satisfied, must load one of: \(choices)",
            at: requirement.alternatives.first?.name.start, item: item)
    }

    private mutating func collect(_ item: ListItem) {
        let label = "list \"\(item.name.text)\""
        let isValid = !item.name.text.isEmpty && !item.name.text.utf8.contains { Lexicon.endsListName($0) }
        if !isValid {
            diagnostics.warning(
                .invalidListName, "a list's name must not hold blanks, quotes or any of ( ) = ,", at: item.name.start, item: label)
        }
        guard let items = item.items else { return missing("items", of: item.name, label) }
        if !item.merge.appends("items") {
            lists.define(CollectedList(name: item.name, items: items, visibility: lists.all.count))
        } else if lists.change(item.name.text, { $0.items += items }) {
            warnOfAppend(item.merge, item.name, "items", label)
        } else {
            noEarlier("list", item.name, label, among: lists)
        }
    }

    private mutating func collect(_ item: MacroItem) {
        let label = "macro \"\(item.name.text)\""
        if !Lexicon.isIdentifier(item.name.text) {
            diagnostics.warning(
                .invalidMacroName, "a macro's name must be a letter followed by letters, digits or _", at: item.name.start, item: label)
        }
        guard let condition = item.condition else { return missing("condition", of: item.name, label) }
        if !item.merge.appends("condition") {
            macros.define(CollectedMacro(name: item.name, condition: AppendedText(condition), visibility: macros.all.count))
        } else if macros.change(item.name.text, { $0.condition.append(condition) }) {
            warnOfAppend(item.merge, item.name, "condition", label)
        } else {
            noEarlier("macro", item.name, label, among: macros)
        }
    }

    private mutating func missing(_ key: String, of name: Scalar, _ label: String) {
        diagnostics.error(.yamlValidate, "the item has no '\(key)'", at: name.start, item: label)
    }

    private mutating func noEarlier(_ kind: String, _ name: Scalar, _ label: String, among known: Definitions<some Definition>) {
        hints += 1
        let names = hints > Self.hintLimit ? [] : known.all.map(\.name.text)
        diagnostics.error(
            .validate, "there is no earlier \(kind) of that name to change\(NearestName.hint(name.text, among: names))", at: name.start,
            item: label)
    }

    private mutating func warnOfAppend(_ merge: Merge, _ name: Scalar, _ key: String, _ label: String) {
        guard case .append = merge else { return }
        diagnostics.warning(
            .deprecatedItem, "'append: true' is deprecated; write 'override: {\(key): append}'", at: name.start, item: label)
    }
}

extension Merge {
    /// True when that key is added to what stands before; a replacement of all that an item has is a definition.
    fileprivate func appends(_ key: String) -> Bool {
        switch self {
        case .define: false
        case .append: true
        case .override(let modes): modes[key] != .replace
        }
    }
}
