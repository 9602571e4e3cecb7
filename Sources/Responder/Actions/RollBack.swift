// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// `kubernetes:rollback`: gives the pod's Deployment the template of an earlier revision, as `kubectl rollout undo` does.
enum RollBack {
    private static let revision = "deployment.kubernetes.io/revision"
    private static let hashLabel = "pod-template-hash"

    static let action = FieldAction(
        card: ActionCard(
            name: "kubernetes:rollback", summary: "Rolls the pod's Deployment back to the template of its revision before",
            kind: .destructive, defaultContinue: true,
            parameters: [
                ActionParameter("to_revision", .wholeNumber(least: 0), "Which revision; the one before when left out or 0")
            ],
            permissions: [
                .init("pods", ["get", "list"]), .init(group: "apps", "replicasets", ["get", "list"]),
                .init(group: "apps", "deployments", ["get", "patch"]),
            ], requiredFields: ["k8s.ns.name", "k8s.pod.name"]),
        lens: FieldLens(
            noun: "field", name: "settings",
            read: { object in object["spec"]?["template"].map { ["template": plain($0)] } ?? [:] },
            write: { change, object in
                let now = (object["spec"]?["template"] ?? [:]).withoutNulls
                return ["spec": ["template": now.mergePatch(to: change.after["template"] ?? [:])]]
            },
            words: { _, template in
                let images = (template["spec"]?["containers"]?.array ?? []).compactMap { $0["image"]?.string }
                return "its pod template is the one with \(images.count == 1 ? "image" : "images") \(images.joined(separator: ", "))"
            }, isWhole: true),
        find: find)

    @Sendable private static func find(
        _ request: ActionRequest, _ pod: Pod, _ kube: any KubeReader
    ) async throws(KubeError) -> FieldAction.Found {
        switch try await TargetWorkload.deployment(of: pod, kube) {
        case .failure(let objection): return .nothing(objection.outcome)
        case .success(let deployment): return try await find(request, deployment, kube)
        }
    }

    private static func find(
        _ request: ActionRequest, _ deployment: JSONValue, _ kube: any KubeReader
    ) async throws(KubeError) -> FieldAction.Found {
        let target = TargetObject(deployment, "Deployment")
        guard deployment["spec"]?["paused"]?.bool != true else {
            return .nothing(.refused(Refusal(.owner, "the rollout of \(target.sentence) is paused; resume it to roll it back")))
        }
        let sets = try await kube.list(.replicaSets, in: target.namespace?.text, ListOptions()).items
        var templates: [Int: JSONValue] = [:]
        for set in sets {
            let metadata = try ObjectMeta(of: set)
            guard metadata.controller?.uid == target.uid, let number = metadata.annotations[revision].flatMap({ Int($0) }) else { continue }
            templates[number] = set["spec"]?["template"]
        }
        let known = templates.keys.sorted()
        let asked = request.step.parameters["to_revision"]?.int.map { Int(clamping: $0) } ?? 0
        guard let wanted = asked > 0 ? asked : known.dropLast().last, let template = templates[wanted] else {
            let list = known.isEmpty ? "none" : known.map(String.init).joined(separator: ", ")
            let which = asked > 0 ? "revision \(asked)" : "revision before"
            return .nothing(.refused(Refusal(.owner, "\(target.sentence) has no \(which) to roll back to; its revisions: \(list)")))
        }
        return .fields(
            .init(
                target: target, object: deployment, wanted: ["template": plain(template)], workload: TargetWorkload.workload(target)))
    }

    // The label tells a ReplicaSet's pods from those of its siblings; the controller sets it.
    @Sendable private static func plain(_ template: JSONValue) -> JSONValue {
        var plain = template.withoutNulls.object ?? [:]
        var metadata = plain["metadata"]?.object ?? [:]
        metadata["labels"] = metadata["labels"]?.object.map { .object($0.filter { $0.key != hashLabel }) }
        plain["metadata"] = .object(metadata)
        return .object(plain)
    }
}
