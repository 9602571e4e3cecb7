// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Records

/// What people and outlets are told of one act.
public struct ActionReport: Sendable {
    /// What the report is about.
    public typealias Occasion = Notice.Occasion

    /// What the report is about.
    public var occasion: Occasion
    /// The alert that led to the act.
    public var alert: Alert
    /// What was planned.
    public var act: PlannedAct
    /// How it ended, or what was seen.
    public var outcome: Outcome
    /// True when nothing was to be changed.
    public var isRehearsal: Bool
    /// The act's number, which `saker undo` takes; nil when the journal could not be written.
    public var id: IntentionID?
    /// The journal's chain with the record of this; nil when the journal could not be written.
    public var head: ChainHead?
    /// From the syscall to the end of the act.
    public var nanosecondsSinceEvent: UInt64
    /// What else a person should know: where the result is kept, or why it or its record is not.
    public var notes: [String] = []
}

/// Whoever tells people what was done.
public protocol ActionReporter: Sendable {
    /// Tells one report; must not block for long and deals with its own failures.
    func report(_ report: ActionReport) async
}
