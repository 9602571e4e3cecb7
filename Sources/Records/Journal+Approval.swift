// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import GRDB

/// An act that people are asked about.
public struct PendingAct: Sendable, Hashable {
    /// The number of the act that waits; `saker approve` takes it.
    public let id: IntentionID
    /// When people were asked.
    public let asked: Timestamp
    /// The alert that led there.
    public let alert: Alert
    /// What is to be done.
    public let act: PlannedAct
    /// What people must agree to.
    public let rule: ApprovalRule
    /// What they answered so far.
    public let votes: [ApprovalVote]

    /// Where the question stands at that time.
    public func state(at now: Timestamp) -> ApprovalState { ApprovalState(rule, asked: asked, votes: votes, now: now) }
}

extension Journal {
    /// Records what a person answered about an act that waits, and returns where the question stands now.
    ///
    /// Fails with `conflict` when nobody is asked about that act, the question is decided, or that person has answered already.
    public func vote(_ vote: ApprovalVote, on id: IntentionID) async throws(JournalError) -> ApprovalState {
        try await writer.perform { database in
            guard let pending = try Self.pending(try Entry.find(id, .intention, in: database), in: database) else {
                throw JournalError(.conflict, "nobody is asked about number \(id); `saker pending` lists what waits")
            }
            switch pending.state(at: vote.time) {
            case .waiting: break
            case .approved, .denied, .expired: throw JournalError(.conflict, "the question about number \(id) is decided already")
            }
            guard !pending.votes.contains(where: { $0.isSamePerson(as: vote) }) else {
                throw JournalError(.conflict, "\(vote.by) has answered about number \(id) already; it takes another person")
            }
            let sentence = "\(vote.by) \(vote.approves ? "approved" : "denied") it" + (vote.reason.isEmpty ? "" : ": \(vote.reason)")
            let facts: [String: JSONValue] = [
                "approval": vote.approves ? "approve" : "deny", "by": .string(vote.by), "reason": .string(vote.reason),
            ]
            _ = try Entry.append(
                .observation, trace: pending.alert.trace, about: id.seq, at: vote.time, body: Proof(sentence, readBack: facts),
                to: database)
            return ApprovalState(pending.rule, asked: pending.asked, votes: pending.votes + [vote], now: vote.time)
        }
    }

    /// The act as people are asked about it; nil when nobody is, or when what follows from their answers has begun.
    static func pending(_ entry: Entry, in database: Database) throws -> PendingAct? {
        let planned = try CanonicalJSON.read(EntryBody.Planned.self, entry.body)
        guard let rule = planned.intention.approval, let end = try Entry.answers(to: entry.seq, .outcome, in: database).first,
            case .awaiting = try CanonicalJSON.read(EntryBody.Closed.self, end.body).outcome,
            try Entry.answers(to: entry.about, .alertFinished, in: database).isEmpty
        else { return nil }
        let later = try Entry.answers(to: entry.about, .intention, in: database).contains { other in
            guard other.seq > entry.seq else { return false }
            let intention = try CanonicalJSON.read(EntryBody.Planned.self, other.body).intention
            return intention.playbook == planned.intention.playbook && intention.action == planned.intention.action
        }
        guard !later else { return nil }
        let alert = try Entry.find(EntryID(entry.about), .alertAccepted, in: database)
        return PendingAct(
            id: EntryID(entry.seq), asked: entry.timestamp, alert: try CanonicalJSON.read(Alert.self, alert.body),
            act: PlannedAct(planned.intention, kind: planned.kind, workload: planned.workload), rule: rule,
            votes: try votes(on: entry.seq, in: database))
    }

    /// What people answered about an act.
    static func votes(on seq: Int64, in database: Database) throws -> [ApprovalVote] {
        try Entry.answers(to: seq, .observation, in: database).compactMap { entry in
            let proof = try CanonicalJSON.read(Proof.self, entry.body)
            guard let word = proof.readBack["approval"]?.string, let by = proof.readBack["by"]?.string else { return nil }
            return ApprovalVote(
                by: by, approves: word == "approve", reason: proof.readBack["reason"]?.string ?? "", at: entry.timestamp)
        }
    }
}

extension JournalReader {
    /// The acts that people are asked about, oldest first.
    public func pending() async throws(JournalError) -> [PendingAct] {
        try await read { database in
            let sql = """
                SELECT \(Entry.columns) FROM entries i WHERE kind = 'intention' AND json_extract(body, '$.intention.approval') IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM entries f WHERE f.about = i.about AND f.kind = 'alertFinished') ORDER BY seq
                """
            return try Entry.fetchAll(database, sql, []).compactMap { try Journal.pending($0, in: database) }
        }
    }
}
