// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import SourceText

/// The third pass: blocks become playbooks. Only actions that a playbook uses are checked, as in Talon.
struct PlaybookCheck {
    let cards: [ActionCard]
    let shared: [ActionBlock]
    var bag: DiagnosticBag

    mutating func playbook(from block: PlaybookBlock) -> Playbook? {
        let item = "rule \"\(block.name.value)\""
        var criteria = CriteriaCheck(item: item, bag: bag)
        let match = criteria.criteria(from: block)
        bag = criteria.bag
        let allowsOthers = flag(block.continues, "continue", unset: true, item)
        let isRehearsal = flag(block.dryRun, "dry_run", unset: false, item)
        if block.actions.isEmpty { bag.error(.missing, "no action specified", at: block.name.place, item: item) }
        let actions = self.actions(from: block.actions, after: [], in: item)
        let finally = self.actions(from: block.finally, after: actions.map(\.name.text), in: item)
        let evidence = block.evidence.flatMap { text -> Int? in
            if let seconds = DurationText.seconds(text.value), (1...600).contains(seconds) { return seconds }
            bag.error(.value, "'evidence_within' wants a duration from 1s to 10m, found '\(text.value)'", at: text.place, item: item)
            return nil
        }
        if let notifier = block.notifiers.first {
            bag.warning(
                .ignored, "'notifiers' has no effect in this version: the outlets of saker.yaml are told of every action",
                at: notifier.place, item: item)
        }
        let steps = PlannedPlaybook(
            name: PlaybookName(block.name.value), description: block.description?.value ?? "", isRehearsal: isRehearsal, actions: actions,
            finally: finally, evidenceSeconds: evidence)
        return Playbook(steps: steps, allowsOthers: allowsOthers, criteria: match)
    }

    private mutating func actions(from blocks: [ActionBlock], after names: [String], in item: String) -> [PlannedAction] {
        var actions: [PlannedAction] = []
        for block in blocks {
            // Those of one group begin at the same time, so none comes before the other.
            let before = actions.filter { block.group == nil || $0.flow.group != block.group }.map(\.name.text)
            if let action = action(from: block, after: names + before, in: item) { actions.append(action) }
        }
        return actions
    }

    private mutating func action(from local: ActionBlock, after earlier: [String], in playbook: String) -> PlannedAction? {
        guard let name = local.name else {
            bag.error(.missing, "action without a name", at: local.place, item: playbook)
            return nil
        }
        let item = "\(playbook), action \"\(name.value)\""
        var block = local
        for global in shared where global.name?.value == name.value { block = BlockMerge.reused(block, from: global, &bag) }
        let ignoresErrors = flag(block.ignoresErrors, "ignore_errors", unset: false, item)
        let continues = block.continues.map { flag($0, "continue", unset: true, item) }
        warnOfUnused(block, item)
        guard let card = card(of: block, named: name, item) else { return nil }
        let check = ParameterCheck(name: card.name.text, parameters: card.parameters, item: item)
        let parameters = check.values(of: block.parameters, of: name.place, &bag)
        let output = OutputCheck(item: item).output(of: block, card, at: name.place, &bag)
        var flowCheck = FlowCheck(item: item, card: card, earlier: earlier, bag: bag)
        let flow = flowCheck.flow(of: block)
        bag = flowCheck.bag
        return PlannedAction(
            name: ActionName(name.value), card: card, parameters: parameters, continues: continues ?? card.defaultContinue,
            ignoresErrors: ignoresErrors, output: output, flow: flow)
    }

    private mutating func card(of block: ActionBlock, named name: Located<String>, _ item: String) -> ActionCard? {
        guard let actionner = block.actionner else {
            let hint = NearestName.hint(name.value, among: shared.compactMap { $0.name?.value })
            bag.error(
                .missing, "missing actionner: no action block named '\(name.value)' gives one\(hint)", at: name.place, item: item)
            return nil
        }
        if let card = cards.first(where: { $0.name.text == actionner.value }) { return card }
        bag.error(.unknownActionner, unknown(actionner.value), at: actionner.place, item: item)
        return nil
    }

    private func unknown(_ name: String) -> String {
        if TalonNames.actionners.contains(name) {
            return "unknown actionner '\(name)': it is one of Talon's, and not available in this version of Saker"
        }
        if name.firstMatch(of: /[a-z]+:[a-z]+/) == nil {
            return "incorrect actionner '\(name)'; expected category:verb in lower case, such as kubernetes:label"
        }
        return "unknown actionner '\(name)'" + expectation(name, among: cards.map(\.name.text))
    }

    private mutating func warnOfUnused(_ block: ActionBlock, _ item: String) {
        if let context = block.contexts.first {
            bag.warning(.ignored, "'additional_contexts' has no effect in this version", at: context.place, item: item)
        }
    }

    private mutating func flag(_ text: Located<String>?, _ key: String, unset: Bool, _ item: String) -> Bool {
        guard let text else { return unset }
        if let flag = Bool(text.value) { return flag }
        bag.error(.value, "'\(key)' setting can be 'true' or 'false' only, found '\(text.value)'", at: text.place, item: item)
        return unset
    }
}

/// Names that Talon knows, so that a file made for it is told apart from a slip.
enum TalonNames {
    static let actionners: Set<String> = [
        "kubernetes:terminate", "kubernetes:label", "kubernetes:annotation", "kubernetes:networkpolicy", "kubernetes:exec",
        "kubernetes:script", "kubernetes:log", "kubernetes:delete", "kubernetes:cordon", "kubernetes:drain", "kubernetes:download",
        "kubernetes:tcpdump", "kubernetes:sysdig", "calico:networkpolicy", "cilium:networkpolicy", "aws:lambda", "gcp:function",
    ]
}
