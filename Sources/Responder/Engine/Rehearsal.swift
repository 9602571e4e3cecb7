// SPDX-License-Identifier: Apache-2.0

public import Actions
public import EventModel
public import Guardrails
internal import KubeClient
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
        var steps: [Step] = []
        // What was rehearsed counts for the cooldown and the budget of later actions, as the act itself would.
        var recent = recent
        for step in plan.actions {
            let request = ActionRequest(alert, playbook: plan.name, step: step)
            let result = await rehearse(request, after: recent)
            steps.append(result)
            if result.wouldCount { recent.append(PastAct(result.act, at: work.now())) }
            guard step.continues, step.ignoresErrors || !result.outcome.stopsPlaybook else { break }
        }
        return Answer(
            playbook: plan.name, mismatch: playbook.mismatch(with: alert), steps: steps,
            unreached: plan.actions.dropFirst(steps.count).map(\.name))
    }

    private func rehearse(_ request: ActionRequest, after recent: [PastAct]) async -> Step {
        var run = ActionRun(request)
        while true {
            switch run.stage {
            case .prepare: run.prepared(await work.prepare(request, kube), limit: work.limit)
            case .judge(let preparation):
                run.judged(work.judge(preparation, about: request.alert, playbookRehearses: true, recent: .success(recent)))
            case .rehearse(let preparation, _): run.acted(await work.act(preparation, kube))
            case .settle(let act, let outcome), .close(let act, _, let outcome):
                return Step(action: request.step.name, act: act, outcome: outcome)
            case .intend(let preparation), .act(let preparation, _):
                // The mode is rehearse, so the guardrails never allow an act.
                return Step(action: request.step.name, act: preparation.act, outcome: .skipped(why: "a rehearsal does not act"))
            case .ended(let ending):
                return Step(action: request.step.name, act: ending.act, outcome: ending.outcome)
            }
        }
    }
}

extension Rehearsal.Step {
    /// True when the journal would count the act as one that happened or may have.
    fileprivate var wouldCount: Bool {
        switch outcome {
        case .rehearsed, .done, .unknown: true
        case .skipped, .refused, .awaiting, .failed: false
        }
    }
}

extension PastAct {
    /// An act that was only rehearsed; its number 0 is no entry of the journal.
    fileprivate init(_ act: PlannedAct, at time: Timestamp) {
        let intention = act.intention
        self.init(
            id: 0, time: time, kind: act.kind, workload: act.workload, actuator: intention.actuator, target: intention.target)
    }
}
