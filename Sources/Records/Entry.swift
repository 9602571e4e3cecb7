// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation
internal import GRDB

/// What an entry of the journal says.
enum EntryKind: String, CaseIterable {
    case alertAccepted, intention, outcome, undoIntention, undoOutcome, observation, note
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

    init(_ row: Row) {
        seq = row["seq"]
        time = row["time"]
        kind = row["kind"]
        trace = row["trace"]
        about = row["about"]
        body = row["body"]
        previous = Array(row["previous"] as Data)
        hash = Array(row["hash"] as Data)
    }

    /// Adds an entry at the end of the chain; the caller's transaction makes it durable.
    static func append(
        _ kind: EntryKind, trace: TraceID, about: Int64, at time: Timestamp, body: some Encodable, to database: Database
    ) throws -> Entry {
        let last = try Row.fetchOne(database, sql: "SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1")
        var entry = Entry(
            seq: (last?["seq"] ?? 0) + 1, time: Int64(clamping: time.nanoseconds), kind: kind.rawValue, trace: trace.text, about: about,
            body: try CanonicalJSON.text(body), previous: last.map { Array($0["hash"] as Data) } ?? beforeFirst, hash: [])
        entry.hash = entry.computedHash
        try database.execute(
            sql: "INSERT INTO entries (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                entry.seq, entry.time, entry.kind, entry.trace, entry.about, entry.body, Data(entry.previous), Data(entry.hash),
            ])
        return entry
    }

    /// The entry of that number and kind; a conflict when there is none.
    static func find(_ id: EntryID, _ kind: EntryKind, in database: Database) throws -> Entry {
        let sql = "SELECT \(columns) FROM entries WHERE seq = ? AND kind = ?"
        guard let row = try Row.fetchOne(database, sql: sql, arguments: [id.seq, kind.rawValue]) else {
            throw JournalError(.conflict, "the journal has no \(kind.rawValue) with number \(id); look at `saker history`")
        }
        return Entry(row)
    }

    /// The entries of that kind that answer `about`, in order.
    static func answers(to about: Int64, _ kind: EntryKind, in database: Database) throws -> [Entry] {
        let sql = "SELECT \(columns) FROM entries WHERE about = ? AND kind = ? ORDER BY seq"
        return try Row.fetchAll(database, sql: sql, arguments: [about, kind.rawValue]).map(Entry.init)
    }
}
