// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB
internal import Glibc

/// The journal's one writing thread: what waits is written in one commit, so that many callers share one sync of the disk.
final class JournalWriter: @unchecked Sendable {
    // Sendable because `waiting`, the two flags and `whenClosed` are touched only under `condition`, all else only by the thread.

    /// How many callers may wait; the next is told `overloaded`.
    static let limit = 1024

    private struct Job {
        /// Runs inside of the transaction.
        let run: (Database) throws -> Void
        /// Runs after it, with the error if nothing was kept.
        let finish: (JournalError?) -> Void
    }

    private let path: String
    private let database: DatabaseQueue
    private let lock: Int32?
    private let reserve: JournalReserve?
    private let condition = NSCondition()
    private var waiting: [Job] = []
    private var isClosing = false
    private var isClosed = false
    private var whenClosed: [() -> Void] = []

    /// Starts the thread. Owns the connection, the lock's descriptor and the reserve if there are any.
    init(path: String, database: DatabaseQueue, lock: Int32?, reserve: JournalReserve?) {
        self.path = path
        self.database = database
        self.lock = lock
        self.reserve = reserve
        let thread = Thread { self.work() }
        thread.name = "saker-journal"
        thread.start()
    }

    /// True while the reserved space is given up.
    var isReserveSpent: Bool { reserve?.isSpent ?? false }

    /// Runs `body` in a transaction on the journal's thread and returns once its commit is on the disk.
    func perform<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(JournalError) -> Value {
        let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
            let kept = Kept<Value>()
            let job = Job(
                run: { kept.value = try body($0) },
                finish: { error in
                    if let value = kept.value, error == nil {
                        continuation.resume(returning: .success(value))
                    } else {
                        continuation.resume(returning: .failure(error ?? JournalError(.io, "the journal kept no result")))
                    }
                })
            if let refusal = enqueue(job) { job.finish(refusal) }
        }
        return try result.get()
    }

    /// Writes what waits, then closes the file; returns when that is done.
    func close() async {
        await withCheckedContinuation { continuation in
            let isClosed = condition.withLock {
                isClosing = true
                if !self.isClosed { whenClosed.append { continuation.resume() } }
                condition.signal()
                return self.isClosed
            }
            if isClosed { continuation.resume() }
        }
    }

    /// Like `close`, for those who cannot wait.
    func stop() {
        condition.withLock {
            isClosing = true
            condition.signal()
        }
    }

    private func enqueue(_ job: Job) -> JournalError? {
        condition.withLock {
            guard !isClosing else { return JournalError(.closed, JournalError.advice(.closed, path)) }
            guard waiting.count < Self.limit else { return JournalError(.overloaded, JournalError.advice(.overloaded, path)) }
            waiting.append(job)
            condition.signal()
            return nil
        }
    }

    private func work() {
        while let jobs = take() { commit(jobs) }
        // With an empty log the one file is the whole journal, so a copy of it is too. Readers may hold this off; then the log stays.
        try? database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try? database.close()
        if let lock { Glibc.close(lock) }
        let callers = condition.withLock {
            isClosed = true
            return whenClosed
        }
        for resume in callers { resume() }
    }

    private func take() -> [Job]? {
        condition.withLock {
            while waiting.isEmpty && !isClosing { condition.wait() }
            defer { waiting.removeAll(keepingCapacity: true) }
            return waiting.isEmpty ? nil : waiting
        }
    }

    private func commit(_ jobs: [Job]) {
        var errors = transact(jobs)
        let refused = jobs.indices.filter { errors[$0]?.code == .diskFull }
        if !refused.isEmpty, reserve?.release() == true {
            for (index, error) in zip(refused, transact(refused.map { jobs[$0] })) { errors[index] = error }
        }
        for (job, error) in zip(jobs, errors) { job.finish(error) }
        reserve?.restore()
    }

    private func transact(_ jobs: [Job]) -> [JournalError?] {
        var errors = [JournalError?](repeating: nil, count: jobs.count)
        do {
            try database.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    for index in jobs.indices { errors[index] = try attempt(jobs[index], database) }
                    return .commit
                }
            }
            return errors
        } catch {
            let reason = JournalError(error, path: path)
            return errors.map { $0 ?? reason }
        }
    }

    // One caller's mistake undoes only what that caller wrote; a failing disk ends the transaction for all.
    private func attempt(_ job: Job, _ database: Database) throws -> JournalError? {
        // GRDB's own savepoints are compiled anew each time.
        try Self.run("SAVEPOINT job", database)
        do {
            try job.run(database)
            try Self.run("RELEASE job", database)
            return nil
        } catch {
            guard database.isInsideTransaction else { throw error }
            try Self.run("ROLLBACK TO job", database)
            try Self.run("RELEASE job", database)
            return JournalError(error, path: path)
        }
    }

    private static func run(_ sql: String, _ database: Database) throws {
        try database.cachedStatement(sql: sql).execute()
    }

    private final class Kept<Value> {
        var value: Value?
    }
}
