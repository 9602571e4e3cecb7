// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// `kubernetes:taint`: puts a taint on the node of the pod, which keeps away, or drives out, pods that do not tolerate it.
enum Taint {
    static let action = FieldAction(
        card: ActionCard(
            name: "kubernetes:taint", summary: "Puts a taint on the pod's node; NoExecute ends the pods that do not tolerate it",
            kind: .reversible, defaultContinue: true,
            parameters: [
                ActionParameter("key", .text, "The taint's key; saker.dev/suspicious when left out"),
                ActionParameter("value", .text, "The taint's value; none when left out"),
                ActionParameter(
                    "effect", .choice(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
                    "What becomes of pods that do not tolerate it; NoSchedule when left out"),
            ],
            permissions: Cordon.permissions, requiredFields: ["k8s.ns.name", "k8s.pod.name"]),
        lens: FieldLens(
            noun: "taint", name: "taints", read: read, write: write,
            words: { key, value in
                guard value != .null else { return "taint \(key) is removed" }
                return "taint \(key)\(value["value"]?.string.map { " with the value \($0)" } ?? "") is set"
            }, isWhole: true),
        find: find)

    @Sendable private static func find(
        _ request: ActionRequest, _ pod: Pod, _ kube: any KubeReader
    ) async throws(KubeError) -> FieldAction.Found {
        let parameters = request.step.parameters
        let effect = parameters["effect"]?.string ?? "NoSchedule"
        var taint: [String: JSONValue] = ["key": parameters["key"] ?? "saker.dev/suspicious", "effect": .string(effect)]
        taint["value"] = parameters["value"]
        let wanted = [name(of: .object(taint)): JSONValue.object(taint)]
        return try await TargetNode.found(of: pod, kube, wanted: wanted, endsProcesses: effect == "NoExecute")
    }

    /// By `key:effect`, which tells taints of one node apart, without the time that a controller adds.
    @Sendable private static func read(_ node: JSONValue) -> [String: JSONValue] {
        let taints = (node["spec"]?["taints"]?.array ?? []).map { taint in
            (name(of: taint), JSONValue.object((taint.object ?? [:]).filter { $0.key != "timeAdded" && $0.value != "" }))
        }
        return Dictionary(taints) { first, _ in first }
    }

    @Sendable private static func write(_ change: FieldChange, _ node: JSONValue) -> JSONValue {
        let kept = (node["spec"]?["taints"]?.array ?? []).filter { change.after[name(of: $0)] == nil }
        let set = change.after.sorted { $0.key < $1.key }.map(\.value).filter { $0 != .null }
        return ["spec": ["taints": .array(kept + set)]]
    }

    private static func name(of taint: JSONValue) -> String {
        (taint["key"]?.string ?? "") + ":" + (taint["effect"]?.string ?? "")
    }
}
