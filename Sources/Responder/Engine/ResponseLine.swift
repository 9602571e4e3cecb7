// SPDX-License-Identifier: Apache-2.0

internal import Actions
public import EventModel
internal import Guardrails
internal import Records
internal import ResponseLanguage
internal import Synchronization

/// The stations of an answer, in order: an alert goes in, and each action of each playbook ends as one outcome that is journalled,
/// kept and told. Many alerts may be handled at once; those about one target take turns.
public final class ResponseLine: Sendable {
    let parts: ResponderParts
    let policy: Mutex<ResponsePolicy>
    let watch = Mutex(EnforcementWatch())
    private let turns = Turns()
    private let trouble = Mutex<String?>(nil)

    /// Answers by this policy until another one is handed in.
    public init(_ parts: ResponderParts, policy: ResponsePolicy) {
        self.parts = parts
        self.policy = Mutex(policy)
    }

    /// Answers later alerts by another policy; those under way end by the old one.
    public func replace(_ policy: ResponsePolicy) { self.policy.withLock { $0 = policy } }

    /// Why the journal could not be written the last time; nil when it could. While there is trouble, nothing is done.
    public var journalTrouble: String? { trouble.withLock { $0 } }

    /// Steps 8 to 14 of the walk, for one alert. Returns when everything that follows from it has ended and is recorded.
    public func handle(_ alert: Alert) async {
        let policy = self.policy.withLock { $0 }
        // 8: the alert is in the journal before anything follows from it; a second one of the same trace does nothing.
        let accepted = await accept(alert)
        if case .success(.duplicate) = accepted { return }
        let acceptedAt = parts.now()
        await turns.begin(.target(alert.turn))
        // 9: playbooks in order, actions in order.
        for playbook in policy.playbooks.plan(for: alert) {
            let isRehearsal = playbook.isRehearsal || policy.guardrails.mode == .rehearse
            // One for the whole playbook, so that later actions see what earlier ones would have changed.
            let rehearsal = isRehearsal ? parts.rehearsalKube() : nil
            for step in playbook.actions {
                let request = ActionRequest(alert, playbook: playbook.name, step: step)
                let started = parts.now()
                // 10 to 13: facts, verdict, intention, act, outcome.
                let ending =
                    switch accepted {
                    case .success: await run(request, playbook, policy.guardrails, rehearsal)
                    case .failure(let error): ActionRun.Ending(act: request.unread, outcome: .refused(Self.unwritable(error)))
                    }
                let notes = await keep(ending, alert, isRehearsal: isRehearsal, acceptedAt, started)
                // 14: people are told.
                await parts.reporter.report(report(ending, alert, isRehearsal: isRehearsal, notes))
                guard step.continues, step.ignoresErrors || !ending.outcome.stopsPlaybook else { break }
            }
        }
        await turns.end(.target(alert.turn))
    }

    /// Leads one action through its stages.
    private func run(
        _ request: ActionRequest, _ playbook: PlannedPlaybook, _ settings: GuardrailSettings, _ rehearsal: (any Kube)?
    ) async -> ActionRun.Ending {
        let work = StepWork(parts, settings)
        var run = ActionRun(request)
        while true {
            switch run.stage {
            case .prepare:
                run.prepared(await work.prepare(request, rehearsal ?? parts.kube), limit: parts.actionLimit)
            case .judge(let preparation):
                await turns.begin(.judgement)
                let recent = await recentActs(settings)
                run.judged(work.judge(preparation, about: request.alert, playbookRehearses: playbook.isRehearsal, recent: recent))
                if case .intend(let preparation) = run.stage { run.intended(await intend(preparation)) }
                await turns.end(.judgement)
            case .intend(let preparation):
                run.intended(await intend(preparation))
            case .act(let preparation, _):
                run.acted(await work.act(preparation, parts.kube))
            case .rehearse(let preparation, _):
                run.acted(await work.act(preparation, rehearsal ?? parts.rehearsalKube()))
            case .settle(let act, let outcome):
                run.recorded(await settle(act, outcome, isRehearsal: rehearsal != nil))
            case .close(_, let id, let outcome):
                run.recorded(await close(id, outcome))
            case .ended(let ending):
                return ending
            }
        }
    }

