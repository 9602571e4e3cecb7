// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod

/// One pod's isolation as objects: a label with the pod's UID as value, and a policy that selects just that.
struct Quarantine {
    static let label = "saker.dev/quarantine"
    static let ownerLabel = "app.kubernetes.io/managed-by"
    static let owner = "saker"
    static let trace = "saker.dev/trace"

    let pod: Pod

    init(of pod: Pod) { self.pod = pod }

    var policyName: String { "saker-quarantine-" + pod.metadata.uid }

    /// True when the policy was made by us, for this pod.
    func owns(_ policy: NetworkPolicy) -> Bool {
        policy.metadata.labels[Self.ownerLabel] == Self.owner && policy.podSelector.matchLabels == [Self.label: pod.metadata.uid]
            && policy.podSelector.matchExpressions.isEmpty
    }

    /// Why the pod cannot, or need not, be isolated.
    func objection(_ policies: [NetworkPolicy], wanted parameters: [String: JSONValue]) -> Outcome? {
        let found = policies.first { $0.metadata.name == policyName }
        let mark = pod.metadata.labels[Self.label]
        if let mark, mark != pod.metadata.uid {
            return .refused(
                Refusal(
                    .ownership,
                    "\(pod.target.sentence) carries \(Self.label)=\(mark), which Saker did not set; remove it to isolate the pod"))
        }
        guard let found else { return nil }
        guard owns(found) else {
            return .refused(Refusal(.ownership, "the network policy \(policyName) is not Saker's and is not overwritten; rename it"))
        }
        guard found.json["spec"]?["egress"] ?? [] == egress(parameters) else {
            return .refused(
                Refusal(
                    .ownership, "the network policy \(policyName) isolates the pod with other allowances (trace "
                        + "\(found.metadata.annotations[Self.trace] ?? "unknown")); undo that act first"))
        }
        guard mark != nil else { return nil }
        return .skipped(why: "\(pod.target.sentence) is isolated already, by the network policy \(policyName)")
    }

    /// The other policies that will select the pod once it carries the label. Policies add up: each allows what it allows.
    func others(_ policies: [NetworkPolicy]) -> [NetworkPolicy] {
        var labels = pod.metadata.labels
        labels[Self.label] = pod.metadata.uid
        return policies.filter { $0.metadata.name != policyName && $0.selects(labels: labels, in: pod.metadata.namespace ?? "") }
    }

    func policy(for intention: Intention) -> JSONValue {
        let metadata = Self.metadata(policyName, of: pod, intention)
        let spec: JSONValue = [
            "podSelector": ["matchLabels": [Self.label: .string(pod.metadata.uid)]], "policyTypes": ["Ingress", "Egress"],
            "ingress": [], "egress": egress(intention.parameters),
        ]
        return ["apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec]
    }

    /// What each policy that is made for one pod says of itself. The garbage collector removes it with the pod.
    static func metadata(_ name: String, of pod: Pod, _ intention: Intention) -> JSONValue {
        let annotations: JSONValue = [
            trace: .string(intention.trace.text), "saker.dev/playbook": .string(intention.playbook.text),
            "saker.dev/pod": .string(pod.metadata.name),
        ]
        let owner: JSONValue = [
            "apiVersion": "v1", "kind": "Pod", "name": .string(pod.metadata.name), "uid": .string(pod.metadata.uid),
        ]
        return [
            "name": .string(name), "namespace": .string(pod.metadata.namespace ?? ""),
            "labels": [ownerLabel: .string(Self.owner)], "annotations": annotations, "ownerReferences": [owner],
        ]
    }

    func outcome(_ labelled: Pod, _ policy: NetworkPolicy, remarks: [String]) -> Outcome {
        guard labelled.metadata.labels[Self.label] == pod.metadata.uid else {
            return .failed(
                Failure(
                    code: "notApplied",
                    message: "the server took the label \(Self.label) and \(pod.target.sentence) does not carry it; "
                        + "an admission webhook may remove it. The pod is not isolated."))
        }
        let rest = remarks.isEmpty ? "" : ". Not all is cut, because policies add up: " + remarks.joined(separator: "; ")
        return .done(
            Proof(
                "\(pod.target.sentence) is isolated by the network policy \(policyName), stored and not yet seen enforced\(rest)",
                readBack: [
                    "uid": .string(pod.metadata.uid), "policy": .string(policyName), "policyUID": .string(policy.metadata.uid),
                    "resourceVersion": .string(labelled.metadata.resourceVersion), "enforcement": "stored",
                    "stillAllowed": .array(remarks.map(JSONValue.string)),
                ]))
    }

    private func egress(_ parameters: [String: JSONValue]) -> JSONValue {
        let networks = (parameters["allow_cidr"]?.array ?? []).map { JSONValue.object(["ipBlock": ["cidr": $0]]) }
        let namespaces = (parameters["allow_namespaces"]?.array ?? []).map { name in
            JSONValue.object(["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": name]]])
        }
        let peers = networks + namespaces
        return peers.isEmpty ? [] : [["to": .array(peers)]]
    }
}

/// Judges whether an isolation may be taken back: only what the act itself set, as it set it.
enum Release {
    static func objection(_ pod: Pod?, _ policy: NetworkPolicy?, _ intention: Intention) -> Refusal? {
        let place = intention.target.sentence
        if let mark = pod?.metadata.labels[Quarantine.label], mark != intention.target.uid {
            return Refusal(.ownership, "\(place) carries \(Quarantine.label)=\(mark), which this act did not set; remove it by hand")
        }
        guard let policy else { return nil }
        guard policy.metadata.labels[Quarantine.ownerLabel] == Quarantine.owner else {
            return Refusal(.ownership, "the network policy \(policy.metadata.name) is no more marked as Saker's; delete it by hand")
        }
        let trace = policy.metadata.annotations[Quarantine.trace] ?? "none"
        guard trace == intention.trace.text else {
            return Refusal(.ownership, "the network policy \(policy.metadata.name) is of trace \(trace) now; undo that act instead")
        }
        return nil
    }
}
