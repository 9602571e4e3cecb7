// SPDX-License-Identifier: Apache-2.0

/// The kinds that the simulator knows, under their plural names.
enum Resource: String, CaseIterable, Sendable {
    case namespaces, nodes, pods, events
    case replicasets, deployments, statefulsets, daemonsets
    case networkpolicies

    var group: String {
        switch self {
        case .namespaces, .nodes, .pods, .events: ""
        case .replicasets, .deployments, .statefulsets, .daemonsets: "apps"
        case .networkpolicies: "networking.k8s.io"
        }
    }

    var kind: String {
        switch self {
        case .namespaces: "Namespace"
        case .nodes: "Node"
        case .pods: "Pod"
        case .events: "Event"
        case .replicasets: "ReplicaSet"
        case .deployments: "Deployment"
        case .statefulsets: "StatefulSet"
        case .daemonsets: "DaemonSet"
        case .networkpolicies: "NetworkPolicy"
        }
    }

    var shortNames: [String] {
        switch self {
        case .namespaces: ["ns"]
        case .nodes: ["no"]
        case .pods: ["po"]
        case .events: ["ev"]
        case .replicasets: ["rs"]
        case .deployments: ["deploy"]
        case .statefulsets: ["sts"]
        case .daemonsets: ["ds"]
        case .networkpolicies: ["netpol"]
        }
    }

    var isNamespaced: Bool { self != .namespaces && self != .nodes }

    /// Whether `status` is written through its own subresource only.
    var hasStatus: Bool { self != .events && self != .networkpolicies }

    var singular: String { kind.lowercased() }
    var apiVersion: String { group.isEmpty ? "v1" : group + "/v1" }

    /// The name in error messages: `pods`, `deployments.apps`.
    var qualifiedName: String { group.isEmpty ? rawValue : rawValue + "." + group }

    /// The groups that have kinds here, the core group first.
    static let groups = ["", "apps", "networking.k8s.io"]

    init?(kind: String) {
        guard let match = Resource.allCases.first(where: { $0.kind == kind }) else { return nil }
        self = match
    }
}
