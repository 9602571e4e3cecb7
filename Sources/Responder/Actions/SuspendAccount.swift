// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// `kubernetes:suspend-serviceaccount`: takes the pod's service account out of all bindings that name it, so that its tokens are worth
/// nothing more, whoever holds them. The undo puts it back into each.
struct SuspendAccount: Action {
    private static let rbac = "rbac.authorization.k8s.io"

    var card: ActionCard {
        ActionCard(
            name: "kubernetes:suspend-serviceaccount",
            summary: "Takes the pod's service account out of every RoleBinding and ClusterRoleBinding that names it; the API server "
                + "lets only those change a binding who may bind its role, so the right is a strong one",
            kind: .reversible, defaultContinue: true, parameters: [],
            permissions: [
                .init("pods", ["get", "list"]),
                .init(group: Self.rbac, "rolebindings", ["get", "list", "patch"], isEverywhere: true),
                .init(group: Self.rbac, "clusterrolebindings", ["get", "list", "patch"], isEverywhere: true),
                .init(group: Self.rbac, "roles", ["bind"], isEverywhere: true),
                .init(group: Self.rbac, "clusterroles", ["bind"], isEverywhere: true),
            ], requiredFields: ["k8s.ns.name", "k8s.pod.name"])
    }

    func prepare(_ request: ActionRequest, _ kube: any KubeReader) async throws(KubeError) -> Preparation {
        guard let pod = try await TargetPod.find(request.alert, kube) else { return Preparation(request.unread, pod: nil) }
        let account = ServiceAccount.target(of: pod)
        let all = try await kube.list(.roleBindings, in: nil, ListOptions()).items.map { ($0, "RoleBinding") }
            + kube.list(.clusterRoleBindings, in: nil, ListOptions()).items.map { ($0, "ClusterRoleBinding") }
        let naming = all.compactMap { AccountBinding($0, $1, naming: account) }
        let bindings = naming.filter { request.reasonToSpare($0.binding.home, [:]) == nil }
        let recipe = UndoRecipe(
            "put \(account.sentence) back into " + bindings.map(\.sentence).joined(separator: ", "),
            facts: ["bindings": .array(bindings.map(\.json))])
        var preparation = Preparation(request.act(on: account, workload: TargetWorkload.workload(account), undo: recipe), pod: pod)
        preparation.others = bindings.map(\.binding)
        preparation.remarks = naming.compactMap { known in
            request.reasonToSpare(known.binding.home, [:]).map { "\(known.sentence) is \($0) and stays" }
        }
            + all.compactMap { AccountBinding.group($0, $1, with: account) }
        if let stranger = bindings.first(where: { request.isBeyondSender($0.binding) }) {
            let sentence = "\(stranger.sentence) is beyond the namespaces about which the alert's sender may speak"
            preparation.objection = .refused(Refusal(.sender, sentence))
        } else if bindings.isEmpty {
            let rest = preparation.remarks.isEmpty ? "" : "; " + preparation.remarks.joined(separator: "; ")
            preparation.objection = .skipped(why: "no binding that may be changed names \(account.sentence)\(rest)")
        }
        return preparation
    }

    func run(_ preparation: Preparation, _ kube: any Kube) async throws(KubeError) -> Outcome {
        let intention = preparation.act.intention
        return try await change(intention, isBack: false, remarks: preparation.remarks, kube)
    }

    func readBack(_ intention: Intention, _ kube: any KubeReader) async throws(KubeError) -> Outcome? {
        let bindings = AccountBinding.all(in: intention.undo)
        for known in bindings {
            guard let reference = known.binding.reference, let object = try await kube.find(reference) else { continue }
            guard !known.isIn(object) else { return nil }
        }
        return bindings.isEmpty ? nil : .done(proof(intention, bindings, isBack: false, [" (read back after a restart)"]))
    }

    func undo(_ intention: Intention, _ kube: any Kube) async throws(KubeError) -> Outcome {
        var differences: [String] = []
        for known in AccountBinding.all(in: intention.undo) {
            guard let reference = known.binding.reference, let object = try await kube.find(reference) else {
                differences.append("\(known.sentence) is gone")
                continue
            }
            guard let now = known.difference(from: object) else { continue }
            differences.append(now)
        }
        guard differences.isEmpty else {
            let sentence = "somebody else changed what was suspended: \(differences.joined(separator: "; ")); bind the account by hand"
            return .refused(Refusal(.ownership, sentence))
        }
        return try await change(intention, isBack: true, remarks: [], kube)
    }

    /// Takes the account out of each binding, or puts it back.
    private func change(
        _ intention: Intention, isBack: Bool, remarks: [String], _ kube: any Kube
    ) async throws(KubeError) -> Outcome {
        let bindings = AccountBinding.all(in: intention.undo)
        var done: [AccountBinding] = []
        for known in bindings {
            do throws(KubeError) {
                try await change(known, isBack: isBack, kube)
                done.append(known)
            } catch {
                guard !done.isEmpty else { throw error }
                let message = "\(intention.target.sentence) is \(isBack ? "back in" : "out of") "
                    + "\(done.map(\.sentence).joined(separator: ", ")) only: \(error.message)"
                return .failed(Failure(code: Failure.incomplete, message: message))
            }
        }
        return .done(proof(intention, bindings, isBack: isBack, remarks.map { "; " + $0 }))
    }

