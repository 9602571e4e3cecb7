// SPDX-License-Identifier: Apache-2.0

/// How far an act goes: it decides which guardrails speak.
public enum ActKind: String, Sendable, Codable, CaseIterable {
    /// Changes nothing that runs.
    case observe
    /// Changes something and can take it back.
    case reversible
    /// Cannot be taken back.
    case destructive
}

/// An act as the journal is told of it before it happens: the intention, with what budgets are counted by.
public struct PlannedAct: Sendable, Hashable, Codable {
    /// What will be done.
    public var intention: Intention
    /// How far it goes.
    public var kind: ActKind
    /// What the target belongs to, as `namespace/kind/name` of its owner, or of itself when it stands alone.
    public var workload: String

    /// Brings the parts together.
    public init(_ intention: Intention, kind: ActKind, workload: String) {
        self.intention = intention
        self.kind = kind
        self.workload = workload
    }
}

/// An act that happened, or may have: what budgets and cooldowns are counted from, also after a restart.
public struct PastAct: Sendable, Hashable, Codable {
    /// The sequence number of its intention in the journal.
    public var id: Int64
    /// When it was intended.
    public var time: Timestamp
    /// How far it went.
    public var kind: ActKind
    /// What its target belonged to; see `PlannedAct.workload`.
    public var workload: String
    /// What carried it out.
    public var actuator: ActuatorName
    /// What it acted on.
    public var target: TargetObject
    /// The alert that it answered.
    public var trace: TraceID
    /// The playbook that it was a step of.
    public var playbook: PlaybookName
    /// The detection rule of the alert; nil when it is not known.
    public var rule: RuleName?

    /// Brings the parts together.
    public init(
        id: Int64, time: Timestamp, kind: ActKind, workload: String, actuator: ActuatorName, target: TargetObject, trace: TraceID,
        playbook: PlaybookName, rule: RuleName? = nil
    ) {
        self.id = id
        self.time = time
        self.kind = kind
        self.workload = workload
        self.actuator = actuator
        self.target = target
        self.trace = trace
        self.playbook = playbook
        self.rule = rule
    }

    /// The act under its number, from the moment it was intended.
    public init(_ act: PlannedAct, id: Int64, at time: Timestamp, rule: RuleName?) {
        let intention = act.intention
        self.init(
            id: id, time: time, kind: act.kind, workload: act.workload, actuator: intention.actuator, target: intention.target,
            trace: intention.trace, playbook: intention.playbook, rule: rule)
    }
}

/// How an act that was begun ended: what the circuit breaker counts.
public struct PastEnd: Sendable, Hashable {
    /// When it was begun.
    public var began: Timestamp
    /// When it ended; nil while it is under way.
    public var ended: Timestamp?
    /// True when it failed, or when nobody knows whether it happened.
    public var isError: Bool

    /// States the end of an act.
    public init(began: Timestamp, ended: Timestamp?, isError: Bool) {
        self.began = began
        self.ended = ended
        self.isError = isError
    }
}
