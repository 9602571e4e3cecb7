// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import KubeClient
public import struct KubeClient.Pod
public import ResponseLanguage

/// Both halves of a cluster. A rehearsal hands in a `DryRunKube`, and no action can tell.
public typealias Kube = KubeReader & KubeWriter

/// One way to answer an alert. Reading what must be known, doing, and taking back are apart, so that the guardrails judge and the
/// journal writes in between.
public protocol Action: Sendable {
    /// What it tells about itself.
    var card: ActionCard { get }

    /// Reads what must be known and states what will be done and how it is taken back; changes nothing.
    func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation

    /// Does what was prepared. An error means that it may have happened in part.
    func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome

    /// What became of an act that may have happened, where what is there now proves that it did; nil where nothing proves it. Asked
    /// after a crash between intention and outcome.
    func readBack(_ intention: Intention, _ kube: any KubeReader) async throws(KubeError) -> Outcome?

    /// How much longer than other actions it may take, because its parameters let it wait.
    func patience(_ parameters: [String: JSONValue]) -> Duration

    /// Takes an act back by its recipe, and refuses where somebody else changed what it set.
    func undo(_ intention: Intention, _ kube: any Kube) async throws(KubeError) -> Outcome
}

extension Action {
    /// Nothing that is there proves that the act happened.
    public func readBack(_ intention: Intention, _ kube: any KubeReader) async throws(KubeError) -> Outcome? { nil }

    /// It waits for nobody.
    public func patience(_ parameters: [String: JSONValue]) -> Duration { .zero }

    /// An act without a recipe has nothing to take back.
    public func undo(_ intention: Intention, _ kube: any Kube) async throws(KubeError) -> Outcome {
        .skipped(why: "\(intention.actuator) cannot be taken back")
    }
}

/// Why an action is asked for: the alert, the playbook that answers it, and its step.
public struct ActionRequest: Sendable {
    /// What happened.
    public let alert: Alert
    /// The playbook that answers it.
    public let playbook: PlaybookName
    /// The step.
    public let step: PlannedAction
    /// Why what carries these labels, in that namespace, must not be changed beside the target either; nil where it may.
    public var reasonToSpare: @Sendable (NamespaceName?, [String: String]) -> String? = { _, _ in nil }

    /// Brings the parts together.
    public init(_ alert: Alert, playbook: PlaybookName, step: PlannedAction) {
        self.alert = alert
        self.playbook = playbook
        self.step = step
    }

    /// The act as far as the alert alone tells it, before anything was read.
    public var unread: PlannedAct {
        let target = alert.target
        return act(on: target, workload: "\(target.namespace?.text ?? "")/\(target.kind)/\(target.name)", undo: nil)
    }

    func act(on target: TargetObject, workload: String, undo: UndoRecipe?) -> PlannedAct {
        let intention = Intention(
            trace: alert.trace, playbook: playbook, action: step.name, actuator: step.card.name, target: target,
            parameters: step.parameters, undo: undo, lastsSeconds: undo == nil ? nil : step.flow.lastsSeconds)
        return PlannedAct(intention, kind: step.card.kind, workload: workload)
    }
}

/// What an action found out before it acts: all that the guardrails judge and the journal writes.
public struct Preparation: Sendable {
    /// What will be done.
    public var act: PlannedAct
    /// The pod that carries the target's name now; nil when there is none.
    public var pod: Pod?
    /// Ready and desired replicas of the pod's owner; nil when they were not asked for or nothing counts them.
    public var replicas: Workload.Replicas?
    /// How many of them must be ready, as the playbook writes it.
    public var minimumHealthy: String?
    /// The labels of a target that is no pod, such as a node, for the guardrails.
    public var targetLabels: [String: String] = [:]
    /// How many pods the act reaches by a selector or through a node, counted before it; nil when it is about one pod only.
    public var affectedPods: Int?
    /// True when the act works through the pod's own network.
    public var needsPodNetwork = false
    /// Why the act is not wanted or not allowed, found by the action itself; the guardrails speak first.
    public var objection: Outcome?
    /// Why the act was asked for, where the act itself needs the alert or the playbook's output.
    public var request: ActionRequest?
    /// What else the act is about to change, beside the target.
    public var others: [TargetObject] = []
    /// What a person should know of the act's limits; the proof repeats it.
    public var remarks: [String] = []

    init(_ act: PlannedAct, pod: Pod?) {
        self.act = act
        self.pod = pod
    }
}

/// The actions that exist.
public struct ActionCatalogue: Sendable {
    /// All of them, by name.
    public let actions: [any Action]
    private let clients: ActionClients

    /// The actions of this version; without clients their cards can be read, and those that need one fail.
    public init(_ clients: ActionClients = .none) {
        self.clients = clients
        actions =
            [IsolatePod(), TerminatePod(), ReadLogs(clients.outputs), InvokeFunction(clients.cloud)]
            + [Label.action, Annotate.action, Detach.action]
            + [Cordon.action, Uncordon.action, Taint.action, DrainNode(waits: clients.waits)]
            + [BlockEgress(.calico), BlockEgress(.cilium), DeleteObject()]
            + [Scale.action, PauseRollout.action, RollBack.action, SuspendAccount(), RevokeTokens()]
            + [RunCommand(), RunScript(), DownloadFile(clients.outputs), GatherEvidence(clients.outputs)]
    }

    /// The same actions on clients that change nothing.
    public var rehearsing: ActionCatalogue { ActionCatalogue(clients.rehearsing) }

    /// Their cards: what `PlaybookLoader` checks against.
    public var cards: [ActionCard] { actions.map(\.card) }

    /// The action of that name.
    public subscript(_ name: ActuatorName) -> (any Action)? { actions.first { $0.card.name == name } }
}
