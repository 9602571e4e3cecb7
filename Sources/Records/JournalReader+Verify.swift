// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension JournalReader {
    /// Walks the whole chain and holds it to the anchors, which result files keep (`FolderResultStore.anchors`).
    public func verify(anchors: [Anchor]) async throws(JournalError) -> Verification {
        try await read { database in
            var walk = ChainWalk(anchors: anchors)
            for name in try JournalSchema.deviations(database) {
                walk.add(.schema, nil, "'\(name)' is not as Saker makes it: somebody changed the schema, perhaps to change history")
            }
            for complaint in try Self.complaints(database) { walk.add(.damaged, nil, "SQLite says of the file: \(complaint)") }
            let rows = try Row.fetchCursor(database, sql: "SELECT \(Entry.columns) FROM entries NOT INDEXED ORDER BY seq")
            while let row = try rows.next() { walk.step(try Entry(row)) }
            return walk.finish()
        }
    }

    private static func complaints(_ database: Database) throws -> [String] {
        try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
    }
}
