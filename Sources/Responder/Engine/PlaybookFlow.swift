// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import ResponseLanguage

/// Which actions of a playbook come next, decided from how the earlier ones ended; a response and a rehearsal walk by it. It has no
/// effects of its own.
struct PlaybookFlow {
    /// One action, and why it is left out; nil when it is done.
    struct Turn {
        let step: PlannedAction
        let leftOut: String?
    }

    private let playbook: PlannedPlaybook
    private var position = 0
    private var outcomes: [ActionName: Outcome] = [:]
    private var isStopped = false
    /// True when an action waits for people: nothing comes after it until they have answered.
    private(set) var isSuspended = false
    /// Actions that were not reached.
    private(set) var unreached: [ActionName] = []

    init(_ playbook: PlannedPlaybook) { self.playbook = playbook }

    private var steps: [PlannedAction] { playbook.actions + playbook.finally }

    /// The next action, or all of the next `parallel` group; nil when nothing is left.
    mutating func next() -> [Turn]? {
        while !isSuspended, position < steps.count {
            let batch = group()
            position += batch.count
            var turns: [Turn] = []
            for step in batch {
                // Talon's stop ends what follows, but for what says on which outcome it is done.
                if isStopped, step.flow.conditions.isEmpty, !isFinal(position) {
                    unreached.append(step.name)
                } else {
                    turns.append(Turn(step: step, leftOut: objection(step)))
                }
            }
            if !turns.isEmpty { return turns }
        }
        if isSuspended { unreached += steps.dropFirst(position).map(\.name) }
        return nil
    }

    /// Takes in how an action ended.
    mutating func ended(_ step: PlannedAction, _ outcome: Outcome) {
        outcomes[step.name] = outcome
        switch outcome {
        case .awaiting: isSuspended = true
        case .skipped where step.flow.maySkip: break
        case .done, .skipped, .refused, .rehearsed, .failed, .unknown:
            if !step.continues || (outcome.stopsPlaybook && !step.ignoresErrors && !isBoundedEvidence(step)) { isStopped = true }
        }
    }

    /// True when the playbook bounds its evidence, which then holds nothing up and stops nothing.
    private func isBoundedEvidence(_ step: PlannedAction) -> Bool { playbook.evidenceSeconds != nil && step.card.kind == .observe }

    private func isFinal(_ end: Int) -> Bool { end > playbook.actions.count }

    private func group() -> [PlannedAction] {
        let rest = steps.dropFirst(position)
        guard let first = rest.first, let group = first.flow.group else { return Array(rest.prefix(1)) }
        return Array(rest.prefix { $0.flow.group == group })
    }

    private func objection(_ step: PlannedAction) -> String? {
        guard let unmet = step.flow.conditions.first(where: { !$0.holds(outcomes[$0.action]) }) else { return nil }
        let end = outcomes[unmet.action].map { "ended as \($0.label)" } ?? "was not reached"
        return "it is done when \(unmet.text), and \(unmet.action) \(end)"
    }
}
