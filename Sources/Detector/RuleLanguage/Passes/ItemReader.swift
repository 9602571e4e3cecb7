// SPDX-License-Identifier: Apache-2.0

import SourceText

/// Reads one item of a rule file: the second half of pass 1.
struct ItemReader {
    private enum Kind: String, CaseIterable {
        case engineVersion = "required_engine_version"
        case pluginVersions = "required_plugin_versions"
        case list, macro, rule

        var keys: [String] {
            switch self {
            case .engineVersion, .pluginVersions: [rawValue]
            case .list: ["list", "items", "append", "override"]
            case .macro: ["macro", "condition", "append", "override"]
            case .rule:
                [
                    "rule", "condition", "output", "desc", "priority", "source", "enabled", "tags", "exceptions", "warn_evttypes",
                    "skip-if-unknown-filter", "capture", "capture_duration", "append", "override",
                ]
            }
        }
    }

    private let members: [SourceEntry]
    private let location: SourceLocation
    private var item = ""
    private var failed = false
    var diagnostics = DiagnosticBag()

    init(members: [SourceEntry], location: SourceLocation) {
        self.members = members
        self.location = location
    }

    /// The item; nil when it is not understood or has the wrong shape, which is then among the diagnostics.
    mutating func read() -> SourceItem? {
        guard let kind = Kind.allCases.first(where: { kind in value(kind.rawValue) != nil }) else {
            let word = members.first?.key.text ?? ""
            let hint = NearestName.hint(word, among: Kind.allCases.map(\.rawValue))
            diagnostics.warning(.unknownItem, "this is no list, macro, rule or requirement, and is left out\(hint)", at: location)
            return nil
        }
        if let name = value(kind.rawValue)?.scalar, !name.text.isEmpty { item = "\(kind.rawValue) \"\(name.text)\"" }
        warnOfUnknownKeys(kind)
        let found = read(kind)
        return failed ? nil : found
    }

    private mutating func read(_ kind: Kind) -> SourceItem? {
        switch kind {
        case .engineVersion: return text(kind.rawValue).map(SourceItem.engineVersion)
        case .pluginVersions: return pluginVersions()
        case .list: return name(kind).map { .list(ListItem(name: $0, items: texts("items"), merge: merge(kind))) }
        case .macro: return name(kind).map { .macro(MacroItem(name: $0, condition: text("condition"), merge: merge(kind))) }
        case .rule: return name(kind).map { .rule(rule(named: $0)) }
        }
    }

    private mutating func rule(named name: Scalar) -> RuleItem {
        RuleItem(
            name: name, condition: text("condition"), output: text("output"), description: text("desc"), priority: text("priority"),
            source: text("source"), enabled: flag("enabled"), tags: texts("tags"), exceptions: exceptions(),
            warnEventTypes: flag("warn_evttypes"), skipIfUnknownFilter: flag("skip-if-unknown-filter"), merge: merge(.rule))
    }

    private func value(_ key: String) -> SourceTree? { members.first { $0.key.text == key }?.value }

    private mutating func fail(_ message: String, at location: SourceLocation) {
        failed = true
        diagnostics.error(.yamlValidate, message, at: location, item: item)
    }

    private mutating func warnOfUnknownKeys(_ kind: Kind) {
        for member in members where !kind.keys.contains(member.key.text) {
            let hint = NearestName.hint(member.key.text, among: kind.keys)
            diagnostics.warning(
                .unknownKey, "unknown key '\(member.key.text)' in a \(kind.rawValue) item; it is ignored\(hint)", at: member.key.start,
                item: item)
        }
    }

    private mutating func name(_ kind: Kind) -> Scalar? {
        guard let found = text(kind.rawValue), !found.text.isEmpty else {
            if !failed { fail("'\(kind.rawValue):' needs a name", at: value(kind.rawValue)?.location ?? location) }
            return nil
        }
        return found
    }

    private mutating func text(_ key: String) -> Scalar? {
        guard let found = value(key), !found.isNull else { return nil }
        if found.scalar == nil { fail("'\(key)' must be a text", at: found.location) }
        return found.scalar
    }

    private mutating func texts(_ key: String) -> [Scalar]? {
        guard let found = value(key), !found.isNull else { return nil }
        guard case .sequence(let entries, _) = found else {
            fail("'\(key)' must be a list of texts, such as [one, two]", at: found.location)
            return nil
        }
        return entries.compactMap { entry in
            if entry.scalar == nil { fail("each entry of '\(key)' must be a text", at: entry.location) }
            return entry.scalar
        }
    }

    private mutating func flag(_ key: String) -> Bool? {
        guard let found = text(key) else { return nil }
        // YAML 1.1's words for booleans, which yaml-cpp accepts in these cases.
        switch found.text.lowercased() {
        case "true", "yes", "on", "y": return true
        case "false", "no", "off", "n": return false
        case let other:
            fail("'\(key)' must be true or false, not '\(other)'", at: found.start)
            return nil
        }
    }

