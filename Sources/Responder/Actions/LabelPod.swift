// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import KubeClient
public import struct KubeClient.Pod
public import ResponseLanguage

/// `kubernetes:label`: sets, changes and removes labels of the pod.
public struct LabelPod: Action {
    /// The action has no state.
    public init() {}

    public var card: ActionCard {
        ActionCard(
            name: "kubernetes:label", summary: "Sets, changes or removes labels of the pod", kind: .reversible, defaultContinue: true,
            parameters: [
                ActionParameter("labels", .textMap, isRequired: true, "Labels to set; an empty value removes the label"),
                ActionParameter("level", .choice(["pod"]), "What is labelled"),
            ],
            permissions: [.init("pods", ["get", "list", "patch"])], requiredFields: ["k8s.ns.name", "k8s.pod.name"])
    }

    public func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        guard let pod = try await TargetPod.find(request.alert, kube) else { return Preparation(request.unread, pod: nil) }
        let change = LabelChange(wanted: request.step.parameters["labels"]?.object ?? [:], on: pod.metadata.labels)
        let sentence = "on \(pod.target.sentence): " + change.reversed.sentence
        let recipe = UndoRecipe(sentence, facts: ["after": change.after, "before": change.before])
        var preparation = Preparation(request.act(on: pod.target, workload: pod.workload, undo: recipe), pod: pod)
        if change.isEmpty { preparation.objection = .skipped(why: "\(pod.target.sentence) has these labels already") }
        return preparation
    }

    public func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        let intention = preparation.act.intention
        guard let change = LabelChange(intention.undo), let target = intention.target.pod else { return .skipped(why: "no pod") }
        let stored = try Pod(json: await kube.patch(target, .labels(change.patch, uid: intention.target.uid), WriteOptions()))
        return change.outcome(on: stored)
    }

    public func readBack(_ intention: Intention, _ kube: any KubeReader) async throws(KubeError) -> Outcome? {
        guard let change = LabelChange(intention.undo), let pod = try await TargetPod.same(intention.target, kube) else { return nil }
        // The change was made because the labels were different, so only it, or somebody who wanted the same, can have made them so.
        guard case .done(var proof) = change.outcome(on: pod) else { return nil }
        proof.sentence += " (read back after a restart)"
        return .done(proof)
    }

    public func undo(_ intention: Intention, _ kube: any Kube) async throws(KubeError) -> Outcome {
        guard let change = LabelChange(intention.undo), let target = intention.target.pod else {
            return .failed(Failure(code: "recipe", message: "the undo recipe is not one of \(intention.actuator)"))
        }
        guard let pod = try await TargetPod.same(intention.target, kube) else {
            return .skipped(why: "\(intention.target.sentence) of UID \(intention.target.uid ?? "?") is gone, and its labels with it")
        }
        if let foreign = change.changedSince(in: pod.metadata.labels) {
            return .refused(Refusal(.ownership, "\(intention.target.sentence): \(foreign); set it by hand if it should go"))
        }
        let back = change.reversed
        let stored = try Pod(json: await kube.patch(target, .labels(back.patch, of: pod), WriteOptions()))
        return back.outcome(on: stored)
    }
}

/// Some labels as they were and as they shall be; null where there is none.
struct LabelChange {
    let before: JSONValue
    let after: JSONValue

    init(wanted: [String: JSONValue], on labels: [String: String]) {
        let after = wanted.mapValues { $0 == .string("") ? .null : $0 }
        let changed = after.filter { labels[$0.key].map(JSONValue.string) ?? .null != $0.value }
        self.after = .object(changed)
        before = .object(Dictionary(uniqueKeysWithValues: changed.keys.map { ($0, labels[$0].map(JSONValue.string) ?? .null) }))
    }

    init?(_ recipe: UndoRecipe?) {
        guard let before = recipe?.facts["before"], let after = recipe?.facts["after"] else { return nil }
        self.init(before: before, after: after)
    }

    private init(before: JSONValue, after: JSONValue) {
        self.before = before
        self.after = after
    }

    var reversed: LabelChange { LabelChange(before: after, after: before) }
    var isEmpty: Bool { after.object?.isEmpty ?? true }
    var patch: [String: String?] { (after.object ?? [:]).mapValues(\.string) }

    /// What the change makes of the pod, such as `suspicious=true is set, old is removed`.
    var sentence: String {
        (after.object ?? [:]).sorted { $0.key < $1.key }
            .map { key, value in value.string.map { "label \(key)=\($0) is set" } ?? "label \(key) is removed" }.joined(separator: ", ")
    }

    /// The first label that is neither as the act left it nor as it was before; nil when there is none.
    func changedSince(in labels: [String: String]) -> String? {
        for (key, value) in (after.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            let now = labels[key]
            guard now != value.string, now != before[key]?.string else { continue }
            return "label \(key) was \(value.string.map { "set to '\($0)'" } ?? "removed") and is "
                + (now.map { "'\($0)'" } ?? "absent") + " now, so somebody else changed it"
        }
        return nil
    }

    func outcome(on pod: Pod) -> Outcome {
        for (key, value) in after.object ?? [:] where pod.metadata.labels[key] != value.string {
            return .failed(
                Failure(
                    code: "notApplied",
                    message: "the server took the change and \(pod.target.sentence) still has \(key)="
                        + "\(pod.metadata.labels[key] ?? "(none)"); an admission webhook may undo it"))
        }
        let version = JSONValue.string(pod.metadata.resourceVersion)
        return .done(
            Proof(
                "\(pod.target.sentence): \(sentence)",
                readBack: ["uid": .string(pod.metadata.uid), "resourceVersion": version, "labels": after]))
    }
}

extension TargetObject {
    var pod: ObjectReference? { kind == "Pod" ? ObjectReference(.pods, name, in: namespace?.text) : nil }
}

extension Patch {
    /// Sets labels, only while the pod is as it was read.
    static func labels(_ labels: [String: String?], of pod: Pod) -> Patch {
        let values = JSONValue.object(labels.mapValues { $0.map(JSONValue.string) ?? .null })
        return .merge([
            "metadata": [
                "labels": values, "uid": .string(pod.metadata.uid), "resourceVersion": .string(pod.metadata.resourceVersion),
            ]
        ])
    }
}
