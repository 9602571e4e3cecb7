// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What one action was, why, and how it ended: the JSON object that the result store keeps for it.
public struct ResultRecord: Sendable, Hashable, Codable {
    /// Nanoseconds from the syscall to each station of the walk.
    public struct Delays: Sendable, Hashable, Codable {
        /// Until the alert was in the journal.
        public var acceptedNanoseconds: UInt64
        /// Until the intention was in the journal.
        public var intendedNanoseconds: UInt64
        /// Until the action had ended.
        public var endedNanoseconds: UInt64

        /// Reckons from the event's time; a clock that was set back gives 0.
        public init(event: Timestamp, accepted: Timestamp, intended: Timestamp, ended: Timestamp) {
            acceptedNanoseconds = accepted.nanoseconds(since: event)
            intendedNanoseconds = intended.nanoseconds(since: event)
            endedNanoseconds = ended.nanoseconds(since: event)
        }
    }

    /// The form of this object; 1 so far.
    public var version = 1
    /// The intention's number in the journal.
    public var id: IntentionID
    /// The alert that led here.
    public var alert: Alert
    /// What was to be done, how far it goes, and to which workload.
    public var act: PlannedAct
    /// How it ended.
    public var outcome: Outcome
    /// True when nothing was to be changed.
    public var rehearsal: Bool
    /// How long it took, from the syscall.
    public var delays: Delays
    /// The journal's chain as it stood when the outcome was written: `saker history verify` holds the journal to it.
    public var head: ChainHead

    /// Brings the parts together.
    public init(
        id: IntentionID, alert: Alert, act: PlannedAct, outcome: Outcome, rehearsal: Bool, delays: Delays, head: ChainHead
    ) {
        self.id = id
        self.alert = alert
        self.act = act
        self.outcome = outcome
        self.rehearsal = rehearsal
        self.delays = delays
        self.head = head
    }

    /// The object as JSON with sorted keys, ended by a line feed.
    public func json() throws -> String { try CanonicalJSON.text(self) + "\n" }

    func text(for place: String) throws(JournalError) -> String {
        do {
            return try json()
        } catch {
            throw JournalError(.io, "the result for \(place) has no JSON form; report this", cause: "\(error)")
        }
    }
}
