// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import GRDB

/// The append-only history: what was to be done, before it was done, and how it ended.
///
/// Every call returns once its commit is on the disk; callers that wait at the same time share one commit. Each entry carries
/// the hash of the one before it. SQLite runs on the journal's own thread.
public final class Journal: Sendable {
    /// Who opens the journal.
    public enum Role: Sendable {
        /// The one process that responds to alerts; a second one is refused.
        case responder
        /// A short visit beside it, such as `saker undo`.
        case visitor
    }

    /// How the acceptance of an alert ended.
    public enum Acceptance: Sendable, Hashable {
        /// The alert is in the journal now.
        case accepted(EntryID)
        /// The alert was in the journal already: its actions must not run again.
        case duplicate(EntryID)

        /// The entry that holds the alert.
        public var id: EntryID {
            switch self {
            case .accepted(let id), .duplicate(let id): id
            }
        }
    }

    /// Where the journal is.
    public let path: String
    let writer: JournalWriter
    let outbox = OutboxBells()

    /// Opens the journal, and makes it (file 0600, missing folder 0700) when it is not there.
    ///
    /// A responder sets `reserve` bytes of the disk aside beside it, which are given up first when the disk is full; `say` is told
    /// of that in one line, on the journal's thread.
    public init(
        path: String, role: Role, reserve: Int64 = 16 << 20, say: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(JournalError) {
        self.path = path
        try JournalFile.create(path)
        let lock: Int32?, kept: JournalReserve?
        switch role {
        case .responder: (lock, kept) = (try JournalFile.lock(path), JournalReserve(path: path + ".reserve", bytes: reserve, say: say))
        case .visitor: (lock, kept) = (nil, nil)
        }
        do {
            writer = JournalWriter(path: path, database: try JournalFile.writer(path), lock: lock, reserve: kept)
        } catch {
            if let lock { JournalFile.unlock(lock) }
            throw JournalError(error, path: path)
        }
    }

    deinit { writer.stop() }

    /// Opens the journal as its responder as soon as another one lets go of it, at the latest after `patience`: so a successor can be
    /// started before its predecessor has ended. Throws `locked` when that did not happen.
    public static func open(
        path: String, patience: Duration, say: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(JournalError) -> Journal {
        let deadline = ContinuousClock.now + patience
        var isTold = false
        while true {
            do throws(JournalError) {
                return try Journal(path: path, role: .responder, say: say)
            } catch {
                guard error.code == .locked, ContinuousClock.now < deadline else { throw error }
                if !isTold { say("\(error.message); waiting for it, \(patience) at most") }
                isTold = true
                guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { throw error }
            }
        }
    }

    /// True while the space that was set aside beside the journal is given up, because the disk is full: somebody must free some.
    public var isReserveSpent: Bool { writer.isReserveSpent }

    /// Writes what waits and closes the file; later calls fail with `closed`.
    public func close() async { await writer.close() }

    /// Takes an alert in. A second acceptance of the same trace changes nothing and says so.
    public func accept(_ alert: Alert, at time: Timestamp) async throws(JournalError) -> Acceptance {
        try await writer.perform { try Self.accept(alert, at: time, in: $0) }
    }

    /// Takes alerts in, in their order and in one commit: all of them, or none when this throws.
    public func accept(_ alerts: [Alert], at time: Timestamp) async throws(JournalError) -> [Acceptance] {
        try await writer.perform { database in try alerts.map { try Self.accept($0, at: time, in: database) } }
    }

    /// Records what will be done, all in one commit, and returns one number for each. Their alerts must have been accepted.
    public func intend(_ acts: [PlannedAct], rehearsal: Bool, at time: Timestamp) async throws(JournalError) -> [IntentionID] {
        try await writer.perform { database in
            try acts.map { EntryID(try Self.intend($0, rehearsal: rehearsal, at: time, in: database).seq) }
        }
    }

    /// Records how an intention ended, and in the same commit the messages about it; fails with `conflict` when the end is known already.
    public func close(
        _ id: IntentionID, outcome: Outcome, at time: Timestamp, telling messages: @escaping Messages = Journal.nobody
    ) async throws(JournalError) -> ChainHead {
        try await record(at: time) { database in
            let intention = try Entry.find(id, .intention, in: database)
            let head = try Self.end(intention, .outcome, outcome, at: time, in: database).head
            return (head, try messages(id, head))
        }
    }

    /// Records, in one commit, an act that is over before it began (refused, skipped or rehearsed) and the messages about it.
    public func settle(
        _ act: PlannedAct, outcome: Outcome, rehearsal: Bool, at time: Timestamp, telling messages: @escaping Messages = Journal.nobody
    ) async throws(JournalError) -> (id: IntentionID, head: ChainHead) {
        let entry = try await record(at: time) { database in
            let intention = try Self.intend(act, rehearsal: rehearsal, at: time, in: database)
            let id = EntryID(intention.seq)
            let head = try Self.end(intention, .outcome, outcome, at: time, in: database).head
            return ((id, head), try messages(id, head))
        }
        return (id: entry.0, head: entry.1)
    }

    /// Records what was seen of an act later on, such as an isolation that holds, and the messages about it.
    public func observe(
        _ observation: Proof, of id: IntentionID, at time: Timestamp, telling messages: @escaping Messages = Journal.nobody
    ) async throws(JournalError) -> ChainHead {
        try await record(at: time) { database in
            let intention = try Entry.find(id, .intention, in: database)
            let trace = TraceID(intention.trace)
            let head = try Entry.append(.observation, trace: trace, about: id.seq, at: time, body: observation, to: database).head
            return (head, try messages(id, head))
        }
    }

    /// Records something that concerns no single act, such as a change of mode.
    public func note(_ note: Proof, at time: Timestamp) async throws(JournalError) -> ChainHead {
        try await writer.perform { database in
            try Entry.append(.note, trace: "", about: 0, at: time, body: note, to: database).head
        }
    }

    private static func accept(_ alert: Alert, at time: Timestamp, in database: Database) throws -> Acceptance {
        if let known = try Self.alert(alert.trace, in: database) { return .duplicate(EntryID(known.seq)) }
        let entry = try Entry.append(.alertAccepted, trace: alert.trace, about: 0, at: time, body: alert, to: database)
        return .accepted(EntryID(entry.seq))
    }

    // The plus keeps SQLite from the index by kind, which is as good to it and holds every alert there ever was.
    static let alertByTrace = "SELECT \(Entry.columns) FROM entries WHERE trace = ? AND +kind = ?"

    static func alert(_ trace: TraceID, in database: Database) throws -> Entry? {
        try Entry.fetchAll(database, alertByTrace, [trace.text, EntryKind.alertAccepted.rawValue]).first
    }

    static func end(
        _ intention: Entry, _ kind: EntryKind, _ outcome: Outcome, at time: Timestamp, in database: Database
    ) throws -> Entry {
        guard try Entry.answers(to: intention.seq, kind, in: database).isEmpty else {
            throw JournalError(.conflict, "how number \(intention.seq) ended is recorded already; nothing runs twice")
        }
        let body = EntryBody.Closed(outcome: outcome)
        return try Entry.append(kind, trace: TraceID(intention.trace), about: intention.seq, at: time, body: body, to: database)
    }

    private static func intend(_ act: PlannedAct, rehearsal: Bool, at time: Timestamp, in database: Database) throws -> Entry {
        let trace = act.intention.trace
        guard let alert = try alert(trace, in: database) else {
            throw JournalError(.conflict, "no alert with trace \(trace) was accepted, so nothing may be done about it")
        }
        let body = EntryBody.Planned(intention: act.intention, kind: act.kind, workload: act.workload, rehearsal: rehearsal)
        return try Entry.append(.intention, trace: trace, about: alert.seq, at: time, body: body, to: database)
    }
}
