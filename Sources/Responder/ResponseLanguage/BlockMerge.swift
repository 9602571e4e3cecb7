// SPDX-License-Identifier: Apache-2.0

internal import SourceText

/// The second pass: blocks of one kind and one name become one, at the place of the first, whether in one file or in several.
enum BlockMerge {
    static func merged(_ blocks: Blocks, _ bag: inout DiagnosticBag) -> Blocks {
        var result = Blocks()
        for block in blocks.actions {
            if let index = result.actions.firstIndex(where: { $0.name?.value == block.name?.value }) {
                override(&result.actions[index], by: block, &bag)
            } else {
                result.actions.append(block)
            }
        }
        for block in blocks.playbooks {
            if let index = result.playbooks.firstIndex(where: { $0.name.value == block.name.value }) {
                override(&result.playbooks[index], by: block)
            } else {
                result.playbooks.append(block)
            }
        }
        return result
    }

    private static func override(_ first: inout ActionBlock, by later: ActionBlock, _ bag: inout DiagnosticBag) {
        first.description = later.description ?? first.description
        first.actionner = later.actionner ?? first.actionner
        first.continues = later.continues ?? first.continues
        first.ignoresErrors = later.ignoresErrors ?? first.ignoresErrors
        first.contexts += later.contexts
        // Talon keeps the first target, so an override cannot send a result elsewhere.
        first.outputTarget = first.outputTarget ?? later.outputTarget
        first.parameters = ParameterMerge.override(first.parameters, by: later.parameters, &bag)
        first.flow = later.flow + first.flow.filter { old in !later.flow.contains { $0.key == old.key } }
        first.outputParameters = ParameterMerge.override(first.outputParameters, by: later.outputParameters, &bag)
    }

    private static func override(_ first: inout PlaybookBlock, by later: PlaybookBlock) {
        first.description = later.description ?? first.description
        first.continues = later.continues ?? first.continues
        first.dryRun = later.dryRun ?? first.dryRun
        // Talon replaces these two even by nothing: an override that names neither takes both away.
        first.priority = later.priority
        first.source = later.source
        first.rules += later.rules
        first.tags += later.tags
        first.fields += later.fields
        first.actions += later.actions
        first.notifiers += later.notifiers
        first.finally += later.finally
        first.evidence = later.evidence ?? first.evidence
    }

    /// An action of a playbook, with what the action block of the same name says where the playbook's own item says nothing.
    static func reused(_ local: ActionBlock, from global: ActionBlock, _ bag: inout DiagnosticBag) -> ActionBlock {
        var result = local
        result.description = local.description ?? global.description
        result.actionner = local.actionner ?? global.actionner
        result.continues = local.continues ?? global.continues
        result.ignoresErrors = local.ignoresErrors ?? global.ignoresErrors
        result.contexts = local.contexts.isEmpty ? global.contexts : local.contexts
        result.outputTarget = local.outputTarget ?? global.outputTarget
        result.parameters = ParameterMerge.reuse(local.parameters, from: global.parameters, &bag)
        result.flow = local.flow + global.flow.filter { old in !local.flow.contains { $0.key == old.key } }
        result.outputParameters = ParameterMerge.reuse(local.outputParameters, from: global.outputParameters, &bag)
        return result
    }
}

/// How two sets of parameters become one. The two ways differ in who wins, and both are Talon's.
enum ParameterMerge {
    /// A later block over an earlier one: later scalars and map members win, list items are appended.
    static func override(_ earlier: [YAMLEntry], by later: [YAMLEntry], _ bag: inout DiagnosticBag) -> [YAMLEntry] {
        merge(into: earlier, later, &bag) { earlier, later in
            switch (earlier, later) {
            case (.scalar, .scalar): later
            case (.list(let first), .list(let more)): .list(first + more)
            case (.map(let losing), .map(let winning)): .map(union(losing, winning))
            case (.scalar, _), (.list, _), (.map, _): nil
            }
        }
    }

    /// A playbook's own item over the action block that it names: its scalars win, its list items come last, its map members lose.
    static func reuse(_ local: [YAMLEntry], from global: [YAMLEntry], _ bag: inout DiagnosticBag) -> [YAMLEntry] {
        merge(into: local, global, &bag) { local, global in
            switch (local, global) {
            case (.scalar, .scalar): local
            case (.list(let last), .list(let first)): .list(first + last)
            case (.map(let losing), .map(let winning)): .map(union(losing, winning))
            case (.scalar, _), (.list, _), (.map, _): nil
            }
        }
    }

    private static func merge(
        into base: [YAMLEntry], _ other: [YAMLEntry], _ bag: inout DiagnosticBag,
        _ join: (YAMLValue.Content, YAMLValue.Content) -> YAMLValue.Content?
    ) -> [YAMLEntry] {
        var result = base.filter { !$0.value.isNull }
        for entry in other where !entry.value.isNull {
            guard let index = result.firstIndex(where: { $0.key == entry.key }) else {
                result.append(entry)
                continue
            }
            let kept = result[index].value
            guard let joined = join(kept.content, entry.value.content) else {
                bag.warning(
                    .ignored, "parameter '\(entry.key)' is \(kept.kind) at \(kept.place); this other kind of value is ignored",
                    at: entry.value.place)
                continue
            }
            // The place of the value that stands, so that a fault in it is shown where it was written.
            let place = joined == entry.value.content ? entry.value.place : kept.place
            result[index].value = YAMLValue(content: joined, place: place)
        }
        return result
    }

    private static func union(_ losing: [YAMLEntry], _ winning: [YAMLEntry]) -> [YAMLEntry] {
        losing.filter { entry in !winning.contains { $0.key == entry.key } } + winning
    }
}
