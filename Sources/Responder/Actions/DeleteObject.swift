// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// `kubernetes:delete`: deletes the object that an audit event names (`ka.target.*`), and only in the life that was read just before.
struct DeleteObject: Action {
    // Those that Talon deletes; others must be named by the playbook.
    private static let usual: Set<String> = [
        "namespaces", "configmaps", "secrets", "deployments", "daemonsets", "statefulsets", "replicasets", "services", "serviceaccounts",
        "roles", "clusterroles",
    ]
    // Of these Saker deletes none: a node comes back by itself, and its pods do not.
    private static let known = KubeResource.builtIn.filter { $0 != .nodes }
    // What came to be this long after the event is another life of the name; both clocks may be wrong by a little.
    private static let skewSeconds: UInt64 = 60

    var card: ActionCard {
        ActionCard(
            name: "kubernetes:delete", summary: "Deletes the object that the audit event names, whatever it owns with it",
            kind: .destructive, defaultContinue: false,
            parameters: [
                ActionParameter(
                    "resources", .choices(Self.known.map(\.plural)),
                    "What kinds may be deleted, by their plurals; when left out " + Self.usual.sorted().joined(separator: ", "))
            ],
            permissions: Self.known.map { kind in
                .init(
                    group: kind.group, kind.plural, ["get", "delete"],
                    choice: .init("resources", kind.plural, isDefault: Self.usual.contains(kind.plural)), isEverywhere: !kind.isNamespaced)
            }, requiredFields: ["ka.target.resource", "ka.target.name"])
    }

    func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        let fields = request.alert.fields
        let plural = fields["ka.target.resource"]?.string ?? "", name = fields["ka.target.name"]?.string ?? ""
        let namespace = fields["ka.target.namespace"]?.string
        guard let kind = Self.known.first(where: { $0.plural == plural }), !name.isEmpty else {
            let isNamed = !plural.isEmpty && !name.isEmpty
            let what = isNamed ? "is about \(plural), which cannot be deleted" : "names no object (ka.target.resource and ka.target.name)"
            let unknown = TargetObject(
                kind: isNamed ? plural : "Object", namespace: namespace.map { NamespaceName($0) }, name: name, uid: nil)
            return preparation(request, unknown, .refused(Refusal(.owner, "the alert " + what)))
        }
        let reference = ObjectReference(kind, name, in: namespace)
        var target = TargetObject(kind: kind.kind, namespace: reference.namespace.map { NamespaceName($0) }, name: name, uid: nil)
        if let objection = objection(request, kind, target) { return preparation(request, target, objection) }
        guard let object = try await kube.find(reference) else {
            return preparation(request, target, .skipped(why: "\(target.sentence) is gone already"))
        }
        target = TargetObject(object, kind.kind)
        var found = preparation(request, target, reborn(request, target, object))
        found.targetLabels = TargetNode.labels(of: object)
        if kind == .pods { found.pod = try Pod(json: object) }
        return found
    }

    func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        let target = preparation.act.intention.target
        guard let reference = target.reference else { return .skipped(why: "there is no object to delete") }
        _ = try await kube.delete(reference, DeleteOptions(uid: target.uid, propagation: .background))
        do throws(KubeError) {
            return seen(try await kube.find(reference), target)
        } catch {
            return .unknown(check: "the server took the delete, and what became of it could not be read; look at \(target.sentence). "
                + error.message)
        }
    }

    func readBack(_ intention: Intention, _ kube: any KubeReader) async throws(KubeError) -> Outcome? {
        guard let reference = intention.target.reference else { return nil }
        guard case .done(var proof) = seen(try await kube.find(reference), intention.target) else { return nil }
        proof.sentence += " (read back after a restart; somebody else may have deleted it)"
        return .done(proof)
    }

    private func preparation(_ request: ActionRequest, _ target: TargetObject, _ objection: Outcome?) -> Preparation {
        var preparation = Preparation(
            request.act(on: target, workload: "\(target.namespace?.text ?? "")/\(target.kind)/\(target.name)", undo: nil), pod: nil)
        preparation.objection = objection
        return preparation
    }

    private func objection(_ request: ActionRequest, _ kind: KubeResource, _ target: TargetObject) -> Outcome? {
        let allowed = request.step.parameters["resources"]?.array?.compactMap(\.string) ?? Array(Self.usual)
        guard allowed.contains(kind.plural) else {
            return .refused(
                Refusal(.owner, "the playbook lets no \(kind.plural) be deleted; its parameter 'resources' names what it does"))
        }
        let part = request.alert.fields["ka.target.subresource"]?.string ?? ""
        guard part.isEmpty || part == "<NA>" else {
            return .refused(Refusal(.owner, "the alert is about \(part) of \(target.sentence), and not about the object itself"))
        }
        guard !kind.isNamespaced || target.namespace != nil else {
            return .refused(Refusal(.owner, "the alert names no namespace of \(target.sentence) (ka.target.namespace)"))
        }
        let isRights = ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"].contains(kind.kind)
        guard !isRights || !(target.name.hasPrefix("system:") || Self.ownRoles.contains(target.name)) else {
            return .refused(Refusal(.owner, "\(target.sentence) is one of Kubernetes' own, without which the cluster does not work"))
        }
        return request.strangerToCluster(target)
    }

    private static let ownRoles: Set<String> = ["cluster-admin", "admin", "edit", "view"]

    private func reborn(_ request: ActionRequest, _ target: TargetObject, _ object: JSONValue) -> Outcome? {
        guard let made = object["metadata"]?["creationTimestamp"]?.string.flatMap(Timestamp.init(_:)),
            made.nanoseconds(since: request.alert.time) > Self.skewSeconds * 1_000_000_000
        else { return nil }
        return .refused(
            Refusal(.identity, "\(target.sentence) was made at \(made), after the event: it is another one of that name and is left alone"))
    }

    private func seen(_ object: JSONValue?, _ target: TargetObject) -> Outcome {
        let uid = JSONValue.string(target.uid ?? "")
        guard let object, object.uid == target.uid else {
            return .done(Proof("\(target.sentence) is gone", readBack: ["uid": uid, "gone": true]))
        }
        guard let time = object["metadata"]?["deletionTimestamp"]?.string else {
            return .unknown(check: "the server took the delete, and \(target.sentence) shows no sign of it: look at it")
        }
        return .done(
            Proof("\(target.sentence) is ending", readBack: ["uid": uid, "gone": false, "deletionTimestamp": .string(time)]))
    }
}
