// SPDX-License-Identifier: Apache-2.0

internal import Actions
public import EventModel
internal import Guardrails
internal import KubeClient
internal import Records
internal import ResponseLanguage
internal import Synchronization

/// The stations of an answer, in order: an alert goes in, and each action of each playbook ends as one outcome that is journalled,
/// kept and told. Many alerts may be handled at once; those about one target take turns.
public final class ResponseLine: Sendable {
    let parts: ResponderParts
    let policy: Mutex<ResponsePolicy>
    let watch = Mutex(EnforcementWatch())
    let recent = RecentActs()
    let knownWindow = Mutex<UInt64?>(nil)
    private let breakerIsOpen = Mutex(false)
    let turns = Turns()
    let later = Mutex(LaterBook())
    let resultDesk: ResultDesk
    let trouble = Mutex<String?>(nil)

    /// Answers by this policy until another one is handed in.
    public init(_ parts: ResponderParts, policy: ResponsePolicy) {
        self.parts = parts
        self.policy = Mutex(policy)
        resultDesk = ResultDesk(parts)
    }

    /// Answers later alerts by another policy; those under way end by the old one.
    public func replace(_ policy: ResponsePolicy) { self.policy.withLock { $0 = policy } }

    /// Why the journal could not be written the last time; nil when it could. While there is trouble, nothing is done.
    public var journalTrouble: String? { trouble.withLock { $0 } }

    /// Why somebody should look at this responder now, and no further alert be sent to it if another one can take it; nil when all is well.
    public var unreadiness: String? {
        journalTrouble ?? (parts.journal.isReserveSpent ? "the disk of the journal \(parts.journal.path) is full: free space on it" : nil)
    }

    /// Steps 8 to 14 of the walk, for one alert. Returns when everything that follows from it has ended and is recorded.
    public func handle(_ alert: Alert) async {
        // 8: the alert is in the journal before anything follows from it; a second one of the same trace does nothing.
        let accepted = await written { () throws(JournalError) in try await self.parts.journal.accept(alert, at: self.parts.now()) }
        if case .success(.duplicate) = accepted { return }
        parts.reached(.accepted)
        await answer(AlertWork(alert, accepted.map(\.id), at: parts.now()))
    }

    /// Steps 9 to 14, for an alert that is accepted; of what an earlier run did about it nothing is repeated.
    ///
    /// Cancelled, it begins no further act and leaves the alert unfinished, so that the next start takes it up.
    func answer(_ work: AlertWork) async {
        guard !Task.isCancelled else { return }
        let policy = self.policy.withLock { $0 }
        let (ends, ended) = AsyncStream.makeStream(of: EndedAct.self)
        // 14: people are told while the next action runs.
        async let told = tell(ends, work)
        await turns.begin(.target(work.alert.turn))
        let past = await settleOpenActs(of: work, ended)
        // 9: playbooks in order, actions in order.
        let plan = policy.playbooks.plan(for: work.alert)
        parts.reached(.planned)
        var isSuspended = false
        for playbook in plan {
            let isRehearsal = playbook.isRehearsal || policy.guardrails.mode == .rehearse
            // One for the whole playbook, so that later actions see what earlier ones would have changed.
            let rehearsal = isRehearsal ? parts.rehearsalKube() : nil
            let answer = PlaybookAnswer(
                line: self, work: work, playbook: playbook, settings: policy.guardrails, rehearsal: rehearsal, past: past, ended: ended)
            if await answer.walk() { isSuspended = true }
        }
        ended.finish()
        await turns.end(.target(work.alert.turn))
        let all = await told
        // An alert that waits for people stays unfinished: their answer, or the next start, takes it up.
        if isSuspended { wait(work) } else { await finish(work, all) }
    }

