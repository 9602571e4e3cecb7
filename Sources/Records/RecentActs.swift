// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import GRDB

/// The acts of the guardrails' window, kept between two questions, so that each entry is read once however many acts there are.
struct RecentActs {
    private var acts: [PastAct] = []
    private var since: Timestamp?
    // The last entry that is accounted for. Its hash tells whether it is still there: what is read within a transaction that is
    // rolled back later was never written, and its number goes to another entry.
    private var seen: Int64 = 0
    private var seenHash: [UInt8]?

    /// The acts since then that happened or may have happened, oldest first.
    mutating func read(since time: Timestamp, in database: Database) throws -> [PastAct] {
        var next = try isCurrent(for: time, in: database) ? self : RecentActs()
        try next.readOn(since: time, in: database)
        self = next
        return acts
    }

    /// False when the window reaches further back than what is kept, or what is kept is no longer the journal's.
    private func isCurrent(for time: Timestamp, in database: Database) throws -> Bool {
        guard let since, time >= since else { return false }
        return try Self.last(in: database, upTo: seen)?.hash == seenHash
    }

    private mutating func readOn(since time: Timestamp, in database: Database) throws {
        // The index over kind and time finds the window's beginning; after that the numbers lead on.
        let (place, value) = since == nil ? ("time >= ?", Int64(clamping: time.nanoseconds)) : ("seq > ?", seen)
        let sql = "SELECT \(Entry.columns) FROM entries WHERE kind IN ('intention', 'outcome') AND \(place) ORDER BY seq"
        for entry in try Entry.fetchAll(database, sql, [value]) { try take(entry) }
        let last = try Self.last(in: database, upTo: .max)
        (seen, seenHash) = (last?.seq ?? 0, last?.hash)
        since = time
        acts.removeAll { $0.time < time }
    }

    private static func last(in database: Database, upTo seq: Int64) throws -> Entry? {
        try Entry.fetchAll(database, "SELECT \(Entry.columns) FROM entries WHERE seq <= ? ORDER BY seq DESC LIMIT 1", [seq]).first
    }

    private mutating func take(_ entry: Entry) throws {
        switch EntryKind(rawValue: entry.kind) {
        case .intention?:
            let planned = try CanonicalJSON.read(EntryBody.Planned.self, entry.body)
            guard !planned.rehearsal else { return }
            acts.append(
                PastAct(
                    id: entry.seq, time: entry.timestamp, kind: planned.kind, workload: planned.workload,
                    actuator: planned.intention.actuator, target: planned.intention.target))
        case .outcome?:
            let closed = try CanonicalJSON.read(EntryBody.Closed.self, entry.body)
            if !closed.outcome.mayHaveChanged { acts.removeAll { $0.id == entry.about } }
        case .alertAccepted?, .undoIntention?, .undoOutcome?, .observation?, .note?, nil: return
        }
    }
}

extension Outcome {
    /// False when it is certain that nothing was changed.
    fileprivate var mayHaveChanged: Bool {
        switch self {
        case .done, .unknown: true
        case .skipped, .refused, .rehearsed, .awaiting, .failed: false
        }
    }
}
