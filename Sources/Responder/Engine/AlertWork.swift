// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Records

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

/// How the acts of an earlier run ended, by their place in the plan.
struct PastSteps {
    private struct Step: Hashable {
        let playbook: PlaybookName
        let action: ActionName
    }

    private var outcomes: [Step: ArraySlice<Outcome>] = [:]

    mutating func add(_ intention: Intention, _ outcome: Outcome) {
        outcomes[Step(playbook: intention.playbook, action: intention.action), default: []].append(outcome)
    }

    /// The outcome of the next act of that name, each once; nil when there is none, so that the step is still to be done.
    mutating func next(_ playbook: PlaybookName, _ action: ActionName) -> Outcome? {
        outcomes[Step(playbook: playbook, action: action)]?.popFirst()
    }
}
