// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation
internal import GRDB

/// Reads a journal, also while another process writes it, and changes nothing. Each call opens the file anew.
public struct JournalReader: Sendable {
    /// Where the journal is.
    public let path: String

    /// Reads the journal in that file; whether it is there shows in the first call.
    public init(path: String) { self.path = path }

    /// The acts that the query asks for, latest first.
    public func history(_ query: HistoryQuery) async throws(JournalError) -> [HistoryEntry] {
        try await read { database in try Self.select(query, database).map { try Self.entry($0, database) } }
    }

    /// What was noted beside the acts, latest first.
    public func notes(limit: Int = 100) async throws(JournalError) -> [HistoryEntry.Observation] {
        try await read { database in
            let sql = "SELECT \(Entry.columns) FROM entries WHERE kind = 'note' ORDER BY seq DESC LIMIT ?"
            return try Entry.fetchAll(database, sql, [max(0, limit)]).map(Self.observation)
        }
    }

    /// Runs `body` on one snapshot of the journal, off the cooperative pool.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(JournalError) -> Value {
        let path = path
        let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do {
                    let connection = try JournalFile.reader(path)
                    defer { try? connection.close() }
                    continuation.resume(returning: .success(try connection.read(body)))
                } catch {
                    continuation.resume(returning: .failure(JournalError(error, path: path)))
                }
            }
        }
        return try result.get()
    }

    private static func select(_ query: HistoryQuery, _ database: Database) throws -> [Entry] {
        let conditions = query.conditions
        let columns = Entry.columns.split(separator: ", ").map { "i.\($0)" }.joined(separator: ", ")
        let sql = """
            SELECT \(columns) FROM entries i
            JOIN entries a ON a.seq = i.about LEFT JOIN entries o ON o.about = i.seq AND o.kind = 'outcome'
            WHERE \((["i.kind = 'intention'"] + conditions.map { "(\($0.sql))" }).joined(separator: " AND "))
            ORDER BY i.seq DESC LIMIT ?
            """
        let values: [any DatabaseValueConvertible] = conditions.map { condition in
            switch condition.argument {
            case .text(let text): text
            case .number(let number): number
            }
        }
        return try Entry.fetchAll(database, sql, StatementArguments(values + [max(0, query.limit)]))
    }

    private static func entry(_ entry: Entry, _ database: Database) throws -> HistoryEntry {
        let planned = try CanonicalJSON.read(EntryBody.Planned.self, entry.body)
        let act = PlannedAct(planned.intention, kind: planned.kind, workload: planned.workload)
        let alert = try Entry.find(EntryID(entry.about), .alertAccepted, in: database)
        let ending = try ending(of: entry.seq, .outcome, database)
        let undos = try Entry.answers(to: entry.seq, .undoIntention, in: database).map { undo in
            HistoryEntry.Undo(
                id: EntryID(undo.seq), time: undo.timestamp, by: try CanonicalJSON.read(EntryBody.UndoStarted.self, undo.body).by,
                ending: try self.ending(of: undo.seq, .undoOutcome, database))
        }
        let observations = try Entry.answers(to: entry.seq, .observation, in: database).map(observation)
        return HistoryEntry(
            id: EntryID(entry.seq), time: entry.timestamp, alert: try CanonicalJSON.read(Alert.self, alert.body), act: act,
            rehearsal: planned.rehearsal, ending: ending,
            undoState: HistoryEntry.undoState(of: act, rehearsal: planned.rehearsal, ending, undos), undos: undos,
            observations: observations)
    }

    private static func observation(_ entry: Entry) throws -> HistoryEntry.Observation {
        HistoryEntry.Observation(time: entry.timestamp, proof: try CanonicalJSON.read(Proof.self, entry.body))
    }

    private static func ending(of seq: Int64, _ kind: EntryKind, _ database: Database) throws -> HistoryEntry.Ending? {
        try Entry.answers(to: seq, kind, in: database).first.map {
            HistoryEntry.Ending(
                time: $0.timestamp, outcome: try CanonicalJSON.read(EntryBody.Closed.self, $0.body).outcome, head: $0.head)
        }
    }
}
