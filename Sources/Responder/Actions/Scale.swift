// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// `kubernetes:scale`: sets how many replicas the pod's workload has, to none unless told otherwise.
enum Scale {
    static let action = FieldAction(
        card: ActionCard(
            name: "kubernetes:scale", summary: "Sets the replicas of the pod's Deployment, StatefulSet or ReplicaSet, to none by default",
            kind: .destructive, defaultContinue: true,
            parameters: [ActionParameter("replicas", .wholeNumber(least: 0), "How many replicas it shall have; 0 when left out")],
            permissions: [
                .init("pods", ["get", "list"]), .init(group: "apps", "replicasets", ["get"]),
                .init(group: "apps", "deployments", ["get"]), .init(group: "apps", "statefulsets", ["get"]),
            ] + ["deployments", "statefulsets", "replicasets"].map { .init(group: "apps", $0 + "/scale", ["get", "patch"]) },
            requiredFields: ["k8s.ns.name", "k8s.pod.name"]),
        lens: FieldLens(
            noun: "field", name: "settings",
            read: { ["replicas": .int($0["spec"]?["replicas"]?.int ?? 0)] },
            write: { change, _ in ["spec": .object(change.after)] },
            words: { _, value in value == 1 ? "is scaled to 1 replica" : "is scaled to \(value.int ?? 0) replicas" },
            part: "scale", isWhole: true),
        find: find)

    @Sendable private static func find(
        _ request: ActionRequest, _ pod: Pod, _ kube: any KubeReader
    ) async throws(KubeError) -> FieldAction.Found {
        guard let found = try await TargetWorkload.find(of: pod, among: [.replicaSet, .statefulSet], kube) else {
            return .nothing(
                .refused(Refusal(.owner, "\(pod.target.sentence) belongs to nothing that has replicas; terminate it, or cordon its node")))
        }
        let target = TargetObject(found.object, found.kind.rawValue)
        let scale = try await kube.get(
            ObjectReference(found.kind.resource, target.name, in: target.namespace?.text, subresource: "scale"))
        let wanted = request.step.parameters["replicas"] ?? 0
        return .fields(
            .init(
                target: target, object: scale, labelled: found.object, wanted: ["replicas": wanted],
                workload: TargetWorkload.workload(target), affectedPods: (scale["status"]?["replicas"]?.int).map { Int(clamping: $0) }))
    }
}
