// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import GRDBSQLite

extension JournalFile {
    /// Keeps the -wal and -shm files after the last close, so that a reader never has to make them.
    static func keepLog(_ database: Database) throws {
        var keep: CInt = 1
        let code = sqlite3_file_control(database.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &keep)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
}
