// SPDX-License-Identifier: Apache-2.0

internal import Actions
internal import EventModel
internal import Guardrails
internal import KubeClient
internal import Records
internal import ResponseLanguage
internal import Synchronization

/// Writes one action's way into the journal, with the messages that follow from its end in the same commit.
struct LineRecord: ActionRecord {
    let line: ResponseLine
    let work: AlertWork
    let settings: GuardrailSettings
    let isRehearsal: Bool
    let intendedAt: Timestamp
    var occasion = Notice.Occasion.ended

    private var parts: ResponderParts { line.parts }

    func trouble() async -> JournalError? { await line.learnRecentActs(settings) }

    func intend(_ act: PlannedAct) async -> Result<IntentionID, JournalError> {
        let result = await line.written { () throws(JournalError) in
            let ids = try await self.parts.journal.intend([act], rehearsal: false, at: self.parts.now())
            guard let id = ids.first else { throw JournalError(.io, "the journal gave no number for the intention") }
            return id
        }
        parts.reached(.intended)
        return result
    }

    func settle(_ act: PlannedAct, _ outcome: Outcome) async -> Result<ActionRun.Record?, JournalError> {
        let time = parts.now(), messages = messages(act, outcome, endedAt: time)
        let result = await line.written { () throws(JournalError) in
            let (id, head) = try await self.parts.journal.settle(
                act, outcome: outcome, rehearsal: self.isRehearsal, at: time, telling: messages)
            return Optional(ActionRun.Record(id: id, head: head, endedAt: time))
        }
        parts.reached(.closed)
        return result
    }

    func close(_ act: PlannedAct, _ id: IntentionID, _ outcome: Outcome) async -> Result<ActionRun.Record?, JournalError> {
        parts.reached(.acted)
        let time = parts.now(), messages = messages(act, outcome, endedAt: time)
        let result = await line.written { () throws(JournalError) in
            let head = try await self.parts.journal.close(id, outcome: outcome, at: time, telling: messages)
            return Optional(ActionRun.Record(id: id, head: head, endedAt: time))
        }
        parts.reached(.closed)
        return result
    }

    /// The result for the store and the notices for people.
    private func messages(_ act: PlannedAct, _ outcome: Outcome, endedAt: Timestamp) -> Journal.Messages {
        let (alert, isRehearsal, acceptedAt, intendedAt) = (work.alert, isRehearsal, work.acceptedAt, intendedAt)
        let (occasion, notices) = (occasion, parts.notices)
        return { id, head in
            let notice = Notice(
                occasion: occasion, number: id.seq, alert: alert, act: act, outcome: outcome, isRehearsal: isRehearsal)
            let told = try notices.messages(notice, head)
            guard !isRehearsal else { return told }
            let delays = ResultRecord.Delays(event: alert.time, accepted: acceptedAt, intended: intendedAt, ended: endedAt)
            let result = ResultRecord(
                id: id, alert: alert, act: act, outcome: outcome, rehearsal: isRehearsal, delays: delays, head: head)
            return [try OutboxMessage(to: OutboxMessage.results, key: result.outboxKey, result)] + told
        }
    }
}

extension ResultRecord {
    var outboxKey: String { "result-\(id)" }
}

extension ResponseLine {
    /// Reads the past acts as far back as the limits count, once; why that failed, or nil.
    func learnRecentActs(_ settings: GuardrailSettings) async -> JournalError? {
        let window = settings.memory
        func isKnown() -> Bool { knownWindow.withLock { $0.map { $0 >= window } ?? false } }
        if isKnown() { return nil }
        await turns.begin(.history)
        let now = parts.now(), moment = Moment(time: now, steady: parts.steady())
        let since = Timestamp(nanoseconds: now.nanoseconds - min(now.nanoseconds, window))
        let result: JournalError?
        do throws(JournalError) {
            // Whoever had the turn before may have read them: a second reading would count acts that are under way twice.
            if isKnown() {
                await turns.end(.history)
                return nil
            }
            let acts = try await parts.journal.recentActs(since: since)
            // Ends are read once: a second reading would count those of this run twice.
            let isFirst = knownWindow.withLock { $0 == nil }
            recent.load(acts, isFirst ? try await parts.journal.recentEnds(since: since) : [], at: moment)
            knownWindow.withLock { $0 = window }
            result = nil
        } catch {
            result = error
        }
        await turns.end(.history)
        return result
    }
}
