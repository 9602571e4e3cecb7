// SPDX-License-Identifier: Apache-2.0

internal import Actions
internal import EventModel
internal import Guardrails
internal import KubeClient
internal import Records
internal import ResponseLanguage

/// One action on its way: which step comes next, decided from what the last one gave. It has no effects of its own.
struct ActionRun {
    enum Stage {
        /// Read what must be known.
        case prepare
        /// Let the guardrails judge.
        case judge(Preparation)
        /// Write the intention.
        case intend(Preparation)
        /// Act on the cluster, under an intention that is written.
        case act(Preparation, IntentionID)
        /// Act on a cluster in which nothing changes.
        case rehearse(Preparation, why: String)
        /// Write an act that is over before it began.
        case settle(PlannedAct, Outcome)
        /// Write how the act ended.
        case close(PlannedAct, IntentionID, Outcome)
        /// Nothing is left to do.
        case ended(Ending)
    }

    /// How it ended, and what the journal knows of it.
    struct Ending {
        var act: PlannedAct
        var outcome: Outcome
        var record: Record?
        /// Why the end is not in the journal.
        var trouble: String?
    }

    /// What the journal knows of an end.
    struct Record {
        var id: IntentionID
        /// The chain with the end; nil when only the intention is there.
        var head: ChainHead?
        var endedAt: Timestamp
    }

    let request: ActionRequest
    private(set) var stage = Stage.prepare

    init(_ request: ActionRequest) { self.request = request }

    mutating func prepared(_ result: Result<Preparation, KubeError>?, limit: Duration) {
        switch result {
        case .success(let preparation): stage = .judge(preparation)
        case .failure(let error): stage = .settle(request.unread, KubeOutcome.ofReading(error))
        case nil:
            let message = "the API server did not tell within \(limit) what must be known about the target. Nothing was changed."
            stage = .settle(request.unread, .failed(Failure(code: "timeout", message: message)))
        }
    }

    mutating func judged(_ verdict: Verdict, approvedBy people: [String]?) {
        guard case .judge(var preparation) = stage else { return }
        preparation.act.intention.approvedBy = people
        switch (verdict, preparation.objection) {
        case (.refuse(let refusal), _): stage = .settle(preparation.act, .refused(refusal))
        case (_, let objection?): stage = .settle(preparation.act, objection)
        case (.rehearse(let why), nil): stage = .rehearse(preparation, why: why)
        case (.skip(let why), nil): stage = .settle(preparation.act, .skipped(why: why))
        case (.ask(let rule), nil):
            preparation.act.intention.approval = rule
            stage = .settle(preparation.act, .awaiting(what: rule.question))
        case (.allow, nil): stage = .intend(preparation)
        }
    }

    mutating func intended(_ result: Result<IntentionID, JournalError>) {
        guard case .intend(let preparation) = stage else { return }
        switch result {
        case .success(let id): stage = .act(preparation, id)
        case .failure(let error):
            let refusal = Refusal(.journal, "the intention could not be written, so nothing was done: \(error)")
            stage = .ended(Ending(act: preparation.act, outcome: .refused(refusal), trouble: error.description))
        }
    }

    mutating func acted(_ outcome: Outcome) {
        switch stage {
        case .act(let preparation, let id): stage = .close(preparation.act, id, outcome)
        case .rehearse(let preparation, let why): stage = .settle(preparation.act, Self.rehearsed(outcome, why))
        case .prepare, .judge, .intend, .settle, .close, .ended: return
        }
    }

    /// A rehearsal without a history records nothing.
    mutating func recorded(_ result: Result<Record?, JournalError>, at time: Timestamp) {
        let (act, outcome): (PlannedAct, Outcome)
        switch stage {
        case .settle(let planned, let end), .close(let planned, _, let end): (act, outcome) = (planned, end)
        case .prepare, .judge, .intend, .act, .rehearse, .ended: return
        }
        switch result {
        case .success(let record):
            stage = .ended(Ending(act: act, outcome: outcome, record: record))
        case .failure(let error):
            var open: Record?
            if case .close(_, let id, _) = stage { open = Record(id: id, head: nil, endedAt: time) }
            stage = .ended(
                Ending(act: act, outcome: outcome, record: open, trouble: "how it ended is not in the journal: \(error)"))
        }
    }

    /// What a rehearsal's result means: what would have been done would have ended like this.
    static func rehearsed(_ outcome: Outcome, _ why: String) -> Outcome {
        guard case .done(let proof) = outcome else { return outcome }
        return .rehearsed(would: "would end with: \(proof.sentence) (\(why))")
    }
}
