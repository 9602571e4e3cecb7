// SPDX-License-Identifier: Apache-2.0

/// The roles and bindings of a cluster at one moment, and what they allow.
struct RoleBook: Sendable {
    /// Whether something is allowed, and by whom or why not.
    struct Decision: Hashable, Sendable {
        var isAllowed: Bool
        var reason = ""
    }

    private struct Binding: Sendable {
        var kind: String
        var name: String
        /// Nil for the whole cluster.
        var namespace: String?
        var subjects: [JSON]
        var roleKind: String
        var roleName: String
    }

    private let bindings: [Binding]
    private let roles: [ClusterState.Key: [JSON]]
    private let clusterRoles: [String: [JSON]]

    init(_ state: ClusterState) {
        func rules(_ object: JSON) -> [JSON] { object["rules"]?.elements ?? [] }
        func bindings(_ resource: Resource) -> [Binding] {
            state.all(resource).map { key, object in
                Binding(
                    kind: resource.kind, name: key.name, namespace: resource.isNamespaced ? key.namespace : nil,
                    subjects: object["subjects"]?.elements ?? [], roleKind: object["roleRef", "kind"]?.string ?? "",
                    roleName: object["roleRef", "name"]?.string ?? "")
            }
        }
        self.bindings = bindings(.clusterrolebindings) + bindings(.rolebindings)
        roles = Dictionary(uniqueKeysWithValues: state.all(.roles).map { ($0.key, rules($0.object)) })
        clusterRoles = Dictionary(uniqueKeysWithValues: state.all(.clusterroles).map { ($0.key.name, rules($0.object)) })
    }

    func judge(_ identity: Identity, _ wanted: Attributes) -> Decision {
        if identity.groups.contains(Identity.masters) { return Decision(isAllowed: true) }
        var missing: [String] = []
        for (binding, subject) in matching(identity, in: wanted.namespace) {
            guard let rules = rules(of: binding) else {
                missing.append("\(binding.roleKind.lowercased()).rbac.authorization.k8s.io \"\(binding.roleName)\" not found")
                continue
            }
            if rules.contains(where: { RoleBook.allows($0, wanted) }) {
                let place = binding.namespace.map { "\(binding.name)/\($0)" } ?? binding.name
                return Decision(
                    isAllowed: true, reason: "RBAC: allowed by \(binding.kind) \"\(place)\" of \(binding.roleKind)"
                        + " \"\(binding.roleName)\" to \(subject["kind"]?.string ?? "") \"\(RoleBook.shown(subject))\"")
            }
        }
        guard !missing.isEmpty else { return Decision(isAllowed: false) }
        return Decision(isAllowed: false, reason: "RBAC: " + (missing.count == 1 ? missing[0] : "[\(missing.joined(separator: ", "))]"))
    }

    /// All rules that a user has in a namespace.
    func rules(of identity: Identity, in namespace: String) -> [JSON] {
        let everything: [JSON] = [
            ["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]], ["verbs": ["*"], "nonResourceURLs": ["*"]],
        ]
        let bound = matching(identity, in: namespace).flatMap { rules(of: $0.0) ?? [] }
        return (identity.groups.contains(Identity.masters) ? everything : []) + bound
    }

    private func matching(_ identity: Identity, in namespace: String?) -> [(Binding, JSON)] {
        bindings.compactMap { binding in
            guard binding.namespace == nil || binding.namespace == namespace else { return nil }
            let subject = binding.subjects.first { RoleBook.isMeant(identity, by: $0, in: binding.namespace) }
            return subject.map { (binding, $0) }
        }
    }

    private func rules(of binding: Binding) -> [JSON]? {
        if binding.roleKind == "ClusterRole" { return clusterRoles[binding.roleName] }
        return binding.namespace.flatMap { roles[ClusterState.Key(namespace: $0, name: binding.roleName)] }
    }

    private static func isMeant(_ identity: Identity, by subject: JSON, in namespace: String?) -> Bool {
        let name = subject["name"]?.string ?? ""
        switch subject["kind"]?.string {
        case "User": return identity.name == name
        case "Group": return identity.groups.contains(name)
        case "ServiceAccount":
            let home = subject["namespace"]?.string ?? namespace ?? ""
            return !home.isEmpty && identity.name == "system:serviceaccount:\(home):\(name)"
        case _: return false
        }
    }

    private static func shown(_ subject: JSON) -> String {
        let name = subject["name"]?.string ?? ""
        guard subject["kind"] == "ServiceAccount" else { return name }
        return name + "/" + (subject["namespace"]?.string ?? "")
    }

    /// Whether one rule allows it.
    static func allows(_ rule: JSON, _ wanted: Attributes) -> Bool {
        func lists(_ field: String) -> [String] { (rule.member(field)?.elements ?? []).compactMap(\.string) }
        let verbs = lists("verbs")
        guard verbs.contains("*") || verbs.contains(wanted.verb) else { return false }
        if let path = wanted.path {
            return lists("nonResourceURLs").contains { url in
                url == "*" || url == path || url.hasSuffix("*") && path.hasPrefix(url.dropLast())
            }
        }
        let groups = lists("apiGroups")
        guard groups.contains("*") || groups.contains(wanted.group) else { return false }
        let parts = wanted.resource.split(separator: "/", maxSplits: 1)
        let resources = lists("resources")
        let part = parts.count > 1 ? "*/" + parts[1] : wanted.resource
        guard resources.contains("*") || resources.contains(wanted.resource) || resources.contains(part) else { return false }
        let names = lists("resourceNames")
        return names.isEmpty || wanted.name.map(names.contains) ?? false
    }
}
