// SPDX-License-Identifier: Apache-2.0

/// The kinds that the simulator knows, under their plural names.
enum Resource: String, CaseIterable, Sendable {
    case namespaces, nodes, pods, events, services, configmaps, secrets, serviceaccounts, persistentvolumeclaims
    case replicasets, deployments, statefulsets, daemonsets
    case networkpolicies, leases, priorityclasses, poddisruptionbudgets
    case roles, rolebindings, clusterroles, clusterrolebindings
    /// The same events in the words of the newer group, which shares their plural name.
    case groupedEvents = "events.events.k8s.io"
    /// Kinds that others than Kubernetes define: Cilium's by a custom resource, Calico's by an API server of its own.
    case ciliumnetworkpolicies
    case caliconetworkpolicies = "networkpolicies.projectcalico.org"

    /// What the API says of a kind.
    struct Card: Sendable {
        var kind: String
        var group = ""
        var shortNames: [String] = []
        var isNamespaced = true
        var subresources: [Subresource] = []
        var isInAll = false
        var version = "v1"
    }

    var card: Card { Resource.card(of: self) }
    var kind: String { card.kind }
    var group: String { card.group }
    var shortNames: [String] { card.shortNames }
    var isNamespaced: Bool { card.isNamespaced }
    var subresources: [Subresource] { card.subresources }

    /// Whether names may have colons and capitals, as in `system:discovery`.
    var hasPathName: Bool { group == Resource.rbac }

    /// Whether `status` is written through its own subresource only.
    var hasStatus: Bool { subresources.contains(.status) }

    /// The name in paths: `pods`.
    var plural: String {
        if self == .groupedEvents { return "events" }
        return self == .caliconetworkpolicies ? "networkpolicies" : rawValue
    }
    var singular: String { kind.lowercased() }
    var apiVersion: String { group.isEmpty ? card.version : group + "/" + card.version }

    /// Whether its objects' specs are taken as they are, and strategic merge patches of them are not.
    var isCustom: Bool { self == .ciliumnetworkpolicies || self == .caliconetworkpolicies }

    /// The version in which the server has a group; `v1` for a group that it has no kinds of.
    static func version(of group: String) -> String { allCases.first { $0.group == group }?.card.version ?? "v1" }

    /// The kind under which the store keeps its objects.
    var stored: Resource { self == .groupedEvents ? .events : self }

    /// The name in error messages: `pods`, `deployments.apps`.
    var qualifiedName: String { group.isEmpty ? plural : plural + "." + group }

    /// The groups that have kinds here, the core group first.
    static let groups = allCases.reduce(into: [String]()) { groups, resource in
        if !groups.contains(resource.group) { groups.append(resource.group) }
    }

    init?(kind: String, group: String? = nil) {
        guard let match = Resource.allCases.first(where: { $0.kind == kind && (group == nil || $0.group == group) }) else { return nil }
        self = match
    }

    init?(plural: String, group: String) {
        guard let match = Resource.allCases.first(where: { $0.plural == plural && $0.group == group }) else { return nil }
        self = match
    }
}

/// A part of an object that has a path of its own.
enum Subresource: String, Sendable {
    case status, scale, log, eviction, token, exec
}

extension Resource {
    private static let rbac = "rbac.authorization.k8s.io"

    private static func card(of resource: Resource) -> Card {
        switch resource {
        case .namespaces: Card(kind: "Namespace", shortNames: ["ns"], isNamespaced: false, subresources: [.status])
        case .nodes: Card(kind: "Node", shortNames: ["no"], isNamespaced: false, subresources: [.status])
        case .pods: Card(kind: "Pod", shortNames: ["po"], subresources: [.status, .log, .eviction, .exec], isInAll: true)
        case .events: Card(kind: "Event", shortNames: ["ev"])
        case .groupedEvents: Card(kind: "Event", group: "events.k8s.io", shortNames: ["ev"])
        case .services: Card(kind: "Service", shortNames: ["svc"], subresources: [.status], isInAll: true)
        case .configmaps: Card(kind: "ConfigMap", shortNames: ["cm"])
        case .secrets: Card(kind: "Secret")
        case .serviceaccounts: Card(kind: "ServiceAccount", shortNames: ["sa"], subresources: [.token])
        case .persistentvolumeclaims: Card(kind: "PersistentVolumeClaim", shortNames: ["pvc"], subresources: [.status])
        case .replicasets: workload("ReplicaSet", "rs", scales: true)
        case .deployments: workload("Deployment", "deploy", scales: true)
        case .statefulsets: workload("StatefulSet", "sts", scales: true)
        case .daemonsets: workload("DaemonSet", "ds", scales: false)
        case .networkpolicies: Card(kind: "NetworkPolicy", group: "networking.k8s.io", shortNames: ["netpol"])
        case .leases: Card(kind: "Lease", group: "coordination.k8s.io")
        case .priorityclasses: Card(kind: "PriorityClass", group: "scheduling.k8s.io", shortNames: ["pc"], isNamespaced: false)
        case .poddisruptionbudgets: Card(kind: "PodDisruptionBudget", group: "policy", shortNames: ["pdb"], subresources: [.status])
        case .roles: Card(kind: "Role", group: rbac)
        case .rolebindings: Card(kind: "RoleBinding", group: rbac)
        case .clusterroles: Card(kind: "ClusterRole", group: rbac, isNamespaced: false)
        case .ciliumnetworkpolicies: Card(kind: "CiliumNetworkPolicy", group: "cilium.io", shortNames: ["cnp"], version: "v2")
        case .caliconetworkpolicies: Card(kind: "NetworkPolicy", group: "projectcalico.org", shortNames: ["cnp"], version: "v3")
        case .clusterrolebindings: Card(kind: "ClusterRoleBinding", group: rbac, isNamespaced: false)
        }
    }

    private static func workload(_ kind: String, _ shortName: String, scales: Bool) -> Card {
        Card(kind: kind, group: "apps", shortNames: [shortName], subresources: scales ? [.status, .scale] : [.status], isInAll: true)
    }
}
