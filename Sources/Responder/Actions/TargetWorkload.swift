// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod

/// Finds the workload that keeps an alert's pod running: its Deployment, or what manages it directly.
enum TargetWorkload {
    /// What manages the pod, at the top: the Deployment of its ReplicaSet, where that has one. Nil when nothing of these kinds does; of
    /// others nothing is read, so that no right is needed for them.
    static func find(
        of pod: Pod, among kinds: Set<Workload.Kind>, _ kube: any KubeReader
    ) async throws(KubeError) -> (kind: Workload.Kind, object: JSONValue)? {
        guard let owner = pod.metadata.controller, let kind = Workload.Kind(rawValue: owner.kind), kinds.contains(kind) else { return nil }
        let namespace = pod.metadata.namespace
        guard kind == .replicaSet else {
            return (kind, try await kube.get(ObjectReference(kind.resource, owner.name, in: namespace)))
        }
        let set = try await kube.get(ObjectReference(.replicaSets, owner.name, in: namespace))
        guard let top = try ObjectMeta(of: set).controller, top.kind == Workload.Kind.deployment.rawValue else { return (kind, set) }
        return (.deployment, try await kube.get(ObjectReference(.deployments, top.name, in: namespace)))
    }

    /// The pod's Deployment, or why it has none.
    static func deployment(of pod: Pod, _ kube: any KubeReader) async throws(KubeError) -> Result<JSONValue, Objection> {
        guard let found = try await find(of: pod, among: [.replicaSet], kube), found.kind == .deployment else {
            return .failure(Objection("\(pod.target.sentence) belongs to no Deployment, so there is no rollout"))
        }
        return .success(found.object)
    }

    /// Why an action finds nothing to act on.
    struct Objection: Error {
        let outcome: Outcome
        init(_ sentence: String) { outcome = .refused(Refusal(.owner, sentence)) }
    }

    /// What budgets count against.
    static func workload(_ target: TargetObject) -> String { "\(target.namespace?.text ?? "")/\(target.kind)/\(target.name)" }
}
