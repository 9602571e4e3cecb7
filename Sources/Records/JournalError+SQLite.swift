// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import Glibc

extension JournalError {
    /// Names an error that came out of SQLite or of the code that runs inside of it.
    init(_ error: any Error, path: String) {
        switch error {
        case let known as JournalError: self = known
        case let database as DatabaseError: self.init(database, path: path)
        default: self.init(.io, "the journal \(path) could not be used; see the cause", cause: "\(error)")
        }
    }

    private init(_ error: DatabaseError, path: String) {
        let cause = "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
        let code = Self.code(of: error)
        self.init(code, Self.advice(code, path), cause: cause)
    }

    private static func code(of error: DatabaseError) -> Code {
        switch error.resultCode {
        case .SQLITE_FULL: .diskFull
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: .readOnly
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
        case .SQLITE_BUSY, .SQLITE_LOCKED: .locked
        case .SQLITE_CONSTRAINT: .conflict
        // The shared-memory index grows with fallocate, whose failure means the same as a full disk.
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE: .diskFull
        default: .io
        }
    }

    static func unreleased(_ path: String) -> String {
        "\(path) was written before Saker's first release and can be read and not gone on with; name another file for the journal"
    }

    static func advice(_ code: Code, _ path: String) -> String {
        switch code {
        case .readOnly: "the journal \(path) cannot be written; make its file system and folder writable, or name another file"
        case .diskFull: "there is no room for the journal \(path); free space on its file system, actions are refused until then"
        case .corrupt:
            "the journal \(path) is damaged or is no SQLite file; move it aside with its -wal file (keep both as evidence) and start afresh"
        case .locked: "another process holds the journal \(path); stop it, or give this one a journal of its own"
        case .newerSchema: "the journal \(path) was written by a later Saker; use that version, or name another file"
        case .foreign: "\(path) is a database of another program; name another file for the journal"
        case .unsafePath: "others may replace or read \(path); give it a folder that only its owner can write"
        case .overloaded: "too many callers wait for the journal \(path); look at the disk's speed"
        case .closed: "the journal \(path) was closed"
        case .conflict: "the journal \(path) refused an entry that does not follow from those before it"
        case .io: "the journal \(path) could not be read or written; look at the disk and at the kernel's log"
        }
    }
}
