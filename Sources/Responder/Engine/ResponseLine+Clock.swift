// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Guardrails
internal import KubeClient
internal import Records
internal import Synchronization

/// What waits for time or for people. It is all in the journal; this only spares reading it over and over.
struct LaterBook: Sendable {
    /// Alerts that wait for people, the one that was looked at longest ago first.
    var waiting: [EntryID] = []
    /// Acts that take themselves back.
    var lasting: [IntentionID: LastingAct] = [:]
}

/// An act that takes itself back when its time is over.
struct LastingAct: Sendable {
    let id: IntentionID
    let seconds: Int
    /// Whose turn it takes.
    let turn: String
    /// When it is to be taken back.
    var due: Timestamp
    /// How often that went wrong.
    var tries = 0

    /// Nil for an act that stays, and for one that changed nothing.
    init?(_ id: IntentionID, _ act: PlannedAct, _ outcome: Outcome, at end: Timestamp, turn: String) {
        guard let seconds = act.intention.lastsSeconds, act.intention.undo != nil, outcome.mayHaveHappened else { return nil }
        self.id = id
        self.seconds = seconds
        self.turn = turn
        due = Self.time(end, plus: seconds)
    }

    /// The same, later: after an error a minute, then twice as long each time, an hour at most.
    func postponed(at now: Timestamp, isError: Bool) -> LastingAct {
        var next = self
        if isError { next.tries += 1 }
        next.due = Self.time(now, plus: min(3_600, 60 << max(0, min(6, next.tries - 1))))
        return next
    }

    private static func time(_ time: Timestamp, plus seconds: Int) -> Timestamp {
        Timestamp(nanoseconds: time.nanoseconds + UInt64(seconds) * 1_000_000_000)
    }
}

// What time brings: answers of people, and acts whose time is over.
extension ResponseLine {
    // As much is looked at in one second; what is more comes in the next.
    private static let atOnce = 16

    /// Looks after what waits, each second, until cancelled. One that hangs delays no other.
    public func watchClock() async {
        await withDiscardingTaskGroup { group in
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                for job in takeJobs(Self.atOnce) { group.addTask { await job() } }
            }
        }
    }

    /// One look at so much at once; returns when all that was due is done.
    public func lookOnce(atOnce: Int = 16) async {
        await withTaskGroup(of: Void.self) { group in
            for job in takeJobs(atOnce) { group.addTask { await job() } }
        }
    }

    /// Remembers an alert that waits for people.
    func wait(_ work: AlertWork) {
        guard case .success(let id) = work.id else { return }
        parts.reached(.suspended)
        later.withLock { if !$0.waiting.contains(id) { $0.waiting.append(id) } }
    }

    /// Reads which acts of earlier runs are to take themselves back. What somebody refused, or found done already, is not tried again.
    func takeUpLasting() async throws(JournalError) {
        var query = HistoryQuery(limit: 100_000)
        query.isLimitedInTime = true
        query.isUndone = false
        for entry in try await JournalReader(path: parts.journal.path).history(query) {
            guard !entry.rehearsal, let ending = entry.ending, entry.undos.last?.ending?.outcome.isFinalForExpiry != true,
                let lasting = LastingAct(entry.id, entry.act, ending.outcome, at: ending.time, turn: entry.alert.turn)
            else { continue }
            later.withLock { $0.lasting[entry.id] = lasting }
        }
    }

    private func takeJobs(_ most: Int) -> [@Sendable () async -> Void] {
        let now = parts.now()
        let (waiting, due) = later.withLock { book in
            let due = Array(book.lasting.values.filter { $0.due <= now }.prefix(most))
            let waiting = Array(book.waiting.prefix(most - due.count))
            book.waiting.removeFirst(waiting.count)
            for act in due { book.lasting[act.id] = nil }
            return (waiting, due)
        }
        var jobs: [@Sendable () async -> Void] = []
        for id in waiting { jobs.append { await self.lookAgain(id) } }
        for act in due { jobs.append { await self.expire(act) } }
        return jobs
    }

    private func lookAgain(_ id: EntryID) async {
        let found = await written { () throws(JournalError) in try await self.parts.journal.unfinishedAlert(id) }
        guard case .success(let alert) = found, alert.isAnswered(at: parts.now()) else {
            later.withLock { $0.waiting.append(id) }
            return
        }
        parts.reached(.answered)
        await answer(AlertWork(alert))
    }

    private func expire(_ act: LastingAct) async {
        let now = parts.now(), settings = policy.withLock { $0.guardrails }
        let stop = await StepWork(parts, settings).stopSign(.reversible, parts.kube)
        guard stop == nil, settings.mode == .act else { return keep(act.postponed(at: now, isError: false)) }
        await turns.begin(.target(act.turn))
        let outcome: Outcome?
        do throws(JournalError) {
            if let objection = try await parts.journal.objectionToUndo(of: act.id, at: now) {
                var query = HistoryQuery(limit: 1)
                query.intention = act.id
                let state = try await JournalReader(path: parts.journal.path).history(query).first?.undoState
                // Somebody may be at it right now; then another look is worth it.
                outcome = state == .open ? .unknown(check: objection.message) : .skipped(why: objection.message)
            } else {
                outcome = try await UndoRun(parts).undo(act.id, by: "saker, since its \(act.seconds) s were over")?.outcome
            }
        } catch {
            outcome = .unknown(check: error.message)
        }
        await turns.end(.target(act.turn))
        if let outcome, !outcome.isFinalForExpiry { keep(act.postponed(at: now, isError: true)) }
    }

    private func keep(_ act: LastingAct) { later.withLock { $0.lasting[act.id] = act } }
}

extension Outcome {
    /// True when nothing is left to try: it was taken back, it needed not to be, or it must not be.
    fileprivate var isFinalForExpiry: Bool {
        switch self {
        case .done, .skipped, .refused: true
        case .failed, .unknown, .awaiting, .rehearsed: false
        }
    }
}
