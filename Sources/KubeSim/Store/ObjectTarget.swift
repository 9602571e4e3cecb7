// SPDX-License-Identifier: Apache-2.0

/// What a request is about: a kind, and as the path says, a namespace, one object of it, or a part of that object.
struct ObjectTarget: Hashable, Sendable {
    var resource: Resource
    var namespace: String?
    var name: String?
    var subresource: Subresource?

    /// The resource as access rules name it: `pods` or `pods/status`.
    var accessName: String { subresource.map { resource.plural + "/" + $0.rawValue } ?? resource.plural }

    func key(_ name: String) -> ClusterState.Key { .init(namespace: namespace ?? "", name: name) }
}

/// Where a path of the API leads.
enum RequestTarget: Hashable, Sendable {
    case health, version, coreVersions, groups
    case group(String)
    case resources(group: String)
    case review(Review, namespace: String?)
    case objects(ObjectTarget)
    case openAPI(OpenAPIDocument)
    case unknown

    init(path: String) {
        let parts = path.split(separator: "/").map(String.init)
        switch (parts.first, parts.count) {
        case ("version", 1): self = .version
        case ("healthz", 1), ("livez", 1), ("readyz", 1): self = .health
        case ("api", 1): self = .coreVersions
        case ("apis", 1): self = .groups
        case ("openapi", _): self = OpenAPIDocument(parts.dropFirst()).map { .openAPI($0) } ?? .unknown
        case ("apis", 2): self = RequestTarget.known(parts[1]) ? .group(parts[1]) : .unknown
        case ("api", _) where parts[1] == "v1": self = RequestTarget.inGroup("", parts.dropFirst(2))
        case ("apis", _) where parts.count > 2 && parts[2] == Resource.version(of: parts[1]):
            self = RequestTarget.inGroup(parts[1], parts.dropFirst(3))
        case _: self = .unknown
        }
    }

    private static func known(_ group: String) -> Bool { Resource.groups.contains(group) || Review.groups.contains(group) }

    private static func inGroup(_ group: String, _ rest: ArraySlice<String>) -> RequestTarget {
        if rest.isEmpty { return known(group) ? .resources(group: group) : .unknown }
        let rest = Array(rest)
        if Review.groups.contains(group) {
            let isNamespaced = rest.count == 3 && rest[0] == "namespaces"
            guard let review = Review(rawValue: rest[rest.count - 1]), review.group == group, review.isNamespaced == isNamespaced,
                isNamespaced || rest.count == 1
            else { return .unknown }
            return .review(review, namespace: isNamespaced ? rest[1] : nil)
        }
        // `namespaces/x/pods` is about pods; `namespaces/x` and its own parts are about the namespace.
        if rest.count > 2, rest[0] == "namespaces", !["status", "finalize"].contains(rest[2]) {
            return objects(group, namespace: rest[1], rest.dropFirst(2))
        }
        return rest[0] == "namespaces" && !group.isEmpty ? .unknown : objects(group, namespace: nil, rest[...])
    }

    private static func objects(_ group: String, namespace: String?, _ rest: ArraySlice<String>) -> RequestTarget {
        let rest = Array(rest)
        guard let resource = Resource(plural: rest[0], group: group), rest.count <= 3 else { return .unknown }
        if resource.isNamespaced ? (namespace == nil && rest.count > 1) : namespace != nil { return .unknown }
        let part = rest.count == 3 ? Subresource(rawValue: rest[2]) : nil
        if rest.count == 3 { guard let part, resource.subresources.contains(part) else { return .unknown } }
        return .objects(
            ObjectTarget(
                resource: resource, namespace: namespace, name: rest.count > 1 ? rest[1] : nil,
                subresource: part))
    }
}