    private mutating func merge(_ kind: Kind) -> Merge {
        let appends = flag("append") ?? false
        guard let found = value("override"), !found.isNull else { return appends ? .append : .define }
        guard case .mapping(let entries, _) = found else {
            fail("'override' must be a map of keys to 'append' or 'replace'", at: found.location)
            return .define
        }
        if appends { fail("'append: true' and 'override' exclude each other; keep 'override'", at: found.location) }
        var modes: [String: OverrideMode] = [:]
        for entry in entries { modes[entry.key.text] = overrideMode(entry, kind) }
        let given = members.map(\.key.text).filter { $0 != kind.rawValue && $0 != "override" && $0 != "append" }
        for key in given where !entries.contains(where: { $0.key.text == key }) && kind.keys.contains(key) {
            fail("Unexpected key '\(key)': no corresponding entry under 'override' is defined.", at: location)
        }
        for entry in entries where !given.contains(entry.key.text) {
            fail("'override' names '\(entry.key.text)', but the item has no such key", at: entry.key.start)
        }
        return .override(modes)
    }

    private mutating func overrideMode(_ entry: SourceEntry, _ kind: Kind) -> OverrideMode? {
        let appendable: [String], replaceable: [String]
        switch kind {
        case .engineVersion, .pluginVersions: (appendable, replaceable) = ([], [])
        case .list: (appendable, replaceable) = (["items"], ["items"])
        case .macro: (appendable, replaceable) = (["condition"], ["condition"])
        case .rule:
            appendable = ["condition", "output", "desc", "tags", "exceptions"]
            replaceable =
                appendable + ["priority", "enabled", "warn_evttypes", "skip-if-unknown-filter", "capture", "capture_duration"]
        }
        let key = entry.key.text
        guard let word = entry.value.scalar?.text, let mode = OverrideMode(rawValue: word) else {
            fail("'override' of '\(key)' must be 'append' or 'replace'", at: entry.value.location)
            return nil
        }
        let allowed = mode == .append ? appendable : replaceable
        if !allowed.contains(key) {
            fail("'\(key)' of a \(kind.rawValue) cannot be overridden with '\(word)'", at: entry.key.start)
        }
        return mode
    }

    private mutating func exceptions() -> [ExceptionItem]? {
        guard let found = value("exceptions"), !found.isNull else { return nil }
        guard case .sequence(let entries, _) = found else {
            fail("'exceptions' must be a list", at: found.location)
            return nil
        }
        return entries.compactMap { exception($0) }
    }

    private mutating func exception(_ entry: SourceTree) -> ExceptionItem? {
        guard case .mapping(let keys, let place) = entry else {
            fail("an exception is a map with name, fields, comps and values", at: entry.location)
            return nil
        }
        let part = { (key: String) in keys.first { $0.key.text == key && !$0.value.isNull } }
        guard let name = part("name")?.value.scalar else {
            fail("an exception needs a 'name'", at: place)
            return nil
        }
        let known = ["name", "fields", "comps", "values"]
        for key in keys where !known.contains(key.key.text) {
            let hint = NearestName.hint(key.key.text, among: known)
            diagnostics.warning(
                .unknownKey, "unknown key '\(key.key.text)' in an exception; it is ignored\(hint)", at: key.key.start, item: item)
        }
        return ExceptionItem(
            name: name, fields: part("fields")?.value, comparisons: part("comps")?.value, values: part("values")?.value)
    }

    private mutating func pluginVersions() -> SourceItem? {
        let key = Kind.pluginVersions.rawValue
        guard let found = value(key), case .sequence(let entries, _) = found else {
            fail("'\(key)' must be a list of names and versions", at: value(key)?.location ?? location)
            return nil
        }
        let requirements = entries.compactMap { entry -> PluginRequirement? in
            guard case .mapping(let keys, _) = entry else {
                fail("a plugin requirement is a map with name and version", at: entry.location)
                return nil
            }
            var choices = [(keys, entry.location)]
            if case .sequence(let others, _)? = keys.first(where: { $0.key.text == "alternatives" })?.value {
                choices += others.compactMap { other in
                    guard case .mapping(let keys, let location) = other else { return nil }
                    return (keys, location)
                }
            }
            return PluginRequirement(alternatives: choices.compactMap { pluginVersion($0.0, at: $0.1) })
        }
        return .pluginVersions(requirements, found.location)
    }

    private mutating func pluginVersion(_ keys: [SourceEntry], at location: SourceLocation) -> (name: Scalar, version: Scalar)? {
        guard let name = keys.first(where: { $0.key.text == "name" })?.value.scalar,
            let version = keys.first(where: { $0.key.text == "version" })?.value.scalar
        else {
            fail("a plugin requirement needs 'name' and 'version'", at: location)
            return nil
        }
        return (name, version)
    }
}
