// SPDX-License-Identifier: Apache-2.0

/// Who may come in, and what they may do.
struct Access: Sendable {
    /// The names of the users by their tokens.
    var users: [String: String]
    var denials: [KubeSimOptions.Denial]

    /// The user of a request: its bearer token decides, without one its verified client certificate.
    func user(authorization: String?, certificateName: () async -> String?) async throws(APIStatus) -> String {
        guard let authorization else {
            guard let name = await certificateName() else { throw .unauthorized }
            return name
        }
        let words = authorization.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer", let name = users[String(words[1])] else { throw .unauthorized }
        return name
    }

    /// Throws Kubernetes' own sentence when a denial names what the user is about to do.
    func check(_ user: String, _ verb: Verb, _ target: ObjectTarget) throws(APIStatus) {
        guard !allows(user: user, verb: verb.rawValue, resource: target.accessName, namespace: target.namespace) else { return }
        let group = target.resource.group
        let what = target.name.map { "\(target.resource.qualifiedName) \"\($0)\"" } ?? target.resource.qualifiedName
        let place = target.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
        throw .forbidden(
            "\(what) is forbidden: User \"\(user)\" cannot \(verb.rawValue) resource \"\(target.accessName)\""
                + " in API group \"\(group)\" \(place)",
            resource: target.resource.plural, group: group, name: target.name)
    }

    func allows(user: String, verb: String, resource: String, namespace: String?) -> Bool {
        !denials.contains { denial in
            (denial.user == "*" || denial.user == user) && (denial.verb == "*" || denial.verb == verb)
                && (denial.resource == "*" || denial.resource == resource)
                && (denial.namespace == nil || denial.namespace == namespace)
        }
    }

    /// The answer to a SelfSubjectAccessReview.
    func review(_ body: JSON, user: String) -> JSON {
        let wanted = body["spec", "resourceAttributes"] ?? .null
        let part = wanted["subresource"]?.string.flatMap { $0.isEmpty ? nil : "/" + $0 } ?? ""
        let namespace = wanted["namespace"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let isAllowed = allows(
            user: user, verb: wanted["verb"]?.string ?? "", resource: (wanted["resource"]?.string ?? "") + part, namespace: namespace)
        var review = body
        review["kind"] = "SelfSubjectAccessReview"
        review["apiVersion"] = "authorization.k8s.io/v1"
        review["status", "allowed"] = .bool(isAllowed)
        if !isAllowed { review["status", "reason"] = "a denial of the simulator names it" }
        return review
    }
}

/// What a request wants to do, in Kubernetes' words.
enum Verb: String, Sendable {
    case get, list, watch, create, update, patch, delete
}
