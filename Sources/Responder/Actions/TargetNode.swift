// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod

/// Finds the node on which an alert's pod runs.
enum TargetNode {
    /// The node as JSON; nil while the pod is bound to none. Throws `notFound` when the node is gone.
    static func find(of pod: Pod, _ kube: any KubeReader) async throws(KubeError) -> JSONValue? {
        guard let name = pod.nodeName else { return nil }
        return try await kube.get(ObjectReference(.nodes, name, in: nil))
    }

    /// The node and the fields that it shall have. Budgets count against the node.
    static func found(
        of pod: Pod, _ kube: any KubeReader, wanted: [String: JSONValue], endsProcesses: Bool = false
    ) async throws(KubeError) -> FieldAction.Found {
        guard let node = try await find(of: pod, kube) else { return .nothing(unbound(pod)) }
        let target = TargetObject(node, "Node")
        return .fields(
            .init(target: target, object: node, wanted: wanted, workload: "/Node/\(target.name)", endsProcesses: endsProcesses))
    }

    /// The labels that a node, or any other object, carries.
    static func labels(of object: JSONValue) -> [String: String] {
        (object["metadata"]?["labels"]?.object ?? [:]).compactMapValues(\.string)
    }

    static func unbound(_ pod: Pod) -> Outcome {
        .skipped(why: "\(pod.target.sentence) is bound to no node")
    }
}
