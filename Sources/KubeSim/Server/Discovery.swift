// SPDX-License-Identifier: Apache-2.0

/// What the server says about itself, so that kubectl finds the kinds.
enum Discovery {
    static let version: JSON = [
        "major": "1", "minor": "32", "gitVersion": "v1.32.0+kubesim", "gitCommit": "", "gitTreeState": "clean", "buildDate": "",
        "goVersion": "", "compiler": "swift", "platform": "linux/amd64",
    ]

    static let coreVersions: JSON = ["kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []]

    static let groups: JSON = [
        "kind": "APIGroupList", "apiVersion": "v1",
        "groups": .array((Resource.groups.dropFirst() + [RequestTarget.accessReviewGroup]).map(entry)),
    ]

    static func group(_ name: String) -> JSON {
        var group = entry(name)
        group["kind"] = "APIGroup"
        group["apiVersion"] = "v1"
        return group
    }

    static func resources(group: String) -> JSON {
        let resources =
            group == RequestTarget.accessReviewGroup
            ? [accessReview] : Resource.allCases.filter { $0.group == group }.flatMap(entries)
        return [
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(group.isEmpty ? "v1" : group + "/v1"),
            "resources": .array(resources),
        ]
    }

    private static func entry(_ name: String) -> JSON {
        let version: JSON = ["groupVersion": .string(name + "/v1"), "version": "v1"]
        return ["name": .string(name), "versions": [version], "preferredVersion": version]
    }

    private static func entries(_ resource: Resource) -> [JSON] {
        let main: JSON = [
            "name": .string(resource.rawValue), "singularName": .string(resource.singular), "kind": .string(resource.kind),
            "namespaced": .bool(resource.isNamespaced), "shortNames": .array(resource.shortNames.map { .string($0) }),
            "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
            "categories": resource.group == "apps" || resource == .pods ? ["all"] : [],
        ]
        guard resource.hasStatus else { return [main] }
        return [
            main,
            [
                "name": .string(resource.rawValue + "/status"), "singularName": "", "kind": .string(resource.kind),
                "namespaced": .bool(resource.isNamespaced), "verbs": ["get", "patch", "update"],
            ],
        ]
    }

    private static let accessReview: JSON = [
        "name": "selfsubjectaccessreviews", "singularName": "selfsubjectaccessreview", "kind": "SelfSubjectAccessReview",
        "namespaced": false, "verbs": ["create"],
    ]
}
