// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// The journal's tables: made once, and never anything but added to.
enum JournalSchema {
    /// "Sakr" in ASCII: says that a SQLite file is a journal (`PRAGMA application_id`).
    static let applicationID: Int64 = 0x5361_6b72

    /// What each version of the schema adds; a released step is never edited.
    static let steps: [[String]] = [[entries, byTrace, byAbout, byKind, noUpdate, noDelete, inOrder, outbox, byDestination]]

    /// The version that the first step makes; what came before was never released.
    static let oldest: Int64 = 2
    static let version = oldest + Int64(steps.count) - 1

    // `about` is the entry that this one answers: intention -> alert, outcome and undo -> intention, undo's outcome -> undo.
    private static let entries = """
        CREATE TABLE entries (
            seq INTEGER PRIMARY KEY CHECK (seq > 0),
            time INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN (\(EntryKind.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")))),
            trace TEXT NOT NULL,
            about INTEGER NOT NULL CHECK (about >= 0 AND about < seq),
            body TEXT NOT NULL CHECK (json_valid(body)),
            previous BLOB NOT NULL CHECK (length(previous) = 32),
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT
        """
    private static let byTrace = "CREATE INDEX entries_by_trace ON entries (trace)"
    private static let byAbout = "CREATE INDEX entries_by_about ON entries (about)"
    private static let byKind = "CREATE INDEX entries_by_kind ON entries (kind, time)"
    private static let noUpdate = """
        CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'history is never changed'); END
        """
    private static let noDelete = """
        CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END
        """
    // INSERT OR REPLACE deletes without firing the DELETE trigger, so an entry that is not the next one is refused here.
    private static let inOrder = """
        CREATE TRIGGER entries_in_order BEFORE INSERT ON entries
        WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
            OR (NEW.seq > 1 AND NEW.previous IS NOT (SELECT hash FROM entries WHERE seq = NEW.seq - 1))
        BEGIN SELECT RAISE(ABORT, 'history only grows at its end'); END
        """

    // Messages on their way: no history, so rows come and go.
    private static let outbox = """
        CREATE TABLE outbox (
            seq INTEGER PRIMARY KEY,
            destination TEXT NOT NULL,
            key TEXT NOT NULL,
            time INTEGER NOT NULL,
            body TEXT NOT NULL CHECK (json_valid(body)),
            UNIQUE (destination, key)
        ) STRICT
        """
    private static let byDestination = "CREATE INDEX outbox_by_destination ON outbox (destination, seq)"

    /// Makes what is missing, in one transaction. Refuses a database that is not ours, or newer than this program.
    static func prepare(_ database: Database, path: String) throws {
        try database.inTransaction(.immediate) {
            let found = try check(database, path: path)
            guard found == 0 || found >= oldest else { throw JournalError(.foreign, JournalError.unreleased(path)) }
            for step in steps.dropFirst(found == 0 ? 0 : Int(found - oldest + 1)) {
                for statement in step { try database.execute(sql: statement) }
            }
            if found < version {
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                try database.execute(sql: "PRAGMA user_version = \(version)")
            }
            return .commit
        }
    }

    /// The schema's version in the file; 0 when the file is empty.
    static func check(_ database: Database, path: String) throws -> Int64 {
        let application = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let found = try Int64.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let objects = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        let isEmpty = application == 0 && found == 0 && objects == 0
        guard isEmpty || application == applicationID else { throw JournalError(.foreign, JournalError.advice(.foreign, path)) }
        guard found <= version else { throw JournalError(.newerSchema, JournalError.advice(.newerSchema, path)) }
        return found
    }

    /// The names of tables, indexes and triggers whose definition in the file is not the one made here.
    static func deviations(_ database: Database) throws -> [String] {
        let rows = try Row.fetchAll(database, sql: "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        let found = Dictionary(rows.map { ($0["name"] as String, $0["sql"] as String) }, uniquingKeysWith: { first, _ in first })
        let wanted = Dictionary(steps.joined().map { (name(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
        return Set(found.keys).union(wanted.keys).filter { found[$0] != wanted[$0] }.sorted()
    }

    private static func name(of statement: String) -> String { String(statement.split(separator: " ")[2]) }
}
