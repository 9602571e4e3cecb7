// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import GRDB

/// An alert that was accepted and whose handling has not ended: what a crash leaves behind.
public struct UnfinishedAlert: Sendable, Hashable {
    /// One of its acts, as far as it came.
    public struct Act: Sendable, Hashable {
        /// The intention's number.
        public let id: IntentionID
        /// When it was intended.
        public let time: Timestamp
        /// What was planned.
        public let act: PlannedAct
        /// True when nothing was to be changed.
        public let rehearsal: Bool
        /// How it ended; nil when that is not known: it may have happened.
        public let outcome: Outcome?
        /// What people answered where they were asked about it.
        public let votes: [ApprovalVote]
    }

    /// The entry that holds the alert.
    public let id: EntryID
    /// The alert.
    public let alert: Alert
    /// When it was accepted.
    public let since: Timestamp
    /// Its acts in the order in which they were intended.
    public let acts: [Act]
}

extension Journal {
    /// The alerts whose handling has not ended, oldest first. The responder asks once, at its start.
    public func unfinishedAlerts() async throws(JournalError) -> [EntryID] {
        try await writer.perform { try Self.open(.alertAccepted, until: .alertFinished, in: $0).map { EntryID($0.seq) } }
    }

    /// One such alert with its acts. Fails with `conflict` when there is no alert of that number.
    public func unfinishedAlert(_ id: EntryID) async throws(JournalError) -> UnfinishedAlert {
        try await writer.perform { database in
            let entry = try Entry.find(id, .alertAccepted, in: database)
            let acts = try Entry.answers(to: id.seq, .intention, in: database).map { try Self.act($0, in: database) }
            let alert = try CanonicalJSON.read(Alert.self, entry.body)
            return UnfinishedAlert(id: id, alert: alert, since: entry.timestamp, acts: acts)
        }
    }

    /// Records that nothing more follows from an alert, and lets go of messages that were accepted meanwhile.
    ///
    /// Fails with `conflict` while an act of it is open: then the next start must look at it.
    public func finish(_ id: EntryID, at time: Timestamp, delivered: [OutboxMessage.Place] = []) async throws(JournalError) {
        try await writer.perform { database in
            let entry = try Entry.find(id, .alertAccepted, in: database)
            try Self.remove(delivered, in: database)
            let acts = try Entry.answers(to: id.seq, .intention, in: database)
            for act in acts where try Entry.answers(to: act.seq, .outcome, in: database).isEmpty {
                throw JournalError(.conflict, "how number \(act.seq) ended is not recorded, so alert \(id) is not finished")
            }
            guard try Entry.answers(to: id.seq, .alertFinished, in: database).isEmpty else { return }
            let body = EntryBody.Finished(acts: acts.count)
            _ = try Entry.append(.alertFinished, trace: TraceID(entry.trace), about: id.seq, at: time, body: body, to: database)
        }
    }

    private static func act(_ entry: Entry, in database: Database) throws -> UnfinishedAlert.Act {
        let planned = try CanonicalJSON.read(EntryBody.Planned.self, entry.body)
        let outcome = try Entry.answers(to: entry.seq, .outcome, in: database).first
        return UnfinishedAlert.Act(
            id: EntryID(entry.seq), time: entry.timestamp,
            act: PlannedAct(planned.intention, kind: planned.kind, workload: planned.workload), rehearsal: planned.rehearsal,
            outcome: try outcome.map { try CanonicalJSON.read(EntryBody.Closed.self, $0.body).outcome },
            votes: planned.intention.approval == nil ? [] : try votes(on: entry.seq, in: database))
    }
}