    // The list of subjects is written whole, so it must be the one that was read.
    private func change(_ known: AccountBinding, isBack: Bool, _ kube: any Kube) async throws(KubeError) {
        guard let reference = known.binding.reference else { return }
        var tries = 0
        while true {
            guard let object = try await kube.find(reference) else { return }
            guard object.uid == known.binding.uid else {
                throw KubeError(.conflict, "\(known.sentence) was made anew meanwhile, and is left alone; look at it")
            }
            guard known.isIn(object) != isBack else { return }
            let others = (object["subjects"]?.array ?? []).filter { $0 != known.subject }
            let metadata: JSONValue = [
                "uid": .string(object.uid ?? ""), "resourceVersion": object["metadata"]?["resourceVersion"] ?? .null,
            ]
            let subjects = JSONValue.array(others + (isBack ? [known.subject] : []))
            do throws(KubeError) {
                _ = try await kube.patch(reference, .merge(["metadata": metadata, "subjects": subjects]), WriteOptions())
                return
            } catch {
                tries += 1
                guard error.code == .conflict, tries < 3 else { throw error }
            }
        }
    }

    private func proof(_ intention: Intention, _ bindings: [AccountBinding], isBack: Bool, _ rest: [String]) -> Proof {
        let list = bindings.map(\.sentence).joined(separator: ", ")
        return Proof(
            "\(intention.target.sentence) is \(isBack ? "back in" : "taken out of") \(list)" + rest.joined(),
            readBack: ["bindings": .array(bindings.map { .string($0.sentence) })])
    }
}

/// A binding that names a service account, with what must be put back into it.
struct AccountBinding {
    let binding: TargetObject
    let subject: JSONValue
    let role: String

    init?(_ object: JSONValue, _ kind: String, naming account: TargetObject) {
        let home = object["metadata"]?["namespace"]?.string
        let subject = (object["subjects"]?.array ?? []).first { subject in
            subject["kind"] == "ServiceAccount" && subject["name"]?.string == account.name
                && subject["namespace"]?.string ?? home == account.namespace?.text
        }
        guard let subject else { return nil }
        self.subject = subject
        binding = TargetObject(object, kind)
        role = Self.role(of: object)
    }

    init?(_ json: JSONValue) {
        guard let kind = json["kind"]?.string, let name = json["name"]?.string, let subject = json["subject"] else { return nil }
        binding = TargetObject(
            kind: kind, namespace: json["namespace"]?.string.map { NamespaceName($0) }, name: name, uid: json["uid"]?.string)
        self.subject = subject
        role = json["role"]?.string ?? ""
    }

    static func all(in recipe: UndoRecipe?) -> [AccountBinding] {
        (recipe?.facts["bindings"]?.array ?? []).compactMap { AccountBinding($0) }
    }

    /// What is said of a binding that reaches the account as one of many.
    static func group(_ object: JSONValue, _ kind: String, with account: TargetObject) -> String? {
        let groups = ["system:authenticated", "system:serviceaccounts", "system:serviceaccounts:\(account.namespace?.text ?? "")"]
        let user = "system:serviceaccount:\(account.namespace?.text ?? ""):\(account.name)"
        let named = (object["subjects"]?.array ?? []).compactMap { subject -> String? in
            guard let name = subject["name"]?.string else { return nil }
            if subject["kind"] == "User", name == user { return "user \(name)" }
            return subject["kind"] == "Group" && groups.contains(name) ? "group \(name)" : nil
        }
        guard let group = named.first else { return nil }
        return "\(TargetObject(object, kind).sentence) still gives it \(role(of: object)), through the \(group)"
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "kind": .string(binding.kind), "name": .string(binding.name), "uid": .string(binding.uid ?? ""), "role": .string(role),
            "subject": subject,
        ]
        members["namespace"] = binding.namespace.map { .string($0.text) }
        return .object(members)
    }

    var sentence: String { "\(binding.sentence) (\(role))" }

    func isIn(_ object: JSONValue) -> Bool { object["subjects"]?.array?.contains(subject) ?? false }

    /// What is different where the name stands for another binding now. Others in its list are their business.
    func difference(from object: JSONValue) -> String? {
        guard object.uid != binding.uid else { return nil }
        return "\(binding.sentence) gave \(role) and is another one that gives \(Self.role(of: object)) now"
    }

    private static func role(of object: JSONValue) -> String {
        (object["roleRef"]?["kind"]?.string ?? "") + " " + (object["roleRef"]?["name"]?.string ?? "")
    }
}

extension ActionRequest {
    /// True where the alert's sender may speak about some namespaces only, and this is in none of them.
    func isBeyondSender(_ object: TargetObject) -> Bool {
        guard let namespaces = alert.sender?.namespaces else { return false }
        return object.home.map { !namespaces.contains($0) } ?? true
    }
}
