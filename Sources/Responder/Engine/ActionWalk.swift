// SPDX-License-Identifier: Apache-2.0

internal import Actions
internal import EventModel
internal import Guardrails
internal import KubeClient
internal import Records
internal import ResponseLanguage

/// Where an action's way is written down.
protocol ActionRecord: Sendable {
    /// Why the past cannot be known; nil when it can.
    func trouble() async -> JournalError?
    func intend(_ act: PlannedAct) async -> Result<IntentionID, JournalError>
    /// Nil where nothing is written down at all.
    func settle(_ act: PlannedAct, _ outcome: Outcome) async -> Result<ActionRun.Record?, JournalError>
    func close(_ act: PlannedAct, _ id: IntentionID, _ outcome: Outcome) async -> Result<ActionRun.Record?, JournalError>
}

/// Leads an action through its stages, for a response as for a rehearsal.
struct ActionWalk: Sendable {
    let work: StepWork
    /// The cluster that is acted on.
    let kube: any Kube
    /// A cluster in which nothing changes; nil when it is made only for an act that the guardrails want rehearsed.
    let rehearsal: (any Kube)?
    let makeRehearsal: @Sendable () -> any Kube
    let playbookRehearses: Bool
    let recent: RecentActs
    let record: any ActionRecord
    /// What people answered where they were asked.
    var consent: Facts.Consent?
    /// What they were asked about.
    var asked: Intention?

    func walk(_ request: ActionRequest) async -> ActionRun.Ending {
        var run = ActionRun(request)
        var ticket: RecentActs.Ticket?
        while true {
            switch run.stage {
            case .prepare:
                let result = await work.prepare(request, rehearsal ?? kube)
                // What could not be read because this program ends is no failure of the action.
                if Task.isCancelled { return Self.cutShort(request.unread) }
                run.prepared(result, limit: work.limit)
            case .judge(let preparation):
                let trouble = await record.trouble()
                let stop = await work.stopSign(preparation.act.kind, kube)
                ticket = judge(preparation, trouble, stop, &run)
            case .intend(let preparation):
                if Task.isCancelled {
                    if let ticket { recent.forget(ticket) }
                    return Self.cutShort(preparation.act)
                }
                let result = await record.intend(preparation.act)
                count(ticket, result)
                run.intended(result)
            case .act(let preparation, _):
                run.acted(await work.act(preparation, kube))
            case .rehearse(let preparation, _):
                run.acted(await work.rehearsing.act(preparation, rehearsal ?? makeRehearsal()))
            case .settle(let act, let outcome):
                run.recorded(await record.settle(act, outcome), at: work.now())
            case .close(let act, let id, let outcome):
                if let ticket { recent.end(ticket, outcome, at: work.moment) }
                run.recorded(await record.close(act, id, outcome), at: work.now())
            case .ended(let ending):
                return ending
            }
        }
    }

    private static func cutShort(_ act: PlannedAct) -> ActionRun.Ending {
        ActionRun.Ending(act: act, outcome: .refused(Refusal(.journal, "saker is ending; the next start answers this alert to its end")))
    }

    private func judge(
        _ preparation: Preparation, _ trouble: JournalError?, _ stop: StopSign?, _ run: inout ActionRun
    ) -> RecentActs.Ticket? {
        let settings = work.settings, moment = work.moment, alert = run.request.alert
        let wantsAll = settings.countsAllKinds || run.request.step.flow.offence != nil
        let request = run.request, agreed = consent(to: preparation.act.intention)
        return recent.judge(preparation.act, rule: alert.rule, at: moment, memory: settings.memory, wantsAll: wantsAll) { past in
            run.judged(
                work.judge(
                    preparation, for: request, consent: agreed, playbookRehearses: playbookRehearses, at: moment, stop: stop, past: past,
                    trouble: trouble), approvedBy: agreed?.people)
            guard case .intend = run.stage else { return false }
            return true
        }
    }

    // Whoever agreed to one act has not agreed to another that a changed playbook has put in its place.
    private func consent(to act: Intention) -> Facts.Consent? {
        guard let asked, asked.actuator == act.actuator, asked.target == act.target, asked.parameters == act.parameters else { return nil }
        return consent
    }

    private func count(_ ticket: RecentActs.Ticket?, _ result: Result<IntentionID, JournalError>) {
        guard let ticket else { return }
        switch result {
        case .success(let id): recent.number(ticket, id.seq)
        case .failure: recent.forget(ticket)
        }
    }
}

extension Facts.Consent {
    /// Who agreed; nobody where the time was over.
    fileprivate var people: [String] {
        switch self {
        case .given(let by, _): by
        case .waived: []
        }
    }
}
