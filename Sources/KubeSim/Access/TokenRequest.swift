// SPDX-License-Identifier: Apache-2.0

/// What a client wants of a token: the `spec` of `serviceaccounts/token`.
struct TokenRequest: Sendable {
    var audiences: [String]
    var seconds: Int64
    var bound: JSON?

    init(_ body: JSON) throws(APIStatus) {
        audiences = (body["spec", "audiences"]?.elements ?? []).compactMap(\.string)
        if audiences.isEmpty { audiences = [ServiceAccountToken.ownAudience] }
        seconds = body["spec", "expirationSeconds"]?.integer ?? 3600
        bound = body["spec", "boundObjectRef"].flatMap { $0 == .null ? nil : $0 }
        let rule =
            seconds < 600 ? "may not specify a duration less than 10 minutes"
            : seconds > 1 << 32 ? "may not specify a duration larger than 2^32 seconds" : nil
        guard let rule else { return }
        throw .invalid(
            kind: "TokenRequest", group: "authentication.k8s.io", "", field: "spec.expirationSeconds", value: String(seconds), rule)
    }
}

// Giving tokens out, and knowing them again.
extension ClusterState {
    /// The token that a request gets, and the node of the pod that it is bound to.
    func token(
        _ request: TokenRequest, for account: JSON, id: String, now: Int64
    ) throws(APIStatus) -> (token: ServiceAccountToken, node: ServiceAccountToken.Bound?) {
        let namespace = account["metadata", "namespace"]?.string ?? ""
        let name = account["metadata", "name"]?.string ?? ""
        var token = ServiceAccountToken(
            id: id, namespace: namespace, account: name, accountUID: account["metadata", "uid"]?.string ?? "",
            audiences: request.audiences, issued: now, expires: now + request.seconds)
        guard let reference = request.bound else { return (token, nil) }
        guard let resource = Resource(kind: reference["kind"]?.string ?? "", group: ""), [.pods, .secrets, .nodes].contains(resource) else {
            throw .badRequest("cannot bind token to object of type \(reference["kind"]?.string ?? "")")
        }
        let target = ObjectTarget(resource: resource, namespace: resource.isNamespaced ? namespace : nil)
        let object = try existing(target, reference["name"]?.string ?? "")
        let uid = object["metadata", "uid"]?.string ?? ""
        if let wanted = reference["uid"]?.string, !wanted.isEmpty, wanted != uid {
            throw .conflict(
                resource, reference["name"]?.string ?? "",
                "the UID in the bound object reference (\(wanted)) does not match the UID in record. The object might have been deleted"
                    + " and then recreated")
        }
        if resource == .pods, let other = object["spec", "serviceAccountName"]?.string, other != name {
            throw .badRequest("cannot bind token for serviceaccount \"\(name)\" to pod running with different serviceaccount name.")
        }
        token.bound = .init(resource: resource, name: reference["name"]?.string ?? "", uid: uid)
        return (token, node(of: token))
    }

    /// The account behind a token that is still good; nil for one whose account, or whose bound object, is gone.
    func identity(of token: ServiceAccountToken, now: Int64) -> Identity? {
        func uid(_ resource: Resource, _ name: String) -> String? {
            object(resource, Key(namespace: resource.isNamespaced ? token.namespace : "", name: name))?["metadata", "uid"]?.string
        }
        guard token.expires > now, uid(.serviceaccounts, token.account) == token.accountUID else { return nil }
        if let bound = token.bound, uid(bound.resource, bound.name) != bound.uid { return nil }
        let node = node(of: token)
        return Identity(token, node: node?.name, nodeUID: node.flatMap { $0.uid.isEmpty ? nil : $0.uid })
    }

    private func node(of token: ServiceAccountToken) -> ServiceAccountToken.Bound? {
        guard let bound = token.bound else { return nil }
        if bound.resource == .nodes { return bound }
        guard let pod = object(bound.resource, Key(namespace: token.namespace, name: bound.name)),
            let name = pod["spec", "nodeName"]?.string, !name.isEmpty
        else { return nil }
        let node = object(.nodes, Key(namespace: "", name: name))
        return .init(resource: .nodes, name: name, uid: node?["metadata", "uid"]?.string ?? "")
    }
}
