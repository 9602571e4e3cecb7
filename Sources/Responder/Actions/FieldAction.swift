// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// An action that changes some fields of one object that an alert's pod leads to. What they were before is its undo recipe.
struct FieldAction: Action {
    /// What an alert's pod leads to.
    enum Found {
        /// An object, and the fields that it shall have.
        case fields(Fields)
        /// Nothing that can or need be changed, for the reason given.
        case nothing(Outcome)
    }

    struct Fields {
        var target: TargetObject
        var object: JSONValue
        /// What carries the labels; nil for the object, of which a part has none.
        var labelled: JSONValue?
        var wanted: [String: JSONValue]
        /// Whom budgets count against; nil for the pod's own manager.
        var workload: String?
        /// How many pods it reaches; nil for the one.
        var affectedPods: Int?
        /// True when the change ends processes.
        var endsProcesses = false
        var remarks: [String] = []
    }

    let card: ActionCard
    let lens: FieldLens
    let find: @Sendable (ActionRequest, Pod, any KubeReader) async throws(KubeError) -> Found
    /// Why an act must not be taken back although the fields are as it left them.
    var refusal: @Sendable (Intention, FieldChange, JSONValue, any KubeReader) async throws(KubeError) -> Refusal? = {
        (_, _, _, _) async throws(KubeError) in nil
    }

    func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        guard let pod = try await TargetPod.find(request.alert, kube) else { return Preparation(request.unread, pod: nil) }
        let fields: Fields
        switch try await find(request, pod, kube) {
        case .nothing(let why):
            var preparation = Preparation(request.act(on: pod.target, workload: pod.workload, undo: nil), pod: pod)
            preparation.objection = why
            return preparation
        case .fields(let found): fields = found
        }
        let change = FieldChange(wanted: fields.wanted, now: lens.read(fields.object))
        let back = "on \(fields.target.sentence): " + lens.sentence(change.reversed)
        let recipe = change.isEmpty ? nil : UndoRecipe(back, facts: change.facts)
        var act = request.act(on: fields.target, workload: fields.workload ?? pod.workload, undo: recipe)
        if fields.endsProcesses { act.kind = .destructive }
        var preparation = Preparation(act, pod: pod)
        preparation.targetLabels = TargetNode.labels(of: fields.labelled ?? fields.object)
        preparation.affectedPods = fields.affectedPods
        preparation.remarks = fields.remarks
        preparation.objection = request.strangerToCluster(fields.target)
        if preparation.objection == nil, change.isEmpty {
            preparation.objection = .skipped(why: "\(fields.target.sentence) has these \(lens.name) already")
        }
        return preparation
    }

    func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        let intention = preparation.act.intention
        guard let change = FieldChange(intention.undo), let object = reference(intention.target) else {
            return .skipped(why: "there is no object to change")
        }
        let outcome: Outcome
        if lens.isWhole {
            outcome = try await write(change, on: object, of: intention, kube) { (now) throws(KubeError) in
                guard !change.isUndone(in: lens.read(now)) else { return nil }
                let sentence = "\(intention.target.sentence) was changed by somebody else just before the act, and is left alone"
                return .refused(Refusal(.ownership, sentence))
            }
        } else {
            let body = patch(change, .null, uid: intention.target.uid, version: nil)
            outcome = self.outcome(change, on: try await kube.patch(object, .merge(body), WriteOptions()), intention.target)
        }
        guard case .done(var proof) = outcome, !preparation.remarks.isEmpty else { return outcome }
        proof.sentence += "; " + preparation.remarks.joined(separator: "; ")
        return .done(proof)
    }

    func readBack(_ intention: Intention, _ kube: any KubeReader) async throws(KubeError) -> Outcome? {
        guard let change = FieldChange(intention.undo), let object = try await same(intention.target, kube) else { return nil }
        // The change was made because the fields were different, so only it, or somebody who wanted the same, can have made them so.
        guard case .done(var proof) = outcome(change, on: object, intention.target) else { return nil }
        proof.sentence += " (read back after a restart)"
        return .done(proof)
    }

    func undo(_ intention: Intention, _ kube: any Kube) async throws(KubeError) -> Outcome {
        guard let change = FieldChange(intention.undo), let object = reference(intention.target) else {
            return .failed(Failure(code: "recipe", message: "the undo recipe is not one of \(intention.actuator)"))
        }
        guard let found = try await same(intention.target, kube) else {
            let life = intention.target.uid.map { " of UID \($0)" } ?? ""
            return .skipped(why: "\(intention.target.sentence)\(life) is gone, and its \(lens.name) with it")
        }
        if let refusal = try await refusal(intention, change, found, kube) { return .refused(refusal) }
        return try await write(change.reversed, on: object, of: intention, kube) { (now) throws(KubeError) in
            guard let foreign = change.changedSince(in: lens.read(now), noun: lens.noun) else { return nil }
            return .refused(Refusal(.ownership, "\(intention.target.sentence): \(foreign); set it by hand if it should go"))
        }
    }

    /// Writes on the very version that was read and looked at, and once more or twice when somebody else was faster.
    private func write(
        _ change: FieldChange, on object: ObjectReference, of intention: Intention, _ kube: any Kube,
        unless objection: (JSONValue) throws(KubeError) -> Outcome?
    ) async throws(KubeError) -> Outcome {
        var tries = 0
        while true {
            let now = try await kube.get(object)
            guard intention.target.uid == nil || now.uid == intention.target.uid else {
                return .refused(Refusal(.identity, "\(intention.target.sentence) is another one now, and is left alone"))
            }
            if let objection = try objection(now) { return objection }
            do throws(KubeError) {
                let body = patch(change, now, uid: now.uid, version: now["metadata"]?["resourceVersion"]?.string)
                return outcome(change, on: try await kube.patch(object, .merge(body), WriteOptions()), intention.target)
            } catch {
                tries += 1
                guard error.code == .conflict, tries < 3 else { throw error }
            }
        }
    }

    private func patch(_ change: FieldChange, _ object: JSONValue, uid: String?, version: String?) -> JSONValue {
        var body = lens.write(change, object).object ?? [:]
        var metadata = body["metadata"]?.object ?? [:]
        metadata["uid"] = uid.map(JSONValue.string)
        metadata["resourceVersion"] = version.map(JSONValue.string)
        body["metadata"] = .object(metadata)
        return .object(body)
    }

    private func outcome(_ change: FieldChange, on object: JSONValue, _ target: TargetObject) -> Outcome {
        let now = lens.read(object)
        for (key, value) in change.after.sorted(by: { $0.key < $1.key }) where now[key] ?? .null != value {
            let found = now[key].map(FieldChange.shown) ?? "(none)"
            let message = "the server took the change and \(target.sentence) still has \(key)=\(found); an admission webhook may undo it"
            return .failed(Failure(code: "notApplied", message: message))
        }
        return .done(
            Proof(
                "\(target.sentence): \(lens.sentence(change))",
                readBack: [
                    "uid": .string(object.uid ?? ""), "resourceVersion": object["metadata"]?["resourceVersion"] ?? "",
                    lens.name: .object(change.after),
                ]))
    }

    /// The object that an act was about, if it still lives.
    private func same(_ target: TargetObject, _ kube: any KubeReader) async throws(KubeError) -> JSONValue? {
        guard let reference = reference(target), let object = try await kube.find(reference) else { return nil }
        return target.uid == nil || object.uid == target.uid ? object : nil
    }

    private func reference(_ target: TargetObject) -> ObjectReference? {
        target.reference.map { ObjectReference($0.resource, $0.name, in: $0.namespace, subresource: lens.part) }
    }
}

