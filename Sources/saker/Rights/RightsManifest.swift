// SPDX-License-Identifier: Apache-2.0
import ResponseLanguage

/// Rights as the YAML that `kubectl apply` takes: one ClusterRole for what is needed in all namespaces, one Role for each namespace
/// where that is enough, and their bindings. Above each rule a comment says what needs each verb.
struct RightsManifest {
    /// The name of every object.
    let name: String
    /// Who is given the rights.
    let account: String
    /// The namespace of the service account.
    let namespace: String
    let rights: Set<RequiredRight>

    var text: String {
        let places = Set(rights.map(\.namespace)).sorted { ($0 ?? "") < ($1 ?? "") }
        return places.flatMap { [role(in: $0), binding(in: $0)] }.joined(separator: "---\n")
    }

    private func role(in place: String?) -> String {
        var groups: [Kind: Set<RequiredRight>] = [:]
        for right in rights where right.namespace == place {
            groups[Kind(group: right.group, resource: right.resource), default: []].insert(right)
        }
        let rules = groups.keys.sorted().map { rule($0, groups[$0] ?? []) }.joined()
        return head(place == nil ? "ClusterRole" : "Role", in: place) + "rules:\n" + rules
    }

    private func rule(_ kind: Kind, _ rights: Set<RequiredRight>) -> String {
        let verbs = Set(rights.map(\.verb)).sorted()
        let comments = verbs.map { verb in
            "  # \(verb): \(rights.filter { $0.verb == verb }.map(\.user).sorted().joined(separator: ", "))\n"
        }
        return comments.joined() + """
              - apiGroups: ["\(kind.group)"]
                resources: ["\(kind.resource)"]
                verbs: [\(verbs.map { "\"\($0)\"" }.joined(separator: ", "))]

            """
    }

    private func binding(in place: String?) -> String {
        head(place == nil ? "ClusterRoleBinding" : "RoleBinding", in: place) + """
            roleRef:
              apiGroup: rbac.authorization.k8s.io
              kind: \(place == nil ? "ClusterRole" : "Role")
              name: \(Self.quoted(name))
            subjects:
              - kind: ServiceAccount
                name: \(Self.quoted(account))
                namespace: \(Self.quoted(namespace))

            """
    }

    private func head(_ kind: String, in place: String?) -> String {
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: \(kind)
        metadata:
          name: \(Self.quoted(name))
        \(place.map { "  namespace: \(Self.quoted($0))\n" } ?? "")
        """
    }

    private struct Kind: Hashable, Comparable {
        var group: String
        var resource: String
        static func < (left: Kind, right: Kind) -> Bool { (left.group, left.resource) < (right.group, right.resource) }
    }

    // Names are DNS labels to the API server, but `1` and `no` are something else to YAML.
    private static func quoted(_ text: String) -> String {
        let escaped = text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"" + String(escaped) + "\""
    }
}
