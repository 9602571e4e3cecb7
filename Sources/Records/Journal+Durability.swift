// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Journal {
    /// How SQLite was told to keep the file, as its own connection reports it.
    public struct Durability: Sendable, Hashable {
        /// `wal` as Saker sets it.
        public var journalMode: String
        /// 2 stands for FULL: each commit is on the disk before it is reported.
        public var synchronous: Int64

        /// States both.
        public init(journalMode: String, synchronous: Int64) {
            self.journalMode = journalMode
            self.synchronous = synchronous
        }
    }

    /// Reads the settings back from the connection that writes; `saker doctor` and the tests hold it to them.
    public func durability() async throws(JournalError) -> Durability {
        try await writer.perform { database in
            Durability(
                journalMode: try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? "",
                synchronous: try Int64.fetchOne(database, sql: "PRAGMA synchronous") ?? 0)
        }
    }
}