    /// Leads one action through its stages.
    func run(_ request: ActionRequest, _ terms: ActionTerms, _ answer: PlaybookAnswer) async -> EndedAct {
        let (work, settings, rehearsal) = (answer.work, answer.settings, answer.rehearsal)
        let record = LineRecord(line: self, work: work, settings: settings, isRehearsal: rehearsal != nil, intendedAt: parts.now())
        let ending: ActionRun.Ending
        switch work.id {
        case .success:
            var step = StepWork(parts, settings)
            step.limit = terms.limit
            let walk = ActionWalk(
                work: step, kube: parts.kube, rehearsal: rehearsal, makeRehearsal: parts.rehearsalKube,
                playbookRehearses: answer.playbook.isRehearsal, recent: recent, record: record, consent: terms.consent,
                asked: terms.asked)
            ending = await walk.walk(request)
        case .failure(let error):
            ending = ActionRun.Ending(act: request.unread, outcome: .refused(Self.unwritable(error)))
        }
        var end = EndedAct(ending: ending, isRehearsal: rehearsal != nil, intendedAt: record.intendedAt, occasion: .ended)
        if let note = await breakerNote(ending, settings) { end.notes.append(note) }
        watch(end, about: work.alert)
        return end
    }

    /// Writes an action that is over before it began.
    func settle(_ act: PlannedAct, _ outcome: Outcome, _ answer: PlaybookAnswer) async -> EndedAct {
        let isRehearsal = answer.rehearsal != nil
        let record = LineRecord(
            line: self, work: answer.work, settings: answer.settings, isRehearsal: isRehearsal, intendedAt: parts.now())
        var ending = ActionRun.Ending(act: act, outcome: outcome)
        switch answer.work.id {
        case .success:
            switch await record.settle(act, outcome) {
            case .success(let written): ending.record = written
            case .failure(let error): ending.trouble = "how it ended is not in the journal: \(error)"
            }
        case .failure(let error): ending.outcome = .refused(Self.unwritable(error))
        }
        return EndedAct(ending: ending, isRehearsal: isRehearsal, intendedAt: record.intendedAt, occasion: .ended)
    }

    /// What an act that went wrong means for the next ones, said and journalled once when the breaker opens.
    private func breakerNote(_ ending: ActionRun.Ending, _ settings: GuardrailSettings) async -> String? {
        let moment = Moment(time: parts.now(), steady: parts.steady())
        let isOpen = if case .open = settings.breaker.state(recent.ends(at: moment), now: moment.time) { true } else { false }
        let wasOpen = breakerIsOpen.withLock { was in
            defer { was = isOpen }
            return was
        }
        guard isOpen, !wasOpen else { return nil }
        let note = "the circuit breaker opened: too many acts went wrong, and nothing is changed for \(settings.breaker.pauseSeconds) s"
        _ = await written { () throws(JournalError) in try await self.parts.journal.note(Proof(note), at: self.parts.now()) }
        return note
    }

    func watch(_ end: EndedAct, about alert: Alert) {
        guard !end.isRehearsal, let record = end.ending.record, record.head != nil else { return }
        watch.withLock { $0.add(record.id, alert, end.ending.act, end.ending.outcome, at: parts.now()) }
        let lasting = LastingAct(record.id, end.ending.act, end.ending.outcome, at: record.endedAt, turn: alert.turn)
        if let lasting { later.withLock { $0.lasting[record.id] = lasting } }
    }

    /// The alert needs no looking at after a restart, unless the end of an act is not in the journal.
    private func finish(_ work: AlertWork, _ told: Told) async {
        guard !Task.isCancelled, case .success(let id) = work.id, told.isAllRecorded else { return }
        _ = await written { () throws(JournalError) in
            try await self.parts.journal.finish(id, at: self.parts.now(), delivered: told.kept)
        }
        parts.reached(.finished)
    }

    func written<Value: Sendable>(_ body: () async throws(JournalError) -> Value) async -> Result<Value, JournalError> {
        do throws(JournalError) {
            let value = try await body()
            trouble.withLock { $0 = nil }
            return .success(value)
        } catch {
            trouble.withLock { $0 = error.description }
            return .failure(error)
        }
    }

    private static func unwritable(_ error: JournalError) -> Refusal {
        Refusal(.journal, "the alert could not be written to the journal, so nothing was done: \(error)")
    }
}

extension StepWork {
    init(_ parts: ResponderParts, _ settings: GuardrailSettings) {
        self.init(
            catalogue: parts.catalogue, settings: settings, limit: parts.actionLimit, now: parts.now,
            stopFileIsPresent: parts.stopFileIsPresent, stopReason: parts.stopReason, steady: parts.steady)
    }
}

extension Alert {
    /// Alerts about one target share this.
    public var turn: String { subject.podUID?.text ?? target.sentence }
}
