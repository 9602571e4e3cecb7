// SPDX-License-Identifier: Apache-2.0

import SourceText

/// Reads one item of a rule file: the second half of pass 1.
struct ItemReader {
    enum Kind: String, CaseIterable {
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
        switch kind {
        case .engineVersion, .pluginVersions: item = kind.rawValue
        case .list, .macro, .rule:
            let name = value(kind.rawValue).flatMap { $0.isNull ? nil : $0.scalar?.text } ?? ""
            item = "\(kind.rawValue) \"\(name)\""
        }
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
            warnEventTypes: flag("warn_evttypes"), skipIfUnknownFilter: flag("skip-if-unknown-filter"), captures: captures(),
            merge: merge(.rule))
    }

    // Falco can write a capture file when a rule matches. The keys are understood, so that such a rule loads.
    private mutating func captures() -> Scalar? {
        if let duration = text("capture_duration"), UInt32(duration.text) == nil {
            fail("'capture_duration' must be a number of milliseconds, not '\(duration.text)'", at: duration.start)
        }
        return flag("capture") == true ? value("capture")?.scalar : nil
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
        guard let found = value(kind.rawValue), !found.isNull, found.scalar?.text != "" else {
            fail("'\(kind.rawValue):' needs a name", at: value(kind.rawValue)?.location ?? location)
            return nil
        }
        return text(kind.rawValue)
    }

    // A key that is there must have a value: nothing is ever replaced by nothing without a word.
    private mutating func text(_ key: String) -> Scalar? {
        guard let found = value(key) else { return nil }
        guard let scalar = found.scalar else {
            fail("'\(key)' must be a text", at: found.location)
            return nil
        }
        if found.isNull || scalar.text.isEmpty { fail("'\(key)' must not be empty", at: found.location) }
        if scalar.text.utf8.contains(0) { fail("'\(key)' must not hold a NUL", at: found.location) }
        if scalar.text.utf8.count > ListSubstitution.sizeLimit {
            fail("'\(key)' is longer than \(ListSubstitution.sizeLimit) bytes", at: found.location)
        }
        return scalar
    }

    private mutating func texts(_ key: String) -> [Scalar]? {
        guard let found = value(key) else { return nil }
        guard case .sequence(let entries, _) = found else {
            fail("'\(key)' must be a list of texts, such as [one, two]", at: found.location)
            return nil
        }
        return entries.compactMap { entry in
            if entry.scalar == nil || entry.isNull { fail("each entry of '\(key)' must be a text", at: entry.location) }
            if entry.scalar?.text.utf8.contains(0) == true { fail("an entry of '\(key)' must not hold a NUL", at: entry.location) }
            return entry.scalar
        }
    }

    // YAML 1.1's words for booleans, in lower case, in upper case or with a capital, as yaml-cpp takes them.
    private mutating func flag(_ key: String) -> Bool? {
        guard let found = text(key), !found.text.isEmpty, !SourceTree.scalar(found).isNull else { return nil }
        let lower = found.text.lowercased()
        let isUsual = [lower, found.text.uppercased(), lower.prefix(1).uppercased() + lower.dropFirst()].contains(found.text)
        if isUsual, ["true", "yes", "on", "y"].contains(lower) { return true }
        if isUsual, ["false", "no", "off", "n"].contains(lower) { return false }
        fail("'\(key)' must be true or false, not '\(found.text)'", at: found.start)
        return nil
    }

    private mutating func merge(_ kind: Kind) -> Merge {
        let appends = flag("append") ?? false
        guard let found = value("override"), !found.isNull else { return appends ? .append : .define }
        guard case .mapping(let entries, _) = found else {
            fail("'override' must be a map of keys to 'append' or 'replace'", at: found.location)
            return .define
        }
        guard !entries.isEmpty else { return appends ? .append : .define }
        if appends { fail("'append: true' and 'override' exclude each other; keep 'override'", at: found.location) }
        var modes: [String: OverrideMode] = [:]
        for entry in entries { modes[entry.key.text] = overrideMode(entry, kind) }
        let keys = Self.overridable(kind).replaceable
        for member in members where keys.contains(member.key.text) && !entries.contains(where: { $0.key.text == member.key.text }) {
            fail("Unexpected key '\(member.key.text)': no corresponding entry under 'override' is defined.", at: member.key.start)
        }
        for entry in entries where keys.contains(entry.key.text) && value(entry.key.text) == nil {
            fail("'override' names '\(entry.key.text)', but the item has no such key", at: entry.key.start)
        }
        return .override(modes)
    }

    static func overridable(_ kind: Kind) -> (appendable: [String], replaceable: [String]) {
        switch kind {
        case .engineVersion, .pluginVersions: return ([], [])
        case .list: return (["items"], ["items"])
        case .macro: return (["condition"], ["condition"])
        case .rule:
            let appendable = ["condition", "output", "desc", "tags", "exceptions"]
            return (
                appendable,
                appendable + ["priority", "enabled", "warn_evttypes", "skip-if-unknown-filter", "capture", "capture_duration"]
            )
        }
    }

    private mutating func overrideMode(_ entry: SourceEntry, _ kind: Kind) -> OverrideMode? {
        let key = entry.key.text
        guard let word = entry.value.scalar?.text, let mode = OverrideMode(rawValue: word) else {
            fail("'override' of '\(key)' must be 'append' or 'replace'", at: entry.value.location)
            return nil
        }
        let (appendable, replaceable) = Self.overridable(kind)
        let allowed = mode == .append ? appendable : replaceable
        if !allowed.contains(key) {
            let hint = replaceable.contains(key) ? "" : NearestName.hint(key, among: replaceable)
            fail("'\(key)' of a \(kind.rawValue) cannot be overridden with '\(word)'\(hint)", at: entry.key.start)
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
        let rule = item
        item = "exception \"\" of \(rule)"
        defer { item = rule }
        guard case .mapping(let keys, let place) = entry else {
            fail("an exception is a map with name, fields, comps and values", at: entry.location)
            return nil
        }
        let part = { (key: String) in keys.first { $0.key.text == key } }
        guard let name = part("name")?.value, !name.isNull, let scalar = name.scalar, !scalar.text.isEmpty else {
            fail("an exception needs a 'name'", at: place)
            return nil
        }
        item = "exception \"\(scalar.text)\" of \(rule)"
        let known = ["name", "fields", "comps", "values"]
        for key in keys where !known.contains(key.key.text) {
            let hint = NearestName.hint(key.key.text, among: known)
            diagnostics.warning(
                .unknownKey, "unknown key '\(key.key.text)' in an exception; it is ignored\(hint)", at: key.key.start, item: item)
        }
        let values = part("values")?.value
        if let values, !values.isSequence { fail("'values' of an exception must be a list", at: values.location) }
        for tree in [part("fields")?.value, part("comps")?.value, values].compactMap({ $0 }) { checkTexts(tree) }
        return ExceptionItem(name: scalar, fields: part("fields")?.value, comparisons: part("comps")?.value, values: values)
    }

    private mutating func checkTexts(_ tree: SourceTree) {
        switch tree {
        case .scalar(let scalar):
            if scalar.text.isEmpty, !tree.isNull { fail("a text of an exception must not be empty", at: scalar.start) }
            if scalar.text.utf8.contains(0) { fail("a text of an exception must not hold a NUL", at: scalar.start) }
        case .sequence(let entries, _):
            for entry in entries {
                if entry.isNull { fail("a text of an exception must not be empty", at: entry.location) }
                checkTexts(entry)
            }
        case .mapping(_, let place): fail("an exception holds texts and lists of texts, no maps", at: place)
        }
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
            return PluginRequirement(alternatives: choices(keys, at: entry.location).compactMap { pluginVersion($0.0, at: $0.1) })
        }
        return .pluginVersions(requirements, found.location)
    }

    private mutating func choices(_ keys: [SourceEntry], at place: SourceLocation) -> [([SourceEntry], SourceLocation)] {
        guard let others = keys.first(where: { $0.key.text == "alternatives" })?.value else { return [(keys, place)] }
        guard case .sequence(let entries, _) = others else {
            fail("'alternatives' of a plugin must be a list of names and versions", at: others.location)
            return []
        }
        return [(keys, place)] + entries.compactMap { entry in
            guard case .mapping(let keys, let location) = entry else {
                fail("an alternative is a map with name and version", at: entry.location)
                return nil
            }
            return (keys, location)
        }
    }

    private mutating func pluginVersion(_ keys: [SourceEntry], at location: SourceLocation) -> (name: Scalar, version: Scalar)? {
        guard let name = keys.first(where: { $0.key.text == "name" })?.value.scalar, !name.text.isEmpty,
            let version = keys.first(where: { $0.key.text == "version" })?.value.scalar, !version.text.isEmpty
        else {
            fail("a plugin requirement needs 'name' and 'version'", at: location)
            return nil
        }
        return (name, version)
    }
}
