// SPDX-License-Identifier: Apache-2.0

internal import Actions
internal import EventModel
internal import Guardrails
internal import KubeClient
internal import Records
internal import ResponseLanguage

/// Answers one alert by one playbook: the effects of the walk that `PlaybookFlow` decides.
struct PlaybookAnswer: Sendable {
    let line: ResponseLine
    let work: AlertWork
    let playbook: PlannedPlaybook
    let settings: GuardrailSettings
    /// A cluster in which nothing changes, when nothing is to be changed.
    let rehearsal: (any Kube)?
    let past: PastSteps
    let ended: AsyncStream<EndedAct>.Continuation

    /// Walks to the end; true when an action waits for people, so that the walk is to be made again after their answer.
    func walk() async -> Bool {
        var flow = PlaybookFlow(playbook)
        var evidence = playbook.evidenceSeconds.map { Duration.seconds($0) }
        while !Task.isCancelled, let turns = flow.next() {
            let began = ContinuousClock.now
            for (turn, outcome) in zip(turns, await outcomes(of: turns, evidence)) { flow.ended(turn.step, outcome) }
            if turns.contains(where: { $0.step.card.kind == .observe }) { evidence = evidence.map { $0 - (ContinuousClock.now - began) } }
        }
        return flow.isSuspended
    }

    private func outcomes(of turns: [PlaybookFlow.Turn], _ evidence: Duration?) async -> [Outcome] {
        guard turns.count > 1 else { return [await outcome(of: turns[0], evidence)] }
        return await withTaskGroup(of: (Int, Outcome).self) { group in
            for (index, turn) in turns.enumerated() { group.addTask { (index, await outcome(of: turn, evidence)) } }
            var outcomes: [Int: Outcome] = [:]
            for await (index, outcome) in group { outcomes[index] = outcome }
            return turns.indices.map { outcomes[$0] ?? .unknown(check: "no outcome") }
        }
    }

    private func outcome(of turn: PlaybookFlow.Turn, _ evidence: Duration?) async -> Outcome {
        let step = turn.step
        let request = ActionRequest(work.alert, playbook: playbook.name, step: step)
        var tries = 0
        var consent: Facts.Consent?, asked: Intention?
        // Before the answers are read: one that comes meanwhile is then no answer after the time was over.
        let now = line.parts.now()
        guard await knowsAnswers(to: step) else { return .awaiting(what: "people's answers cannot be read now, so nothing is done") }
        switch past.next(playbook.name, step, now: now) {
        case .ended(let outcome): return outcome
        case .over(let act, let outcome): return await settle(act, outcome)
        case .agreed(let answer, let act): (consent, asked) = (answer, act)
        case .new(let earlier): tries = earlier
        }
        if let why = turn.leftOut { return await settle(request.unread, .skipped(why: why)) }
        var limit = step.flow.timeoutSeconds.map { Duration.seconds($0) } ?? line.parts.actionLimit
        if step.card.kind == .observe, let evidence {
            guard evidence > .zero else {
                return await settle(request.unread, .skipped(why: "the \(playbook.evidenceSeconds ?? 0) s for evidence are over"))
            }
            limit = min(limit, evidence)
        }
        return await run(request, ActionTerms(limit: limit, consent: consent, asked: asked), tries)
    }

    /// Reads what people answered up to now: since this alert was taken up it may have waited for its target's turn.
    private func knowsAnswers(to step: PlannedAction) async -> Bool {
        guard past.isQuestion(playbook.name, step), case .success(let id) = work.id else { return true }
        let found = await line.written { () throws(JournalError) in try await line.parts.journal.unfinishedAlert(id) }
        guard case .success(let fresh) = found else { return false }
        past.renewVotes(fresh.acts)
        return true
    }

    /// Runs the action, again where the playbook says so after such a failure; each try is judged and journalled by itself.
    private func run(_ request: ActionRequest, _ terms: ActionTerms, _ earlier: Int) async -> Outcome {
        var tries = earlier
        while true {
            // 10 to 13: facts, verdict, intention, act, outcome.
            let end = await line.run(request, terms, self)
            ended.yield(end)
            tries += 1
            let outcome = end.ending.outcome
            guard let retry = request.step.flow.retry, retry.wants(after: outcome, tries: tries) else { return outcome }
            guard (try? await Task.sleep(for: .seconds(retry.backoffSeconds << (tries - 1)))) != nil else { return outcome }
        }
    }

    /// Writes an action that is over before it began.
    private func settle(_ act: PlannedAct, _ outcome: Outcome) async -> Outcome {
        let end = await line.settle(act, outcome, self)
        ended.yield(end)
        return end.ending.outcome
    }
}

/// On what terms an action is run.
struct ActionTerms: Sendable {
    /// How long it may take to read, and again to act.
    let limit: Duration
    /// What people answered where they were asked.
    let consent: Facts.Consent?
    /// What they were asked about.
    let asked: Intention?
}
