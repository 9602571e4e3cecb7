// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import ResponseLanguage

/// `kubernetes:cordon`: lets no new pod be scheduled on the node of the pod.
enum Cordon {
    static let lens = FieldLens.flag(
        "unschedulable", on: "is cordoned: no new pod is scheduled on it", off: "is not cordoned: new pods may be scheduled on it")

    static let action = FieldAction(
        card: ActionCard(
            name: "kubernetes:cordon", summary: "Lets no new pod be scheduled on the pod's node; what runs there stays", kind: .reversible,
            defaultContinue: true, parameters: [], permissions: permissions, requiredFields: ["k8s.ns.name", "k8s.pod.name"]),
        lens: lens,
        find: { (_, pod, kube) async throws(KubeError) in try await TargetNode.found(of: pod, kube, wanted: ["unschedulable": true]) })

    static let permissions: [ActionCard.Permission] = [
        .init("pods", ["get", "list"]), .init("nodes", ["get", "patch"], isEverywhere: true),
    ]
}
