// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import Glibc

/// The journal as files: who may read them, who may write, and how SQLite is told to keep them.
enum JournalFile {
    /// How long to wait for another process's transaction; ours take milliseconds.
    private static let patienceSeconds = 2.0

    /// Makes the folder (0700) and the file (0600) when they are missing. Refuses a place that others can change.
    static func create(_ path: String) throws(JournalError) {
        let folder = folder(of: path)
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw failure(path, "cannot make the folder \(folder)") }
        try checkFolder(folder)
        let file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path, "cannot open \(path)") }
        defer { Glibc.close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw JournalError(.foreign, "\(path) is no regular file; name another file for the journal")
        }
        if status.st_mode & 0o077 != 0, fchmod(file, 0o600) != 0 { throw failure(path, "cannot close \(path) to others") }
        // SQLite syncs the file; that the folder names it must survive a power cut as well.
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure(path, "cannot open the folder \(folder)") }
        defer { Glibc.close(directory) }
        guard fsync(directory) == 0 else { throw failure(path, "cannot sync the folder \(folder)") }
    }

    /// Takes the lock that makes this process the one responder on this journal; it lasts until the descriptor is closed.
    static func lock(_ path: String) throws(JournalError) -> Int32 {
        let descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path, "cannot open \(path).lock") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = holder(descriptor).map { " (process \($0))" } ?? ""
            Glibc.close(descriptor)
            throw JournalError(
                .locked, "another saker\(holder) responds with the journal \(path); stop it, or give this one a journal of its own")
        }
        name(getpid(), descriptor)
        return descriptor
    }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var text = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &text, text.count, 0)
        return count > 0 ? Int32(String(decoding: text[..<count].prefix { $0 != 10 }, as: UTF8.self)) : nil
    }

    // Who holds the lock is the kernel's to know; the number is for the message of whoever is refused.
    private static func name(_ process: Int32, _ descriptor: Int32) {
        let text = Array("\(process)\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    /// Gives the lock back.
    static func unlock(_ descriptor: Int32) { Glibc.close(descriptor) }

    /// A connection that writes: WAL, and every commit is on the disk before it is reported.
    static func writer(_ path: String) throws -> DatabaseQueue {
        var settings = Configuration()
        settings.label = "saker.journal"
        settings.busyMode = .timeout(patienceSeconds)
        settings.prepareDatabase { database in
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw JournalError(.io, "SQLite cannot keep a write-ahead log for \(path); use a local file system")
            }
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try keepLog(database)
        }
        let queue = try DatabaseQueue(path: path, configuration: settings)
        try queue.writeWithoutTransaction { try JournalSchema.prepare($0, path: path) }
        return queue
    }

    /// A connection that cannot write. A journal without a write-ahead log has no writer (writers keep theirs), so SQLite is
    /// told that nothing changes and makes no file beside it.
    static func reader(_ path: String) throws -> DatabaseQueue {
        guard access(path, F_OK) == 0 else {
            throw JournalError(.io, "there is no journal at \(path); name the file that `saker run` writes")
        }
        var settings = Configuration()
        settings.label = "saker.history"
        settings.readonly = true
        settings.busyMode = .timeout(patienceSeconds)
        let isLive = access(path + "-wal", F_OK) == 0
        let queue = try DatabaseQueue(path: isLive ? path : immutableURI(path), configuration: settings)
        let version = try queue.read { try JournalSchema.check($0, path: path) }
        guard version > 0 else {
            throw JournalError(.foreign, "\(path) holds no journal yet; start `saker run` on it, or name another file")
        }
        return queue
    }

    private static func immutableURI(_ path: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
        let escaped = path.utf8.map { plain.contains($0) ? String(UnicodeScalar($0)) : "%" + hex($0) }.joined()
        return "file:\(escaped)?immutable=1"
    }

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    private static func folder(of path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).dropLast().joined(separator: "/")
        return path.hasPrefix("/") ? "/" + parts : (parts.isEmpty ? "." : parts)
    }

    private static func checkFolder(_ folder: String) throws(JournalError) {
        var status = stat()
        guard stat(folder, &status) == 0 else { throw failure(folder, "cannot look at the folder \(folder)") }
        let isOpen = status.st_mode & 0o022 != 0 && status.st_mode & S_ISVTX == 0
        guard !isOpen else { throw JournalError(.unsafePath, JournalError.advice(.unsafePath, folder)) }
    }

    private static func failure(_ path: String, _ what: String) -> JournalError {
        let number = errno
        let cause = "\(what): \(String(cString: strerror(number)))"
        switch number {
        case EROFS, EACCES, EPERM: return JournalError(.readOnly, JournalError.advice(.readOnly, path), cause: cause)
        case ENOSPC, EDQUOT: return JournalError(.diskFull, JournalError.advice(.diskFull, path), cause: cause)
        case ELOOP: return JournalError(.unsafePath, "\(path) is a symbolic link; name the file itself", cause: cause)
        case _: return JournalError(.io, JournalError.advice(.io, path), cause: cause)
        }
    }
}
