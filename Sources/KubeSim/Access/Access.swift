// SPDX-License-Identifier: Apache-2.0

/// Who may come in, and what they may do.
struct Access: Sendable {
    /// The users with tokens of their own, by these.
    var users: [String: Identity]
    var denials: [KubeSimOptions.Denial]
    /// Whether roles and bindings are judged; where they are not, everything is allowed that no denial names.
    var enforcesRoles: Bool
    /// Whether reviews of tokens look at audiences.
    var knowsAudiences: Bool
    var tokens: TokenBook
    var cluster: Cluster
    /// Seconds since 1970.
    var now: @Sendable () -> Int64

    /// The user of a request: its bearer token decides, without one its verified client certificate.
    func identity(authorization: String?, certificate: () async -> Identity?) async throws(APIStatus) -> Identity {
        guard let authorization else {
            guard let identity = await certificate() else { throw .unauthorized }
            return identity
        }
        let words = authorization.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer",
            let known = await identity(token: String(words[1]), audiences: [])
        else { throw .unauthorized }
        return known.identity
    }

    /// Whose token this is, and which of the wanted audiences it is for; without any wanted the server itself is meant.
    func identity(token: String, audiences: [String]) async -> (identity: Identity, audiences: [String])? {
        let wanted = audiences.isEmpty ? [ServiceAccountToken.ownAudience] : audiences
        if let user = users[token] {
            let common = wanted.filter { $0 == ServiceAccountToken.ownAudience }
            return common.isEmpty ? nil : (user, common)
        }
        guard let known = tokens.find(token), let identity = await cluster.identity(of: known, now: now()) else { return nil }
        let common = wanted.filter(known.audiences.contains)
        return common.isEmpty ? nil : (identity, common)
    }

    /// The user as whom a request is made: its own, or the one that its Impersonate headers name, where it may do that.
    func acting(_ identity: Identity, as user: String?, groups: [String]) async throws(APIStatus) -> Identity {
        guard let user else {
            guard groups.isEmpty else { throw .badRequest("requested groups without impersonating a user") }
            return identity
        }
        try await check(identity, Attributes(verb: "impersonate", resource: "users", name: user))
        for group in groups { try await check(identity, Attributes(verb: "impersonate", resource: "groups", name: group)) }
        return Identity(name: user, groups: groups)
    }

    /// Throws Kubernetes' own sentence when the user may not do it.
    func check(_ identity: Identity, _ wanted: Attributes) async throws(APIStatus) {
        let decision = await judge(identity, wanted)
        guard decision.isAllowed else { throw wanted.refusal(identity.name, reason: enforcesRoles ? decision.reason : "") }
    }

    func judge(_ identity: Identity, _ wanted: Attributes) async -> RoleBook.Decision {
        let isDenied = denials.contains { denial in
            (denial.user == "*" || denial.user == identity.name) && (denial.verb == "*" || denial.verb == wanted.verb)
                && (denial.resource == "*" || denial.resource == wanted.resource)
                && (denial.namespace == nil || denial.namespace == wanted.namespace)
        }
        if isDenied { return RoleBook.Decision(isAllowed: false, reason: "a denial of the simulator names it") }
        guard enforcesRoles else { return RoleBook.Decision(isAllowed: true) }
        return await cluster.roleBook.judge(identity, wanted)
    }
}

/// What a request wants to do, in Kubernetes' words.
enum Verb: String, Sendable {
    case get, list, watch, create, update, patch, delete
}
