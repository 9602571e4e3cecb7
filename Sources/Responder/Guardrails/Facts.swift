// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What is known at the moment of judgement, read once: the guardrails look at nothing else.
public struct Facts: Sendable, Hashable {
    /// When the facts were read.
    public var now: Timestamp
    /// When the event happened.
    public var eventTime: Timestamp
    /// Whom the event was about, as known when it happened.
    public var subject: Subject
    /// Who sent the alert over the network; nil for an alert of this process.
    public var sender: Sender?
    /// What is to be done.
    public var act: PlannedAct
    /// The pod that carries the target's name now; nil when there is none.
    public var found: LivePod?
    /// True when the act works through the pod's own network, which a pod on the host's network does not have.
    public var needsPodNetwork: Bool
    /// How many ready replicas the playbook asks for; nil for any number.
    public var minimumHealthy: MinimumHealthy?
    /// Acts of at least the last window and cooldown, without the one that is judged; `Journal.recentActs` gives them.
    public var recent: [PastAct]
    /// Why everything is stopped: a switch that somebody turned, or one that could not be read; nil when nothing is.
    public var stop: StopSign?
    /// Why the journal cannot be written; nil when it can.
    public var journalTrouble: String?
    /// True when the playbook itself says that it only rehearses.
    public var playbookRehearses: Bool
    /// The detection rule of the alert.
    public var rule: RuleName = ""
    /// The labels of a target that is no pod, such as a node.
    public var targetLabels: [String: String] = [:]
    /// How many pods the act reaches, as counted before it; nil when it is not told by a selector.
    public var affectedPods: Int?
    /// How the latest acts ended.
    public var ends: [PastEnd] = []
    /// For whom the step is meant; nil for everybody.
    public var offence: OffenceCondition?
    /// What the step itself asks of people; nil for nothing.
    public var approval: ApprovalRule?
    /// What people answered, where they were asked.
    public var consent: Consent?

    /// What came of asking people.
    public enum Consent: Sendable, Hashable {
        /// They agreed, the last of them then.
        case given(by: [String], at: Timestamp)
        /// Nobody answered in time, and the rule says that the act is done then.
        case waived(at: Timestamp)
    }

    /// Brings the facts together.
    public init(
        now: Timestamp, eventTime: Timestamp, subject: Subject, sender: Sender? = nil, act: PlannedAct, found: LivePod?,
        needsPodNetwork: Bool = false, minimumHealthy: MinimumHealthy? = nil, recent: [PastAct], stop: StopSign? = nil,
        journalTrouble: String? = nil, playbookRehearses: Bool = false
    ) {
        self.now = now
        self.eventTime = eventTime
        self.subject = subject
        self.sender = sender
        self.act = act
        self.found = found
        self.needsPodNetwork = needsPodNetwork
        self.minimumHealthy = minimumHealthy
        self.recent = recent
        self.stop = stop
        self.journalTrouble = journalTrouble
        self.playbookRehearses = playbookRehearses
    }
}

/// Why everything is stopped.
public struct StopSign: Sendable, Hashable {
    /// The guardrail that says so: `stopFile` or `stopSwitch`.
    public var guardrail: Refusal.Guardrail
    /// Which switch it is, and what a person can do.
    public var sentence: String

    /// The stop file of that path is there, with what somebody wrote into it.
    public static func file(_ path: String, reason: String = "") -> StopSign {
        StopSign(
            guardrail: .stopFile,
            sentence: "the stop file \(path) is there\(reason.isEmpty ? "" : " (\(reason))"); remove it to let Saker act again")
    }

    /// The key of a ConfigMap says so, or could not be read.
    public static func configMap(_ place: String, _ why: String) -> StopSign {
        StopSign(guardrail: .stopSwitch, sentence: "the ConfigMap \(place) \(why)")
    }
}

/// A pod as the API server shows it now.
public struct LivePod: Sendable, Hashable {
    /// `metadata.uid`.
    public var uid: PodUID
    /// `metadata.namespace`.
    public var namespace: NamespaceName
    /// `metadata.name`.
    public var name: PodName
    /// `spec.nodeName`; nil before it is bound to one.
    public var node: NodeName?
    /// The ids of all its containers, with or without the runtime's `containerd://`.
    public var containers: [ContainerID]
    /// `spec.hostNetwork`.
    public var usesHostNetwork: Bool
    /// `metadata.labels`.
    public var labels: [String: String]
    /// True for a pod that its kubelet starts from a file.
    public var isStatic: Bool
    /// Ready and desired replicas of the workload that owns it; nil when nothing that counts replicas does.
    public var replicas: Replicas?

    /// Ready against desired replicas.
    public struct Replicas: Sendable, Hashable {
        /// How many are ready.
        public var ready: Int
        /// How many are asked for.
        public var desired: Int

        /// States both counts.
        public init(ready: Int, desired: Int) {
            self.ready = ready
            self.desired = desired
        }
    }

    /// Describes a pod.
    public init(
        uid: PodUID, namespace: NamespaceName, name: PodName, node: NodeName? = nil, containers: [ContainerID],
        usesHostNetwork: Bool = false, labels: [String: String] = [:], isStatic: Bool = false, replicas: Replicas? = nil
    ) {
        self.uid = uid
        self.namespace = namespace
        self.name = name
        self.node = node
        self.containers = containers
        self.usesHostNetwork = usesHostNetwork
        self.labels = labels
        self.isStatic = isStatic
        self.replicas = replicas
    }
}
