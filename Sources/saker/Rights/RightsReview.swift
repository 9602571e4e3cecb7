// SPDX-License-Identifier: Apache-2.0
import EventModel
import KubeClient
import ResponseLanguage

/// Which rights the client's user has, by the API server's own judgement (SelfSubjectAccessReview); nothing is stored.
struct RightsReview {
    /// One right, whoever needs it.
    struct Question: Hashable {
        let group: String
        let resource: String
        let verb: String
        let namespace: String?
    }

    /// A right that the user lacks.
    struct Missing {
        let question: Question
        /// What would fail without it.
        let users: [String]
        /// The server's words; empty when it gives none.
        let reason: String
    }

    let count: Int
    let missing: [Missing]

    /// Asks about every right, one after the other. Throws when the server cannot be asked.
    init(of rights: Set<RequiredRight>, _ kube: any KubeWriter) async throws(KubeError) {
        var users: [Question: Set<String>] = [:]
        for right in rights { users[Question(right), default: []].insert(right.user) }
        var missing: [Missing] = []
        for question in users.keys.sorted(by: { $0.sentence < $1.sentence }) {
            let answer = try await kube.create(.selfSubjectAccessReviews, question.body, in: nil, WriteOptions(fieldManager: nil))
            guard answer["status"]?["allowed"] != true else { continue }
            let reason = answer["status"]?["reason"]?.string ?? ""
            missing.append(Missing(question: question, users: (users[question] ?? []).sorted(), reason: reason))
        }
        count = users.count
        self.missing = missing
    }

    var text: String {
        guard !missing.isEmpty else { return "rights: all \(count) that the playbooks need are granted to this user" }
        let lines = missing.map { gap in
            "  MISSING  \(gap.question.sentence), for \(gap.users.joined(separator: ", "))"
                + (gap.reason.isEmpty ? "" : " (\(gap.reason))")
        }
        let head = "rights: \(missing.count) of \(count) are missing; `saker rbac` prints roles that grant them"
        return ([head] + lines).joined(separator: "\n")
    }
}

extension RightsReview.Question {
    init(_ right: RequiredRight) {
        self.init(group: right.group, resource: right.resource, verb: right.verb, namespace: right.namespace)
    }

    var sentence: String {
        let place = namespace.map { "in namespace \($0)" } ?? "in all namespaces"
        return "\(verb) \(resource)\(group.isEmpty ? "" : "." + group) \(place)"
    }

    var body: JSONValue {
        let parts = resource.split(separator: "/", maxSplits: 1).map(String.init)
        var attributes: [String: JSONValue] = [
            "group": .string(group), "resource": .string(parts[0]), "verb": .string(verb),
        ]
        if parts.count > 1 { attributes["subresource"] = .string(parts[1]) }
        if let namespace { attributes["namespace"] = .string(namespace) }
        return [
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": ["resourceAttributes": .object(attributes)],
        ]
    }
}

extension KubeResource {
    /// Questions about one's own rights; they are answered and never stored.
    static let selfSubjectAccessReviews = KubeResource(
        group: "authorization.k8s.io", version: "v1", plural: "selfsubjectaccessreviews", kind: "SelfSubjectAccessReview",
        isNamespaced: false)
}
