// SPDX-License-Identifier: Apache-2.0
import KubeClient
import ResponseLanguage

/// Which rights the client's user has, by the API server's own judgement (SelfSubjectAccessReview); nothing is stored.
struct RightsReview {
    /// One right, whoever needs it.
    struct Question: Hashable {
        let group: String
        let resource: String
        let verb: KubeCall.Verb
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
    init(of rights: Set<RequiredRight>, _ kube: any KubeReader) async throws(KubeError) {
        var users: [Question: Set<String>] = [:]
        for right in rights { users[Question(right), default: []].insert(right.user) }
        var missing: [Missing] = []
        for question in users.keys.sorted(by: { $0.sentence < $1.sentence }) {
            let answer = try await kube.review(question.call)
            guard !answer.isAllowed else { continue }
            missing.append(Missing(question: question, users: (users[question] ?? []).sorted(), reason: answer.reason))
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
        guard let verb = KubeCall.Verb(rawValue: right.verb) else {
            preconditionFailure("\(right.user) asks for the verb '\(right.verb)', which no call has")
        }
        self.init(group: right.group, resource: right.resource, verb: verb, namespace: right.namespace)
    }

    var sentence: String {
        let place = namespace.map { "in namespace \($0)" } ?? "in all namespaces"
        return "\(verb.rawValue) \(resource)\(group.isEmpty ? "" : "." + group) \(place)"
    }

    /// The call that the right is for. RBAC knows no versions, and no names are asked for.
    var call: KubeCall {
        let parts = resource.split(separator: "/", maxSplits: 1).map(String.init)
        let kind = KubeResource(group: group, version: "*", plural: parts[0], kind: "", isNamespaced: true)
        return KubeCall(verb, kind, namespace: namespace, subresource: parts.dropFirst().first)
    }
}