extension ActionRequest {
    /// Why a sender who may speak about some namespaces only cannot ask for a change of what belongs to the whole cluster.
    func strangerToCluster(_ target: TargetObject) -> Outcome? {
        guard target.home == nil, let sender = alert.sender, sender.namespaces != nil else { return nil }
        let sentence = "sender \(sender.name) may speak about some namespaces only, and \(target.sentence) belongs to the whole cluster"
        return .refused(Refusal(.sender, sentence))
    }
}

extension KubeReader {
    /// An object as JSON; nil when there is none.
    func find(_ object: ObjectReference) async throws(KubeError) -> JSONValue? {
        do throws(KubeError) {
            return try await get(object)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}

extension JSONValue {
    /// The UID of an object.
    var uid: String? { self["metadata"]?["uid"]?.string }
}

extension TargetObject {
    /// Its address, for Kubernetes' own kinds.
    var reference: ObjectReference? {
        KubeResource.builtIn.first { $0.kind == kind }.map { ObjectReference($0, name, in: namespace?.text) }
    }

    var pod: ObjectReference? { kind == "Pod" ? reference : nil }

    /// An object as the target of an act, with the UID that the act is bound to.
    init(_ object: JSONValue, _ kind: String) {
        self.init(
            kind: kind, namespace: object["metadata"]?["namespace"]?.string.map { NamespaceName($0) },
            name: object["metadata"]?["name"]?.string ?? "", uid: object.uid)
    }
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
