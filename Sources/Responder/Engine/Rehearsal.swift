// SPDX-License-Identifier: Apache-2.0

public import Actions
public import EventModel
public import Guardrails
internal import KubeClient
internal import Records
public import ResponseLanguage

/// Shows what a playbook would do about an alert, and why it would not; nothing is changed and nothing is recorded.
public struct Rehearsal: Sendable {
    /// What one action would do.
    public struct Step: Sendable {
        /// The action's name in the playbook.
        public var action: ActionName
        /// What it would do, or why not.
        public var act: PlannedAct
        /// How it would end.
        public var outcome: Outcome
    }

    /// What a whole playbook would do.
    public struct Answer: Sendable {
        /// The playbook.
        public var playbook: PlaybookName
        /// Why it would not answer the alert by itself; nil when it would.
        public var mismatch: String?
        /// Its actions, as far as they would be reached.
        public var steps: [Step]
        /// Those that would not be reached.
        public var unreached: [ActionName]
    }

    private let work: StepWork
    private let kube: any Kube
    private let recent: [PastAct]

    /// Rehearses on a cluster in which nothing changes, by these limits and after these acts.
    public init(
        catalogue: ActionCatalogue = ActionCatalogue(), kube: any Kube, settings: GuardrailSettings, recent: [PastAct] = [],
        limit: Duration = .seconds(30), now: @escaping @Sendable () -> Timestamp = ResponderParts.systemTime,
        stopFileIsPresent: @escaping @Sendable (String) -> Bool = ResponderParts.fileMayExist
    ) {
        var settings = settings
        settings.mode = .rehearse
        work = StepWork(catalogue: catalogue, settings: settings, limit: limit, now: now, stopFileIsPresent: stopFileIsPresent)
        self.kube = kube
        self.recent = recent
    }

    /// Rehearses one playbook about one alert, also when the playbook would not answer it.
    public func rehearse(_ playbook: Playbook, about alert: Alert) async -> Answer {
        let plan = playbook.steps
        // What was rehearsed counts for the budget of later actions, as the act itself would; its number is below those of the journal.
        let counted = RecentActs()
        counted.load(recent, at: work.moment)
        let walk = ActionWalk(
            work: work, kube: kube, rehearsal: kube, makeRehearsal: { [kube] in kube }, playbookRehearses: true, recent: counted,
            record: NoRecord())
        var steps: [Step] = []
        var flow = PlaybookFlow(plan)
        // Those of one group are shown one after the other: that changes no outcome, and the order is always the same.
        while let turns = flow.next() {
            for turn in turns {
                let request = ActionRequest(alert, playbook: plan.name, step: turn.step)
                let shown: Step
                if let why = turn.leftOut {
                    shown = Step(action: turn.step.name, act: request.unread, outcome: .skipped(why: why))
                } else {
                    let ending = await walk.walk(request)
                    shown = Step(action: turn.step.name, act: ending.act, outcome: ending.outcome)
                }
                steps.append(shown)
                flow.ended(turn.step, shown.outcome)
                guard shown.outcome.wouldCount else { continue }
                counted.load([PastAct(shown.act, id: -Int64(steps.count), at: work.now(), rule: alert.rule)], at: work.moment)
            }
        }
        return Answer(playbook: plan.name, mismatch: playbook.mismatch(with: alert), steps: steps, unreached: flow.unreached)
    }
}

/// Writes nothing down. The mode is rehearse, so the guardrails never allow an act that would need a record.
private struct NoRecord: ActionRecord {
    func trouble() async -> JournalError? { nil }

    func intend(_ act: PlannedAct) async -> Result<IntentionID, JournalError> {
        .failure(JournalError(.readOnly, "a rehearsal writes nothing down, so it does not act"))
    }

    func settle(_ act: PlannedAct, _ outcome: Outcome) async -> Result<ActionRun.Record?, JournalError> { .success(nil) }

    func close(_ act: PlannedAct, _ id: IntentionID, _ outcome: Outcome) async -> Result<ActionRun.Record?, JournalError> { .success(nil) }
}

extension Outcome {
    /// True when the journal would count the act as one that happened or may have.
    fileprivate var wouldCount: Bool {
        if case .rehearsed = self { return true }
        return mayHaveHappened
    }
}
