// SPDX-License-Identifier: Apache-2.0

/// What the server says about itself, so that kubectl finds the kinds.
enum Discovery {
    static let version: JSON = [
        "major": "1", "minor": "37", "gitVersion": "v1.37.0+kubesim", "gitCommit": "", "gitTreeState": "clean", "buildDate": "",
        "goVersion": "", "compiler": "swift", "platform": "linux/amd64",
    ]

    static let coreVersions: JSON = ["kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []]

    /// All groups with versions, the core group not among them.
    static let groupNames = Resource.groups.dropFirst() + Review.groups

    static let groups: JSON = ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groupNames.map(entry))]

    static func group(_ name: String) -> JSON {
        var group = entry(name)
        group["kind"] = "APIGroup"
        group["apiVersion"] = "v1"
        return group
    }

    static func resources(group: String) -> JSON {
        let reviews = Review.allCases.filter { $0.group == group }.map(entry)
        let resources = Resource.allCases.filter { $0.group == group }.flatMap(entries)
        let version = (group.isEmpty ? "" : group + "/") + Resource.version(of: group)
        return [
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(version),
            "resources": .array(resources + reviews),
        ]
    }

    private static func entry(_ name: String) -> JSON {
        let number = Resource.version(of: name)
        let version: JSON = ["groupVersion": .string(name + "/" + number), "version": .string(number)]
        return ["name": .string(name), "versions": [version], "preferredVersion": version]
    }

    private static func entry(_ review: Review) -> JSON {
        [
            "name": .string(review.rawValue), "singularName": .string(review.kind.lowercased()), "kind": .string(review.kind),
            "namespaced": .bool(review.isNamespaced), "verbs": ["create"],
        ]
    }

    private static func entries(_ resource: Resource) -> [JSON] {
        let main: JSON = [
            "name": .string(resource.plural), "singularName": .string(resource.singular), "kind": .string(resource.kind),
            "namespaced": .bool(resource.isNamespaced), "shortNames": .array(resource.shortNames.map { .string($0) }),
            "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
            "categories": resource.card.isInAll ? ["all"] : [],
        ]
        return [main] + resource.subresources.map { part(resource, $0) }
    }

    private static func part(_ resource: Resource, _ part: Subresource) -> JSON {
        var entry: JSON = [
            "name": .string(resource.plural + "/" + part.rawValue), "singularName": "", "namespaced": .bool(resource.isNamespaced),
            "kind": .string(part.kind ?? resource.kind), "verbs": .array(part.verbs.map { .string($0.rawValue) }),
        ]
        if let group = part.group {
            entry["group"] = .string(group)
            entry["version"] = "v1"
        }
        return entry
    }
}

extension Subresource {
    /// The kind of what is sent and answered; nil for the object's own.
    var kind: String? {
        switch self {
        case .status, .log: nil
        case .scale: "Scale"
        case .eviction: "Eviction"
        case .exec: "PodExecOptions"
        case .token: "TokenRequest"
        }
    }

    /// The group of that kind.
    var group: String? {
        switch self {
        case .status, .log: nil
        case .scale: "autoscaling"
        case .eviction: "policy"
        case .exec: ""
        case .token: "authentication.k8s.io"
        }
    }

    var verbs: [Verb] {
        switch self {
        case .status, .scale: [.get, .patch, .update]
        case .log: [.get]
        case .eviction, .token: [.create]
        case .exec: [.create, .get]
        }
    }
}
