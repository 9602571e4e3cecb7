// SPDX-License-Identifier: Apache-2.0

internal import Actions
internal import EventModel
internal import Guardrails
internal import KubeClient
public import Records
internal import Synchronization

// What becomes of acts after they ended, and of those that never did.
extension ResponseLine {
    /// True while observations of connections are of use.
    public var watchesConnections: Bool { watch.withLock { !$0.isEmpty } }

    /// Takes in what was seen of a connection; when it says something new about an isolation, that is journalled and told.
    public func observe(_ seen: ConnectionSeen) async {
        guard let finding = watch.withLock({ $0.absorb(seen) }) else { return }
        // A person may have released the pod meanwhile; then a connection that stands is as it should be.
        if !finding.isEnforced, await IsolatePod.isLifted(finding.act.intention, parts.kube) {
            watch.withLock { $0.remove(seen.pod) }
            return
        }
        var report = ActionReport(
            occasion: .observed, alert: finding.alert, act: finding.act, outcome: .done(finding.proof), isRehearsal: false, id: finding.id,
            head: nil, nanosecondsSinceEvent: parts.now().nanoseconds(since: finding.alert.time))
        do throws(JournalError) {
            report.head = try await parts.journal.observe(
                finding.proof, of: finding.id, at: parts.now(), telling: parts.notices.messages(about: report))
        } catch {
            report.notes = ["what was seen is not in the journal: \(error)"]
        }
        await parts.reporter.report(report)
    }

    /// Looks at what an earlier run left: closes undos that were cut short, watches its isolations again, and returns the alerts that
    /// are to be resumed. To be called once, before the first alert.
    public func takeUp() async throws(JournalError) -> [EntryID] {
        for open in try await parts.journal.openIntentions() {
            guard case .undo(let undo) = open.work else { continue }
            do throws(JournalError) {
                try await closeUndo(open, undo)
            } catch {
                // Whoever took it back, beside this start, has closed it meanwhile.
                guard error.code == .conflict else { throw error }
            }
        }
        var stored = HistoryQuery(limit: EnforcementWatch.most)
        stored.enforcement = "stored"
        stored.isUndone = false
        for entry in try await JournalReader(path: parts.journal.path).history(stored).reversed() { watch.withLock { $0.add(entry) } }
        try await takeUpLasting()
        return try await parts.journal.unfinishedAlerts()
    }

    /// Answers to the end the alerts that `takeUp` returned: acts that were open are closed by what is found of them, what was never
    /// intended is judged anew, and what had ended is not repeated.
    public func resume(_ alerts: [EntryID], atOnce: Int = 8) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, id) in alerts.enumerated() {
                if index >= atOnce { await group.next() }
                guard !Task.isCancelled else { return }
                group.addTask { await self.resume(id) }
            }
        }
    }

    func resume(_ id: EntryID) async {
        let found = await written { () throws(JournalError) in try await self.parts.journal.unfinishedAlert(id) }
        // What cannot be read now stays unfinished, and the next start looks again.
        guard case .success(let unfinished) = found else { return }
        await answer(AlertWork(unfinished))
    }

    /// Closes the acts of an earlier run that it left open, and tells how; returns how all of its acts ended.
    func settleOpenActs(of work: AlertWork, _ ended: AsyncStream<EndedAct>.Continuation) async -> PastSteps {
        let past = PastSteps()
        let settings = policy.withLock { $0.guardrails }
        for act in work.acts {
            guard act.outcome == nil else {
                past.add(act, act.outcome ?? .skipped(why: ""))
                continue
            }
            let outcome = await StepWork(parts, settings).readBack(act.act.intention, number: act.id, parts.kube)
            // What was found because this program ends says nothing about the act.
            guard !Task.isCancelled else { return past }
            let record = LineRecord(
                line: self, work: work, settings: settings, isRehearsal: act.rehearsal, intendedAt: act.time, occasion: .foundOpen)
            var ending = ActionRun.Ending(act: act.act, outcome: outcome)
            switch await record.close(act.act, act.id, outcome) {
            case .success(let closed): ending.record = closed
            case .failure(let error):
                ending.record = ActionRun.Record(id: act.id, head: nil, endedAt: parts.now())
                ending.trouble = "how it ended is not in the journal: \(error)"
            }
            past.add(act, outcome)
            let end = EndedAct(ending: ending, isRehearsal: act.rehearsal, intendedAt: act.time, occasion: .foundOpen)
            watch(end, about: work.alert)
            ended.yield(end)
        }
        return past
    }

    private func closeUndo(_ open: OpenIntention, _ undo: UndoID) async throws(JournalError) {
        let target = open.act.intention.target.sentence
        let outcome = Outcome.unknown(
            check: "saker ended while number \(open.id) was being taken back; look at \(target), then undo it again if need be")
        var report = ActionReport(
            occasion: .foundOpen, alert: open.alert, act: open.act, outcome: outcome, isRehearsal: open.rehearsal, id: open.id, head: nil,
            nanosecondsSinceEvent: parts.now().nanoseconds(since: open.alert.time))
        report.head = try await parts.journal.closeUndo(
            undo, outcome: outcome, at: parts.now(), telling: parts.notices.messages(about: report))
        await parts.reporter.report(report)
    }
}

extension NoticePolicy {
    /// The messages that carry a report.
    func messages(about report: ActionReport) -> Journal.Messages {
        { id, head in
            let notice = Notice(
                occasion: report.occasion, number: id.seq, alert: report.alert, act: report.act, outcome: report.outcome,
                isRehearsal: report.isRehearsal)
            return try self.messages(notice, head)
        }
    }
}
