// SPDX-License-Identifier: Apache-2.0

public import Enrichment

/// What a detector did since it was started, readable from any thread.
public final class DetectorCounters: Sendable {
    /// Events that were decoded, by kind, those of the snapshot among them.
    public let events = KindCounts()
    /// Matches of rules; with first-match, at most one an event.
    public let matches = OwnerCounter()
    /// Records that no event could be read from.
    public let undecoded = OwnerCounter()
    /// Events that waited for what was not known of their container.
    public let waited = OwnerCounter()
    /// Events that were judged, after their wait, without what nobody had told of their container by then.
    public let judgedTooEarly = OwnerCounter()
    /// Events that were judged without it at once, because too many waited.
    public let judgedWithoutRoom = OwnerCounter()
    /// Matches of events that the kernel's filter would have kept back: with a right filter there is none.
    public let filterFaults = OwnerCounter()
    /// Events that wait now.
    public let waitingEvents = OwnerCounter()
    /// Containers whose events wait now.
    public let waitingContainers = OwnerCounter()
    /// Processes that the table holds now.
    public let knownProcesses = OwnerCounter()
    /// Containers that the table holds now.
    public let knownContainers = OwnerCounter()
    /// What each rule did and cost.
    public let rules = RuleBook()
    /// Rule sets that took the place of another.
    public let reloads = OwnerCounter()
    /// What the process table did.
    public let processes: ProcessTable.Counters

    /// All at 0.
    public init(processes: ProcessTable.Counters = ProcessTable.Counters()) { self.processes = processes }
}
