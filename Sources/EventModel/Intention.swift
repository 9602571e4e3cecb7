// SPDX-License-Identifier: Apache-2.0

/// An object that an action acts on, named so that a later namesake cannot be meant.
public struct TargetObject: Sendable, Hashable, Codable {
    /// The kind as Kubernetes spells it, such as `Pod`.
    public var kind: String
    /// Its namespace; nil for what has none.
    public var namespace: NamespaceName?
    /// Its name.
    public var name: String
    /// Its UID, when known.
    public var uid: String?

    /// The kind of a function of AWS Lambda, which is no object of the cluster.
    public static let functionKind = "Function"

    /// The namespace that a change of it is a change in; of a namespace it is that one itself.
    public var home: NamespaceName? { namespace ?? (kind == "Namespace" ? NamespaceName(name) : nil) }

    /// Names an object.
    public init(kind: String, namespace: NamespaceName?, name: String, uid: String?) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}

/// What will be done: written to the journal before it is done, together with how to take it back.
public struct Intention: Sendable, Hashable, Codable {
    /// The alert that led here.
    public var trace: TraceID
    /// The playbook that matched.
    public var playbook: PlaybookName
    /// The step's name in the playbook.
    public var action: ActionName
    /// What carries it out.
    public var actuator: ActuatorName
    /// What it acts on.
    public var target: TargetObject
    /// The step's parameters, merged.
    public var parameters: [String: JSONValue]
    /// How to take it back; nil when it cannot be.
    public var undo: UndoRecipe?
    /// After how many seconds it takes itself back; nil when it stays.
    public var lastsSeconds: Int?
    /// What people must agree to before it is done; nil when nobody is asked.
    public var approval: ApprovalRule?
    /// Who agreed to it; nil when nobody was asked.
    public var approvedBy: [String]?

    /// Brings the parts together.
    public init(
        trace: TraceID, playbook: PlaybookName, action: ActionName, actuator: ActuatorName, target: TargetObject,
        parameters: [String: JSONValue], undo: UndoRecipe?, lastsSeconds: Int? = nil
    ) {
        self.trace = trace
        self.playbook = playbook
        self.action = action
        self.actuator = actuator
        self.target = target
        self.parameters = parameters
        self.undo = undo
        self.lastsSeconds = lastsSeconds
    }
}

/// How to take an action back: what the actuator needs to know, decided before the act.
public struct UndoRecipe: Sendable, Hashable, Codable {
    /// One sentence for a person, such as "remove label suspicious from pod shop/web-1".
    public var sentence: String
    /// What the actuator's undo reads; its shape is the actuator's own.
    public var facts: [String: JSONValue]

    /// States a recipe.
    public init(_ sentence: String, facts: [String: JSONValue]) {
        self.sentence = sentence
        self.facts = facts
    }
}
