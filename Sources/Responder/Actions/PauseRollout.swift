// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// `kubernetes:pause`: pauses the rollout of the pod's Deployment, so that no change of its template reaches pods.
enum PauseRollout {
    static let action = FieldAction(
        card: ActionCard(
            name: "kubernetes:pause", summary: "Pauses the rollout of the pod's Deployment; its undo resumes it", kind: .reversible,
            defaultContinue: true, parameters: [],
            permissions: [
                .init("pods", ["get", "list"]), .init(group: "apps", "replicasets", ["get"]),
                .init(group: "apps", "deployments", ["get", "patch"]),
            ], requiredFields: ["k8s.ns.name", "k8s.pod.name"]),
        lens: .flag("paused", on: "its rollout is paused", off: "its rollout goes on"),
        find: { (_, pod, kube) async throws(KubeError) in
            switch try await TargetWorkload.deployment(of: pod, kube) {
            case .failure(let objection): return .nothing(objection.outcome)
            case .success(let object):
                let target = TargetObject(object, "Deployment")
                return .fields(
                    .init(target: target, object: object, wanted: ["paused": true], workload: TargetWorkload.workload(target)))
            }
        })
}
