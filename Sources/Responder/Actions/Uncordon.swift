// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import ResponseLanguage

/// `kubernetes:uncordon`: lets new pods be scheduled on the node of the pod again.
enum Uncordon {
    static let action = FieldAction(
        card: ActionCard(
            name: "kubernetes:uncordon", summary: "Lets new pods be scheduled on the pod's node again", kind: .reversible,
            defaultContinue: true, parameters: [], permissions: Cordon.permissions, requiredFields: ["k8s.ns.name", "k8s.pod.name"]),
        lens: Cordon.lens,
        find: { (_, pod, kube) async throws(KubeError) in try await TargetNode.found(of: pod, kube, wanted: ["unschedulable": false]) })
}