    private func report(
        _ ending: ActionRun.Ending, _ alert: Alert, isRehearsal: Bool, _ notes: [String]
    ) -> ActionReport {
        ActionReport(
            occasion: .ended, alert: alert, act: ending.act, outcome: ending.outcome, isRehearsal: isRehearsal, id: ending.id,
            head: ending.head, nanosecondsSinceEvent: parts.now().nanoseconds(since: alert.time),
            notes: (ending.trouble.map { [$0] } ?? []) + notes)
    }

    private static func unwritable(_ error: JournalError) -> Refusal {
        Refusal(.journal, "the alert could not be written to the journal, so nothing was done: \(error)")
    }
}

// The journal and the result store, with their errors as values.
extension ResponseLine {
    private func accept(_ alert: Alert) async -> Result<Journal.Acceptance, JournalError> {
        await written { () throws(JournalError) in try await self.parts.journal.accept(alert, at: self.parts.now()) }
    }

    private func intend(_ preparation: Preparation) async -> Result<IntentionID, JournalError> {
        await written { () throws(JournalError) in
            let ids = try await self.parts.journal.intend([preparation.act], rehearsal: false, at: self.parts.now())
            guard let id = ids.first else { throw JournalError(.io, "the journal gave no number for the intention") }
            return id
        }
    }

    private func settle(
        _ act: PlannedAct, _ outcome: Outcome, isRehearsal: Bool
    ) async -> Result<(id: IntentionID, head: ChainHead), JournalError> {
        await written { () throws(JournalError) in
            try await self.parts.journal.settle(act, outcome: outcome, rehearsal: isRehearsal, at: self.parts.now())
        }
    }

    private func close(_ id: IntentionID, _ outcome: Outcome) async -> Result<(id: IntentionID, head: ChainHead), JournalError> {
        await written { () throws(JournalError) in
            (id: id, head: try await self.parts.journal.close(id, outcome: outcome, at: self.parts.now()))
        }
    }

    private func recentActs(_ settings: GuardrailSettings) async -> Result<[PastAct], JournalError> {
        let window = UInt64(max(0, settings.budgetWindowSeconds, settings.cooldownSeconds)) * 1_000_000_000
        let now = parts.now().nanoseconds
        do throws(JournalError) {
            return .success(try await parts.journal.recentActs(since: Timestamp(nanoseconds: now - min(now, window))))
        } catch {
            return .failure(error)
        }
    }

    /// Keeps the result, and the isolation under watch; returns what a person should know of that.
    private func keep(
        _ ending: ActionRun.Ending, _ alert: Alert, isRehearsal: Bool, _ accepted: Timestamp, _ intended: Timestamp
    ) async -> [String] {
        guard let id = ending.id, let head = ending.head else { return [] }
        if !isRehearsal { watch.withLock { $0.add(id, alert, ending.act, ending.outcome, at: parts.now()) } }
        let delays = ResultRecord.Delays(event: alert.time, accepted: accepted, intended: intended, ended: parts.now())
        let record = ResultRecord(
            id: id, alert: alert, act: ending.act, outcome: ending.outcome, rehearsal: isRehearsal, delays: delays, head: head)
        do throws(JournalError) {
            return [try await (isRehearsal ? parts.rehearsalResults : parts.results).put(record).sentence]
        } catch {
            return ["the result is in the journal and could not be kept in the result store: \(error)"]
        }
    }

    private func written<Value: Sendable>(
        _ body: () async throws(JournalError) -> Value
    ) async -> Result<Value, JournalError> {
        do throws(JournalError) {
            let value = try await body()
            trouble.withLock { $0 = nil }
            return .success(value)
        } catch {
            trouble.withLock { $0 = error.description }
            return .failure(error)
        }
    }
}

extension StepWork {
    init(_ parts: ResponderParts, _ settings: GuardrailSettings) {
        self.init(
            catalogue: parts.catalogue, settings: settings, limit: parts.actionLimit, now: parts.now,
            stopFileIsPresent: parts.stopFileIsPresent)
    }
}

extension Alert {
    /// Alerts about one target share this.
    var turn: String { subject.podUID?.text ?? target.sentence }
}
