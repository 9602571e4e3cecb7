// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// One checked playbook: which alerts it answers, and with what.
public struct Playbook: Sendable, Hashable {
    /// What it does, in order.
    public let steps: PlannedPlaybook
    /// False when no later playbook may answer an alert that this one answers.
    public let allowsOthers: Bool
    let criteria: Criteria

    /// The namespaces that its match limits it to (`k8s.ns.name=shop` in each item of `output_fields`); nil when it does not.
    public var namespaces: Set<String>? { criteria.namespaces }

    /// Why it does not answer an alert, as a sentence that begins with "its" or "it"; nil when it does.
    public func mismatch(with alert: Alert) -> String? { criteria.mismatch(with: alert) }
}

/// What one playbook does about an alert.
public struct PlannedPlaybook: Sendable, Hashable {
    /// Its name (Talon's `rule`).
    public let name: PlaybookName
    /// Its description; empty when it has none.
    public let description: String
    /// True when it says `dry_run: true`.
    public let isRehearsal: Bool
    /// Its actions, in order; at least one.
    public let actions: [PlannedAction]
    /// What is done after them, whatever came of them.
    public let finally: [PlannedAction]
    /// How many seconds its observing actions may take together before the others go on; nil when nothing bounds them.
    public let evidenceSeconds: Int?
}

/// One action of a playbook, with its parameters checked and merged.
public struct PlannedAction: Sendable, Hashable {
    /// Its name in the playbook.
    public let name: ActionName
    /// What carries it out, and all that is known about that.
    public let card: ActionCard
    /// Its parameters, by the names and in the shapes of the card.
    public let parameters: [String: JSONValue]
    /// Whether the next action runs after it.
    public let continues: Bool
    /// Whether an error of it leaves the next action to run.
    public let ignoresErrors: Bool
    /// Where what it gathered is kept; nil when the playbook does not say.
    public let output: PlannedOutput?
    /// When, how long and how often it is tried.
    public let flow: StepFlow

    /// Brings the parts together.
    public init(
        name: ActionName, card: ActionCard, parameters: [String: JSONValue], continues: Bool, ignoresErrors: Bool,
        output: PlannedOutput? = nil, flow: StepFlow = StepFlow()
    ) {
        self.name = name
        self.card = card
        self.parameters = parameters
        self.continues = continues
        self.ignoresErrors = ignoresErrors
        self.output = output
        self.flow = flow
    }
}

/// All playbooks that were loaded together, in order.
public struct PlaybookSet: Sendable, Hashable {
    /// The playbooks, in the order in which their names first stand in the files.
    public let playbooks: [Playbook]

    /// What is done about an alert: the playbooks that answer it, in order, up to one that lets no other follow.
    public func plan(for alert: Alert) -> [PlannedPlaybook] {
        let answering = playbooks.filter { $0.mismatch(with: alert) == nil }
        let last = answering.firstIndex { !$0.allowsOthers } ?? answering.endIndex - 1
        return answering.prefix(through: last).map(\.steps)
    }

    /// As far back as an action counts offences, in seconds; 0 when none does.
    public var longestOffenceSeconds: Int {
        playbooks.flatMap { $0.steps.actions + $0.steps.finally }.compactMap(\.flow.offence?.windowSeconds).max() ?? 0
    }

    /// The playbook of that name.
    public subscript(_ name: PlaybookName) -> Playbook? { playbooks.first { $0.steps.name == name } }
}
