// SPDX-License-Identifier: Apache-2.0

// The answers to reviews: what was asked, with its status.
extension Access {
    func answer(_ review: Review, _ body: JSON, namespace: String?, asking identity: Identity) async throws(APIStatus) -> JSON {
        if let kind = body["kind"]?.string, kind != review.kind {
            throw .badRequest("\(kind) in version \"v1\" cannot be handled as a \(review.kind)")
        }
        var answer = body
        answer["kind"] = .string(review.kind)
        answer["apiVersion"] = .string(review.group + "/v1")
        if answer["metadata"] == nil { answer["metadata"] = [:] }
        let spec = body["spec"] ?? [:]
        switch review {
        case .selfSubjectAccess:
            answer["status"] = try await status(identity, Attributes(review: spec))
        case .subjectAccess, .localSubjectAccess:
            guard let wanted = Attributes(review: spec, namespace: namespace) else {
                throw Access.lacking("exactly one of nonResourceAttributes or resourceAttributes must be specified")
            }
            let subject = Identity(review: spec)
            guard !subject.name.isEmpty || !subject.groups.isEmpty else {
                throw Access.lacking("at least one of user or group must be specified")
            }
            answer["status"] = try await status(subject, wanted)
        case .selfSubjectRules:
            answer["status"] = await rules(of: identity, in: spec["namespace"]?.string ?? "")
        case .selfSubject:
            answer["status"] = ["userInfo": identity.json]
        case .token:
            answer["status"] = await status(of: spec)
        }
        return answer
    }

    private static func lacking(_ why: String) -> APIStatus { .badRequest("spec: Invalid value: \(why)") }

    private func status(_ identity: Identity, _ wanted: Attributes?) async throws(APIStatus) -> JSON {
        guard let wanted else { throw Access.lacking("exactly one of nonResourceAttributes or resourceAttributes must be specified") }
        let decision = await judge(identity, wanted)
        var status: JSON = ["allowed": .bool(decision.isAllowed)]
        if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
        return status
    }

    private func rules(of identity: Identity, in namespace: String) async -> JSON {
        let everything: [JSON] = [
            ["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]], ["verbs": ["*"], "nonResourceURLs": ["*"]],
        ]
        let all = enforcesRoles ? await cluster.roleBook.rules(of: identity, in: namespace) : everything
        return [
            "resourceRules": .array(all.filter { $0["nonResourceURLs"] == nil }),
            "nonResourceRules": .array(all.filter { $0["nonResourceURLs"] != nil }),
            // Denials take away from this, which its form cannot say.
            "incomplete": .bool(!denials.isEmpty),
        ]
    }

    private func status(of spec: JSON) async -> JSON {
        let audiences = (spec["audiences"]?.elements ?? []).compactMap(\.string)
        guard let known = await identity(token: spec["token"]?.string ?? "", audiences: knowsAudiences ? audiences : []) else {
            return ["user": [:], "error": "[invalid bearer token, token lookup failed]"]
        }
        var status: JSON = ["authenticated": true, "user": known.identity.json]
        if knowsAudiences { status["audiences"] = .array(known.audiences.map { .string($0) }) }
        return status
    }
}
