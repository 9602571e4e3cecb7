// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Guardrails
internal import Records
internal import ResponseLanguage
internal import Synchronization

/// An alert that is being answered, with what an earlier run did about it.
struct AlertWork: Sendable {
    let alert: Alert
    /// Its entry in the journal, or why it is not there.
    let id: Result<EntryID, JournalError>
    let acceptedAt: Timestamp
    /// Acts that an earlier run intended, in order.
    let acts: [UnfinishedAlert.Act]

    init(_ alert: Alert, _ id: Result<EntryID, JournalError>, at time: Timestamp) {
        self.alert = alert
        self.id = id
        acceptedAt = time
        acts = []
    }

    init(_ unfinished: UnfinishedAlert) {
        alert = unfinished.alert
        id = .success(unfinished.id)
        acceptedAt = unfinished.since
        acts = unfinished.acts
    }
}

/// How an act ended, for those who keep and tell it.
struct EndedAct: Sendable {
    let ending: ActionRun.Ending
    let isRehearsal: Bool
    let intendedAt: Timestamp
    let occasion: Notice.Occasion
    /// What else a person should know.
    var notes: [String] = []
}

/// How the acts of an earlier walk ended, by their place in the plan.
final class PastSteps: Sendable {
    /// What is known of a step.
    enum Found {
        /// It is still to be done, after so many tries that failed.
        case new(tries: Int)
        /// It ended so.
        case ended(Outcome)
        /// People were asked about this, and it may be done.
        case agreed(Facts.Consent, Intention)
        /// People were asked, and it is over by their answer.
        case over(PlannedAct, Outcome)
    }

    private struct Step: Hashable {
        let playbook: PlaybookName
        let action: ActionName
    }

    private struct Known {
        let act: UnfinishedAlert.Act
        let outcome: Outcome
    }

    private let book = Mutex<[Step: ArraySlice<Known>]>([:])

    func add(_ act: UnfinishedAlert.Act, _ outcome: Outcome) {
        let step = Step(playbook: act.act.intention.playbook, action: act.act.intention.action)
        book.withLock { $0[step, default: []].append(Known(act: act, outcome: outcome)) }
    }

    /// True when the next that is known of this step is a question to people.
    func isQuestion(_ playbook: PlaybookName, _ step: PlannedAction) -> Bool {
        book.withLock { book in
            book[Step(playbook: playbook, action: step.name)]?.contains { if case .awaiting = $0.outcome { true } else { false } } ?? false
        }
    }

    /// Takes the answers that came meanwhile.
    func renewVotes(_ acts: [UnfinishedAlert.Act]) {
        let fresh = Dictionary(acts.map { ($0.id, $0) }) { first, _ in first }
        book.withLock { book in
            for (step, known) in book {
                book[step] = ArraySlice(known.map { Known(act: fresh[$0.act.id] ?? $0.act, outcome: $0.outcome) })
            }
        }
    }

    /// What is known of the next act of that name, each once. A question that was asked, and a failure that is tried again, is followed by
    /// what came of it.
    func next(_ playbook: PlaybookName, _ step: PlannedAction, now: Timestamp) -> Found {
        book.withLock { book in
            let key = Step(playbook: playbook, action: step.name)
            var tries = 0
            while let known = book[key]?.popFirst() {
                if case .awaiting = known.outcome {
                    guard book[key]?.isEmpty ?? true else { continue }
                    return Self.answer(known, now)
                }
                tries += 1
                guard step.flow.retry?.wants(after: known.outcome, tries: tries) == true else { return .ended(known.outcome) }
            }
            return .new(tries: tries)
        }
    }

    private static func answer(_ known: Known, _ now: Timestamp) -> Found {
        guard let rule = known.act.act.intention.approval else { return .ended(known.outcome) }
        var act = known.act.act
        act.intention.approval = nil
        switch ApprovalState(rule, asked: known.act.time, votes: known.act.votes, now: now) {
        case .waiting: return .ended(known.outcome)
        case .approved(let by, let time): return .agreed(.given(by: by, at: time), act.intention)
        case .expired(.act): return .agreed(.waived(at: rule.deadline(asked: known.act.time)), act.intention)
        case .expired(.skip):
            let why = "too few people approved number \(known.act.id) within \(rule.expiresSeconds) s; nothing was done"
            return .over(act, .skipped(why: why))
        case .denied(let vote):
            let reason = vote.reason.isEmpty ? "" : ": \(vote.reason)"
            return .over(act, .refused(Refusal(.approval, "\(vote.by) denied number \(known.act.id)\(reason)")))
        }
    }
}

extension UnfinishedAlert {
    /// True when people have answered, or had their time, and what follows from it has not begun.
    func isAnswered(at now: Timestamp) -> Bool {
        acts.enumerated().contains { index, act in
            guard case .awaiting? = act.outcome, let rule = act.act.intention.approval else { return false }
            let isFollowed = acts[(index + 1)...].contains { later in
                later.act.intention.playbook == act.act.intention.playbook && later.act.intention.action == act.act.intention.action
            }
            guard !isFollowed else { return false }
            if case .waiting = ApprovalState(rule, asked: act.time, votes: act.votes, now: now) { return false }
            return true
        }
    }
}
