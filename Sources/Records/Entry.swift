// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation
internal import GRDB

/// What an entry of the journal says.
enum EntryKind: String, CaseIterable {
    case alertAccepted, intention, outcome, undoIntention, undoOutcome, observation, note, alertFinished
}

/// One row of the journal.
struct Entry {
    var seq: Int64
    var time: Int64
    var kind: String
    var trace: String
    var about: Int64
    var body: String
    var previous: [UInt8]
    var hash: [UInt8]

    /// SHA-256 over the previous hash and all columns but the hash itself.
    var computedHash: [UInt8] {
        var digest = Digest()
        digest.add(previous)
        digest.add(seq)
        digest.add(kind.utf8)
        digest.add(time)
        digest.add(trace.utf8)
        digest.add(about)
        digest.add(body.utf8)
        return digest.finish()
    }

    var head: ChainHead { ChainHead(seq: seq, bytes: hash) }
}

extension Entry {
    static let beforeFirst = [UInt8](repeating: 0, count: Digest.size)

    static let columns = "seq, time, kind, trace, about, body, previous, hash"

    var timestamp: Timestamp { Timestamp(nanoseconds: UInt64(clamping: time)) }

    /// Reads a row of `columns`; what has the wrong type was not written by us, and must not trap.
    init(_ row: Row) throws {
        guard let seq: Int64 = Self.value(row, "seq"), let time: Int64 = Self.value(row, "time"),
            let kind: String = Self.value(row, "kind"), let trace: String = Self.value(row, "trace"),
            let about: Int64 = Self.value(row, "about"), let body: String = Self.value(row, "body"),
            let previous: Data = Self.value(row, "previous"), let hash: Data = Self.value(row, "hash")
        else { throw Self.corrupt }
        self.init(
            seq: seq, time: time, kind: kind, trace: trace, about: about, body: body, previous: Array(previous), hash: Array(hash))
    }

    private static let corrupt = JournalError(
        .corrupt, "the journal holds an entry that is none; verify it and keep the file as evidence")

    private static func value<Value: DatabaseValueConvertible>(_ row: Row, _ column: String) -> Value? {
        Value.fromDatabaseValue(row[column] as DatabaseValue)
    }

    /// The statement is compiled once for each connection: compiling one costs as much as running it.
    static func fetchAll(_ database: Database, _ sql: String, _ arguments: StatementArguments) throws -> [Entry] {
        try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments).map { try Entry($0) }
    }

    /// Adds an entry at the end of the chain; the caller's transaction makes it durable.
    static func append(
        _ kind: EntryKind, trace: TraceID, about: Int64, at time: Timestamp, body: some Encodable, to database: Database
    ) throws -> Entry {
        let last = try last(in: database)
        var entry = Entry(
            seq: last.seq + 1, time: Int64(clamping: time.nanoseconds), kind: kind.rawValue, trace: trace.text, about: about,
            body: try CanonicalJSON.text(body), previous: last.hash, hash: [])
        entry.hash = entry.computedHash
        try database.cachedStatement(sql: "INSERT INTO entries (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)").execute(
            arguments: [
                entry.seq, entry.time, entry.kind, entry.trace, entry.about, entry.body, Data(entry.previous), Data(entry.hash),
            ])
        return entry
    }

    private static func last(in database: Database) throws -> (seq: Int64, hash: [UInt8]) {
        let statement = try database.cachedStatement(sql: "SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1")
        guard let row = try Row.fetchOne(statement) else { return (0, beforeFirst) }
        guard let seq: Int64 = value(row, "seq"), let hash: Data = value(row, "hash") else { throw corrupt }
        return (seq, Array(hash))
    }

    static let byNumber = "SELECT \(columns) FROM entries WHERE seq = ? AND kind = ?"
    static let answersByNumber = "SELECT \(columns) FROM entries WHERE about = ? AND +kind = ? ORDER BY seq"

    /// The entry of that number and kind; a conflict when there is none.
    static func find(_ id: EntryID, _ kind: EntryKind, in database: Database) throws -> Entry {
        guard let entry = try fetchAll(database, byNumber, [id.seq, kind.rawValue]).first else {
            throw JournalError(.conflict, "the journal has no \(kind.rawValue) with number \(id); look at `saker history`")
        }
        return entry
    }

    /// The entries of that kind that answer `about`, in order.
    static func answers(to about: Int64, _ kind: EntryKind, in database: Database) throws -> [Entry] {
        try fetchAll(database, answersByNumber, [about, kind.rawValue])
    }
}
