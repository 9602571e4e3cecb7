// SPDX-License-Identifier: Apache-2.0

internal import SourceText

/// The first pass: files become blocks. Every fault is told; what can be read is read.
struct BlockReader {
    private(set) var blocks = Blocks()
    private(set) var bag = DiagnosticBag()
    private var groups = 0

    mutating func read(_ file: SourceFile) {
        guard let root = YAMLReader.read(file, &bag), !root.isNull else { return }
        guard case .list(let items) = root.content else {
            bag.error(.type, "the file must be a list of 'action' and 'rule' items, found \(root.kind)", at: root.place)
            return
        }
        for item in items { read(item: item) }
    }

    private mutating func read(item: YAMLValue) {
        if item.isNull {
            bag.warning(.ignored, "an empty list item is ignored", at: item.place)
            return
        }
        guard case .map(let entries) = item.content else {
            bag.error(.type, "an item must be a mapping with the key 'action' or 'rule', found \(item.kind)", at: item.place)
            return
        }
        let mapping = MappingReader(entries, place: item.place)
        let action = mapping.text("action", &bag), playbook = mapping.text("rule", &bag)
        if let action { blocks.actions.append(block(named: action, mapping)) }
        if let playbook { blocks.playbooks.append(block(named: playbook, mapping)) }
        guard action != nil || playbook != nil else {
            let near = entries.compactMap { NearestName.of($0.key, among: ["rule", "action"]) }.first
            let hint = near.map { " (did you mean '\($0)'?)" } ?? ""
            bag.warning(.ignored, "an item with neither 'action' nor 'rule' is ignored\(hint)", at: item.place)
            return
        }
        let item = playbook.map { "rule \"\($0.value)\"" } ?? action.map { "action \"\($0.value)\"" } ?? ""
        let known = (action == nil ? [] : ActionBlock.keys) + (playbook == nil ? [] : PlaybookBlock.keys)
        mapping.warnUnknown(known: known, item: item, &bag)
    }

    private mutating func block(named name: Located<String>?, _ mapping: MappingReader) -> ActionBlock {
        var block = ActionBlock(name: name, place: mapping.place)
        block.description = mapping.text("description", &bag)
        block.actionner = mapping.text("actionner", &bag)
        block.continues = mapping.text("continue", &bag)
        block.ignoresErrors = mapping.text("ignore_errors", &bag)
        block.parameters = mapping.map("parameters", &bag)?.entries ?? []
        block.contexts = mapping.texts("additional_contexts", &bag)
        block.flow = mapping.entries.filter { FlowCheck.keys.contains($0.key) && !$0.value.isNull }
        if let output = mapping.map("output", &bag) {
            block.outputTarget = output.text("target", &bag)
            block.outputParameters = output.map("parameters", &bag)?.entries ?? []
            output.warnUnknown(known: PlaybookBlock.outputKeys, item: item(action: name), &bag)
        }
        return block
    }

    private mutating func block(named name: Located<String>, _ mapping: MappingReader) -> PlaybookBlock {
        var block = PlaybookBlock(name: name)
        block.description = mapping.text("description", &bag)
        block.continues = mapping.text("continue", &bag)
        block.dryRun = mapping.text("dry_run", &bag)
        block.notifiers = mapping.texts("notifiers", &bag)
        block.actions = mapping.list("actions", &bag).flatMap { actions(in: $0) }
        block.finally = mapping.list("finally", &bag).flatMap { actions(in: $0) }
        block.evidence = mapping.text("evidence_within", &bag)
        if let match = mapping.map("match", &bag) {
            block.rules = match.texts("rules", &bag)
            block.priority = match.text("priority", &bag)
            block.tags = match.texts("tags", &bag)
            block.fields = match.texts("output_fields", &bag)
            block.source = match.text("source", &bag)
            match.warnUnknown(known: PlaybookBlock.matchKeys, item: "rule \"\(name.value)\"", &bag)
        }
        return block
    }

    /// An item of a list of actions: one, or those of a `parallel` group.
    private mutating func actions(in item: YAMLValue, of group: Int? = nil) -> [ActionBlock] {
        guard !item.isNull else { return [] }
        guard case .map(let entries) = item.content else {
            bag.error(.type, "an action must be a mapping with the key 'action', found \(item.kind)", at: item.place)
            return []
        }
        let mapping = MappingReader(entries, place: item.place)
        if group == nil, entries.contains(where: { $0.key == "parallel" }) { return parallel(mapping) }
        let name = mapping.text("action", &bag)
        var action = block(named: name, mapping)
        action.group = group
        mapping.warnUnknown(known: ActionBlock.keys, item: self.item(action: name), &bag)
        return [action]
    }

    private mutating func parallel(_ mapping: MappingReader) -> [ActionBlock] {
        mapping.warnUnknown(known: ["parallel"], item: "parallel", &bag)
        groups += 1
        return mapping.list("parallel", &bag).flatMap { actions(in: $0, of: groups) }
    }

    private func item(action name: Located<String>?) -> String { name.map { "action \"\($0.value)\"" } ?? "" }
}

/// The keys of one mapping, taken by name and by the kind of value that Talon's types ask for.
struct MappingReader {
    let entries: [YAMLEntry]
    let place: SourceLocation

    init(_ entries: [YAMLEntry], place: SourceLocation) {
        self.entries = entries
        self.place = place
    }

    /// The raw text of a scalar, whatever its type; nil when it is absent, null or empty.
    func text(_ key: String, _ bag: inout DiagnosticBag) -> Located<String>? {
        guard let value = value(key) else { return nil }
        guard case .scalar(let scalar) = value.content else {
            bag.error(.type, "'\(key)' must be a text, found \(value.kind)", at: value.place)
            return nil
        }
        return scalar.text.isEmpty ? nil : Located(value: scalar.text, place: value.place)
    }

    /// The items of a list; null items stay.
    func list(_ key: String, _ bag: inout DiagnosticBag) -> [YAMLValue] {
        guard let value = value(key) else { return [] }
        guard case .list(let items) = value.content else {
            bag.error(.type, "'\(key)' must be a list, found \(value.kind)", at: value.place)
            return []
        }
        return items
    }

    /// The raw texts of a list of scalars; null items are dropped.
    func texts(_ key: String, _ bag: inout DiagnosticBag) -> [Located<String>] {
        var texts: [Located<String>] = []
        for item in list(key, &bag) where !item.isNull {
            if case .scalar(let scalar) = item.content {
                texts.append(Located(value: scalar.text, place: item.place))
            } else {
                bag.error(.type, "an item of '\(key)' must be a text, found \(item.kind)", at: item.place)
            }
        }
        return texts
    }

    /// The mapping under a key.
    func map(_ key: String, _ bag: inout DiagnosticBag) -> MappingReader? {
        guard let value = value(key) else { return nil }
        guard case .map(let entries) = value.content else {
            bag.error(.type, "'\(key)' must be a mapping, found \(value.kind)", at: value.place)
            return nil
        }
        return MappingReader(entries, place: value.place)
    }

    /// Warns of each key that is not known.
    func warnUnknown(known: [String], item: String, _ bag: inout DiagnosticBag) {
        for entry in entries where !known.contains(entry.key) {
            let expected = expectation(entry.key, among: known)
            bag.warning(.unknownKey, "unknown key '\(entry.key)' is ignored\(expected)", at: entry.keyPlace, item: item)
        }
    }

    private func value(_ key: String) -> YAMLValue? {
        guard let value = entries.first(where: { $0.key == key })?.value, !value.isNull else { return nil }
        return value
    }
}
