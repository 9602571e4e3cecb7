// SPDX-License-Identifier: Apache-2.0

/// A rule that matched an event: the one value that the detector hands to the responder.
///
/// Its JSON form is Falco's (`hostname`, `output`, `output_fields`, `priority`, `rule`, `source`, `tags`, `time`), with
/// `trace_id`, `subject` and, where they are known, `node` and `sender` beside it.
public struct Alert: Sendable, Hashable, Codable {
    /// Given when the alert is made; every later record carries it.
    public var trace: TraceID
    /// When the syscall happened.
    public var time: Timestamp
    /// The rule that matched.
    public var rule: RuleName
    /// The rule's priority.
    public var priority: Priority
    /// Where the event came from: `syscall` for the probe.
    public var source: String
    /// The rule's tags.
    public var tags: [String]
    /// The rule's output, rendered.
    public var output: String
    /// The fields that the output names, by their name with argument, such as `proc.aname[2]`.
    public var fields: [String: JSONValue]
    /// The host that saw it.
    public var hostname: String
    /// The node that saw it, by its name in the cluster; nil when the detector did not say.
    public var node: NodeName?
    /// Whom it is about, as known when the event happened.
    public var subject: Subject
    /// Who sent it over the network, as the intake recognised them; nil for an alert of this process.
    public var sender: Sender?

    /// Brings all parts together.
    public init(
        trace: TraceID, time: Timestamp, rule: RuleName, priority: Priority, source: String, tags: [String], output: String,
        fields: [String: JSONValue], hostname: String, node: NodeName? = nil, subject: Subject, sender: Sender? = nil
    ) {
        self.trace = trace
        self.time = time
        self.rule = rule
        self.priority = priority
        self.source = source
        self.tags = tags
        self.output = output
        self.fields = fields
        self.hostname = hostname
        self.node = node
        self.subject = subject
        self.sender = sender
    }

    private enum CodingKeys: String, CodingKey {
        case trace = "trace_id"
        case time, rule, priority, source, tags, output
        case fields = "output_fields"
        case hostname, node, subject, sender
    }
}

/// Whom an alert is about, as known at the time of the event: an action's target is this and never a later namesake.
public struct Subject: Sendable, Hashable, Codable {
    /// Host process id; 0 when the source has none.
    public var pid: Int32
    /// The container that the cgroup path names; nil on the host.
    public var container: ContainerID?
    /// The pod UID that the cgroup path or the API named at event time.
    public var podUID: PodUID?
    /// The pod's name, if it was known.
    public var pod: PodName?
    /// The pod's namespace, if it was known.
    public var namespace: NamespaceName?

    /// Brings the parts together.
    public init(
        pid: Int32 = 0, container: ContainerID? = nil, podUID: PodUID? = nil, pod: PodName? = nil, namespace: NamespaceName? = nil
    ) {
        self.pid = pid
        self.container = container
        self.podUID = podUID
        self.pod = pod
        self.namespace = namespace
    }
}
