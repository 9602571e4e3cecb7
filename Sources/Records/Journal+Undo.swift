// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import GRDB

/// The number of the entry that says that an act is being taken back.
public typealias UndoID = EntryID

extension Journal {
    /// Records that an act will be taken back, before it is; `who` asked for it.
    ///
    /// Fails with `conflict` when the act cannot be taken back, did not happen, is taken back already or is being so right now.
    public func intendUndo(of id: IntentionID, by who: String, at time: Timestamp) async throws(JournalError) -> UndoID {
        try await writer.perform { database in
            let entry = try Entry.find(id, .intention, in: database)
            try Self.checkUndo(entry, at: time, in: database)
            let body = EntryBody.UndoStarted(by: who)
            return EntryID(
                try Entry.append(.undoIntention, trace: TraceID(entry.trace), about: id.seq, at: time, body: body, to: database).seq)
        }
    }

    /// Records how an undo ended, and the messages about it; one that failed may be tried again.
    public func closeUndo(
        _ id: UndoID, outcome: Outcome, at time: Timestamp, telling messages: @escaping Messages = Journal.nobody
    ) async throws(JournalError) -> ChainHead {
        try await record(at: time) { database in
            let undo = try Entry.find(id, .undoIntention, in: database)
            let head = try Self.end(undo, .undoOutcome, outcome, at: time, in: database).head
            return (head, try messages(EntryID(undo.about), head))
        }
    }

    /// Why that act cannot be taken back now; nil when it can. Nothing is recorded.
    public func objectionToUndo(of id: IntentionID, at time: Timestamp) async throws(JournalError) -> JournalError? {
        try await writer.perform { database in
            do {
                try Self.checkUndo(try Entry.find(id, .intention, in: database), at: time, in: database)
                return nil
            } catch let error as JournalError where error.code == .conflict {
                return error
            }
        }
    }

    // An undo has half a minute; one that did not end in ten times that was cut short, and must not stand in the way of another.
    private static let abandonedAfter: UInt64 = 300_000_000_000

    private static func checkUndo(_ entry: Entry, at time: Timestamp, in database: Database) throws {
        let planned = try CanonicalJSON.read(EntryBody.Planned.self, entry.body)
        guard planned.intention.undo != nil, !planned.rehearsal else {
            throw JournalError(.conflict, "number \(entry.seq) (\(planned.intention.actuator)) has nothing to take back")
        }
        let ended = try Entry.answers(to: entry.seq, .outcome, in: database).first
        if let outcome = try ended.map({ try CanonicalJSON.read(EntryBody.Closed.self, $0.body).outcome }), !outcome.mayHaveHappened {
            throw JournalError(.conflict, "number \(entry.seq) ended as \(outcome.label), so there is nothing to take back")
        }
        for undo in try Entry.answers(to: entry.seq, .undoIntention, in: database) {
            guard let closed = try Entry.answers(to: undo.seq, .undoOutcome, in: database).first else {
                guard time.nanoseconds(since: undo.timestamp) < abandonedAfter else { continue }
                throw JournalError(.conflict, "number \(entry.seq) is being taken back already (number \(undo.seq))")
            }
            if case .done = try CanonicalJSON.read(EntryBody.Closed.self, closed.body).outcome {
                throw JournalError(.conflict, "number \(entry.seq) was taken back already (number \(undo.seq))")
            }
        }
    }
}
