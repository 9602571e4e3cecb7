// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// `kubernetes:detach`: takes the pod out of its ReplicaSet and of all Services by taking away the labels by which they select it. The
/// ReplicaSet starts a clean pod in its place, and the suspicious one stays, with all evidence in it.
enum Detach {
    private static let label = "saker.dev/detached-from"

    static let action = FieldAction(
        card: ActionCard(
            name: "kubernetes:detach",
            summary: "Takes the pod out of its ReplicaSet and Services by their labels; a clean replica takes over, the pod stays",
            kind: .reversible, defaultContinue: true, parameters: [],
            permissions: [
                .init("pods", ["get", "list", "patch"]), .init(group: "apps", "replicasets", ["get"]), .init("services", ["list"]),
                .init(group: "networking.k8s.io", "networkpolicies", ["list"]),
            ], requiredFields: ["k8s.ns.name", "k8s.pod.name"]),
        lens: .texts("labels", "label"), find: find, refusal: refusal)

    @Sendable private static func find(
        _ request: ActionRequest, _ pod: Pod, _ kube: any KubeReader
    ) async throws(KubeError) -> FieldAction.Found {
        let place = pod.target.sentence
        if let from = pod.metadata.labels[label] { return .nothing(.skipped(why: "\(place) is detached already, from \(from)")) }
        guard let owner = pod.metadata.controller, owner.kind == "ReplicaSet" else {
            let sentence = "\(place) belongs to no ReplicaSet, so nothing would take over; isolate or terminate it"
            return .nothing(.refused(Refusal(.owner, sentence)))
        }
        let namespace = pod.metadata.namespace
        let set = try await kube.get(ObjectReference(.replicaSets, owner.name, in: namespace))
        let selector = try LabelSelector(json: set["spec"]?["selector"] ?? [:])
        var keys = Set(selector.matchLabels.keys)
        var services: [String] = []
        for service in try await kube.list(.services, in: namespace, ListOptions()).items {
            let wanted = (service["spec"]?["selector"]?.object ?? [:]).compactMapValues(\.string)
            guard !wanted.isEmpty, wanted.allSatisfy({ pod.metadata.labels[$0.key] == $0.value }) else { continue }
            keys.formUnion(wanted.keys)
            services.append(service["metadata"]?["name"]?.string ?? "")
        }
        let left = pod.metadata.labels.filter { !keys.contains($0.key) }
        guard !selector.matches(left) else {
            return .nothing(
                .refused(Refusal(.owner, "the ReplicaSet \(owner.name) selects \(place) by more than labels that can be taken away")))
        }
        var wanted = Dictionary(uniqueKeysWithValues: keys.map { ($0, JSONValue.null) })
        wanted[label] = .string(owner.name.utf8.count > 63 ? owner.uid : owner.name)
        var remarks = ["the ReplicaSet \(owner.name) starts another pod in its place"]
        if !services.isEmpty { remarks.append("it gets no more requests of service \(services.sorted().joined(separator: ", "))") }
        remarks += try await freed(pod, left, kube)
        return .fields(.init(target: pod.target, object: ["metadata": ["labels": labels(of: pod)]], wanted: wanted, remarks: remarks))
    }

    /// What the pod gains where policies held it by the labels that go.
    private static func freed(_ pod: Pod, _ left: [String: String], _ kube: any KubeReader) async throws(KubeError) -> [String] {
        let namespace = pod.metadata.namespace ?? ""
        let lost = try await kube.list(NetworkPolicy.self, in: namespace).filter {
            $0.selects(labels: pod.metadata.labels, in: namespace) && !$0.selects(labels: left, in: namespace)
        }
        guard !lost.isEmpty else { return [] }
        let names = lost.map(\.metadata.name).sorted().joined(separator: ", ")
        return ["the network policy \(names) holds it no more, so isolate it as well (kubernetes:networkpolicy)"]
    }

    private static func labels(of pod: Pod) -> JSONValue { .object(pod.metadata.labels.mapValues(JSONValue.string)) }

    /// A ReplicaSet that has all its pods would end one of them when this one came back.
    @Sendable private static func refusal(
        _ intention: Intention, _ change: FieldChange, _ object: JSONValue, _ kube: any KubeReader
    ) async throws(KubeError) -> Refusal? {
        guard let name = change.after[label]?.string, let namespace = intention.target.namespace?.text,
            let set = try await kube.find(ObjectReference(.replicaSets, name, in: namespace))
        else { return nil }
        let selector = try LabelSelector(json: set["spec"]?["selector"] ?? [:])
        let uid = set.uid
        let pods = try await kube.list(Pod.self, in: namespace).filter { pod in
            pod.metadata.controller?.uid == uid && pod.metadata.deletionTimestamp == nil && selector.matches(pod.metadata.labels)
        }
        let wanted = Int(clamping: set["spec"]?["replicas"]?.int ?? 1)
        guard pods.count >= wanted else { return nil }
        return Refusal(
            .ownership,
            "the ReplicaSet \(name) has \(pods.count) of the \(wanted) pods that it wants, so it would end one if "
                + "\(intention.target.sentence) came back; scale it up first, or delete that pod")
    }
}
