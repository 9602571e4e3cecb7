// SPDX-License-Identifier: Apache-2.0

/// The roles that a cluster with role-based access has from its start, as far as clients meet them.
enum SystemRoles {
    static let manifests: [JSON] = [
        role(
            "cluster-admin",
            [["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]], ["nonResourceURLs": ["*"], "verbs": ["*"]]]),
        binding("cluster-admin", Identity.masters),
        role(
            "system:discovery",
            [[
                "nonResourceURLs": [
                    "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version",
                    "/version/",
                ],
                "verbs": ["get"],
            ]]),
        binding("system:discovery", Identity.authenticated),
        role(
            "system:basic-user",
            [
                reviews("authorization.k8s.io", ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
                reviews("authentication.k8s.io", ["selfsubjectreviews"]),
            ]),
        binding("system:basic-user", Identity.authenticated),
        role(
            "system:auth-delegator",
            [reviews("authentication.k8s.io", ["tokenreviews"]), reviews("authorization.k8s.io", ["subjectaccessreviews"])]),
    ]

    private static func role(_ name: String, _ rules: JSON) -> JSON {
        ["kind": "ClusterRole", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": ["name": .string(name)], "rules": rules]
    }

    private static func binding(_ name: String, _ group: String) -> JSON {
        [
            "kind": "ClusterRoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": ["name": .string(name)],
            "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(name)],
            "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": .string(group)]],
        ]
    }

    private static func reviews(_ group: String, _ resources: JSON) -> JSON {
        ["apiGroups": [.string(group)], "resources": resources, "verbs": ["create"]]
    }
}
