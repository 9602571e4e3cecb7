// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import GRDB

/// An act or an undo that was begun and whose end is not recorded: what a crash leaves behind.
public struct OpenIntention: Sendable, Hashable {
    /// What was begun.
    public enum Work: Sendable, Hashable {
        /// The act itself: end it with `Journal.close`.
        case act
        /// Taking the act back: end it with `Journal.closeUndo` under this number.
        case undo(UndoID)
    }

    /// The intention's number.
    public let id: IntentionID
    /// What was begun.
    public let work: Work
    /// When it was begun.
    public let since: Timestamp
    /// The alert that led there.
    public let alert: Alert
    /// What was planned.
    public let act: PlannedAct
    /// True when nothing was to be changed.
    public let rehearsal: Bool
}

extension Journal {
    /// What was begun and not ended, oldest first. The responder asks once, at its start, and again when its queue is drained.
    public func openIntentions() async throws(JournalError) -> [OpenIntention] {
        try await writer.perform { database in
            try Self.open(.intention, until: .outcome, in: database).map { entry in
                try Self.openIntention(entry, work: .act, since: entry.timestamp, in: database)
            }
                + Self.open(.undoIntention, until: .undoOutcome, in: database).map { undo in
                    let entry = try Entry.find(EntryID(undo.about), .intention, in: database)
                    return try Self.openIntention(entry, work: .undo(EntryID(undo.seq)), since: undo.timestamp, in: database)
                }
        }
    }

    /// Acts that happened or may have happened since then, oldest first; rehearsals and what ended without a change are left out.
    public func recentActs(since time: Timestamp) async throws(JournalError) -> [PastAct] {
        try await writer.perform { try Self.recentActs(since: time, in: $0) }
    }

    static func recentActs(since time: Timestamp, in database: Database) throws -> [PastAct] {
        let sql = """
            SELECT i.*, o.body AS outcome, json_extract(a.body, '$.rule') AS rule FROM entries i
            JOIN entries a ON a.seq = i.about LEFT JOIN entries o ON o.about = i.seq AND o.kind = 'outcome'
            WHERE i.kind = 'intention' AND i.time >= ? AND NOT json_extract(i.body, '$.rehearsal')
            ORDER BY i.seq
            """
        return try Row.fetchAll(database, sql: sql, arguments: [Int64(clamping: time.nanoseconds)])
            .filter(mayHaveHappened).map { try pastAct(Entry($0), rule: $0["rule"] as String?) }
    }

    /// How acts ended that were tried since then and could change something, oldest first: what the circuit breaker counts.
    public func recentEnds(since time: Timestamp) async throws(JournalError) -> [PastEnd] {
        try await writer.perform { database in
            let sql = """
                SELECT i.time AS began, o.time AS ended, o.body AS outcome FROM entries i
                JOIN entries o ON o.about = i.seq AND o.kind = 'outcome'
                WHERE i.kind = 'intention' AND i.time >= ? AND NOT json_extract(i.body, '$.rehearsal')
                    AND json_extract(i.body, '$.kind') <> 'observe'
                ORDER BY o.seq
                """
            return try Row.fetchAll(database, sql: sql, arguments: [Int64(clamping: time.nanoseconds)]).compactMap { row in
                let outcome = try CanonicalJSON.read(EntryBody.Closed.self, row["outcome"] as String).outcome
                guard outcome.saysHowItWent else { return nil }
                let times = [row["began"] as Int64, row["ended"] as Int64].map { Timestamp(nanoseconds: UInt64(clamping: $0)) }
                return PastEnd(began: times[0], ended: times[1], isError: outcome.isError)
            }
        }
    }

    // An act without an outcome is open, and may have happened.
    private static func mayHaveHappened(_ row: Row) throws -> Bool {
        guard let body = row["outcome"] as String? else { return true }
        return try CanonicalJSON.read(EntryBody.Closed.self, body).outcome.mayHaveHappened
    }

    static func open(_ kind: EntryKind, until end: EntryKind, in database: Database) throws -> [Entry] {
        let sql = """
            SELECT \(Entry.columns) FROM entries e WHERE kind = ?
            AND NOT EXISTS (SELECT 1 FROM entries o WHERE o.about = e.seq AND o.kind = ?) ORDER BY seq
            """
        return try Entry.fetchAll(database, sql, [kind.rawValue, end.rawValue])
    }

    private static func openIntention(
        _ entry: Entry, work: OpenIntention.Work, since: Timestamp, in database: Database
    ) throws -> OpenIntention {
        let planned = try CanonicalJSON.read(EntryBody.Planned.self, entry.body)
        let alert = try Entry.find(EntryID(entry.about), .alertAccepted, in: database)
        return OpenIntention(
            id: EntryID(entry.seq), work: work, since: since,
            alert: try CanonicalJSON.read(Alert.self, alert.body),
            act: PlannedAct(planned.intention, kind: planned.kind, workload: planned.workload), rehearsal: planned.rehearsal)
    }

    private static func pastAct(_ entry: Entry, rule: String?) throws -> PastAct {
        let planned = try CanonicalJSON.read(EntryBody.Planned.self, entry.body)
        let act = PlannedAct(planned.intention, kind: planned.kind, workload: planned.workload)
        return PastAct(act, id: entry.seq, at: entry.timestamp, rule: rule.map { RuleName($0) })
    }
}

extension JournalReader {
    /// The same as `Journal.recentActs`, for whoever only looks.
    public func recentActs(since time: Timestamp) async throws(JournalError) -> [PastAct] {
        try await read { try Journal.recentActs(since: time, in: $0) }
    }
}
