// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// One act with all that the journal says of it.
public struct HistoryEntry: Sendable, Hashable, Codable {
    /// How something that was begun ended.
    public struct Ending: Sendable, Hashable, Codable {
        /// When.
        public var time: Timestamp
        /// How.
        public var outcome: Outcome
        /// The chain as it stood with this entry.
        public var head: ChainHead
    }

    /// One try to take the act back.
    public struct Undo: Sendable, Hashable, Codable {
        /// Its number.
        public var id: UndoID
        /// When it was begun.
        public var time: Timestamp
        /// Who asked for it.
        public var by: String
        /// How it ended; nil while it is open.
        public var ending: Ending?
    }

    /// Something that was seen of the act later on, or noted beside all acts.
    public struct Observation: Sendable, Hashable, Codable {
        /// When.
        public var time: Timestamp
        /// What.
        public var proof: Proof
    }

    /// Whether the act is, or can be, taken back.
    public enum UndoState: String, Sendable, Hashable, Codable {
        /// It cannot be: it has no undo, changed nothing, or is not over.
        case impossible
        /// It can be.
        case available
        /// It is being taken back, or a crash left that open.
        case open
        /// It was taken back.
        case undone
        /// Taking it back was tried and did not happen; it can be tried again.
        case failed
    }

    /// The act's number; `saker undo` takes it.
    public var id: IntentionID
    /// When it was intended.
    public var time: Timestamp
    /// The alert that led there.
    public var alert: Alert
    /// What was planned.
    public var act: PlannedAct
    /// True when nothing was to be changed.
    public var rehearsal: Bool
    /// How it ended; nil while it is open.
    public var ending: Ending?
    /// Whether it is, or can be, taken back.
    public var undoState: UndoState
    /// Every try to take it back, in order.
    public var undos: [Undo]
    /// What was seen of it later on, in order.
    public var observations: [Observation]
}

extension HistoryEntry {
    /// The outcome's label, or `open`.
    public var label: String { ending?.outcome.label ?? "open" }

    /// The outcome's sentence, or what an open act means.
    public var sentence: String {
        ending?.outcome.sentence ?? "begun, and how it ended is not recorded: a crash may have come between; look at the target"
    }

    /// The alert's trace.
    public var trace: TraceID { alert.trace }
    /// The detection rule.
    public var rule: RuleName { alert.rule }
    /// The playbook.
    public var playbook: PlaybookName { act.intention.playbook }
    /// The actuator.
    public var actuator: ActuatorName { act.intention.actuator }
    /// What was acted on.
    public var target: TargetObject { act.intention.target }

    /// The target as `kind namespace/name`, the kind in lower case.
    public var targetName: String { target.kind.lowercased() + " " + (target.namespace.map { "\($0)/" } ?? "") + target.name }

    /// From the syscall to the end; nil while the act is open.
    public var nanosecondsSinceEvent: UInt64? { ending?.time.nanoseconds(since: alert.time) }

    static func undoState(of act: PlannedAct, rehearsal: Bool, _ ending: Ending?, _ undos: [Undo]) -> UndoState {
        if let last = undos.last {
            guard let outcome = last.ending?.outcome else { return .open }
            guard case .done = outcome else { return .failed }
            return .undone
        }
        guard act.intention.undo != nil, !rehearsal, let outcome = ending?.outcome else { return .impossible }
        return outcome.mayHaveHappened ? .available : .impossible
    }
}
