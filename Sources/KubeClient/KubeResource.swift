// SPDX-License-Identifier: Apache-2.0

internal import Transport

/// One kind of object as the API server's addresses spell it.
public struct KubeResource: Sendable, Hashable, CustomStringConvertible {
    /// The API group, such as `apps`; empty for the core group.
    public let group: String
    /// The API version, such as `v1`.
    public let version: String
    /// The plural that addresses use, such as `pods`.
    public let plural: String
    /// The kind that bodies use, such as `Pod`.
    public let kind: String
    /// True when objects of this kind live in a namespace.
    public let isNamespaced: Bool

    /// Names a kind.
    public init(group: String, version: String, plural: String, kind: String, isNamespaced: Bool) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    /// What a body's `apiVersion` says, such as `apps/v1`.
    public var apiVersion: String { group.isEmpty ? version : group + "/" + version }

    /// The plural with its group, as RBAC messages spell it, such as `deployments.apps`.
    public var description: String { group.isEmpty ? plural : plural + "." + group }

    /// The address of the collection, or of one object in it; a nil namespace on a namespaced kind means all namespaces.
    public func path(namespace: String?, name: String? = nil) -> String {
        var parts = group.isEmpty ? ["api", version] : ["apis", group, version]
        if isNamespaced, let namespace { parts += ["namespaces", namespace] }
        parts.append(plural)
        if let name { parts.append(name) }
        return parts.map { "/" + PercentEncoding.encode($0) }.joined()
    }
}

extension KubeResource {
    /// Pods, `v1`.
    public static let pods = core("pods", "Pod")
    /// Nodes, `v1`; not in a namespace.
    public static let nodes = core("nodes", "Node", isNamespaced: false)
    /// Namespaces, `v1`; not in a namespace.
    public static let namespaces = core("namespaces", "Namespace", isNamespaced: false)
    /// Events about objects, `v1`.
    public static let events = core("events", "Event")
    /// Deployments, `apps/v1`.
    public static let deployments = apps("deployments", "Deployment")
    /// ReplicaSets, `apps/v1`.
    public static let replicaSets = apps("replicasets", "ReplicaSet")
    /// StatefulSets, `apps/v1`.
    public static let statefulSets = apps("statefulsets", "StatefulSet")
    /// DaemonSets, `apps/v1`.
    public static let daemonSets = apps("daemonsets", "DaemonSet")
    /// Secrets, `v1`.
    public static let secrets = core("secrets", "Secret")
    /// Services, `v1`.
    public static let services = core("services", "Service")
    /// PodDisruptionBudgets, `policy/v1`.
    public static let podDisruptionBudgets = KubeResource(
        group: "policy", version: "v1", plural: "poddisruptionbudgets", kind: "PodDisruptionBudget", isNamespaced: true)
    /// RoleBindings, `rbac.authorization.k8s.io/v1`.
    public static let roleBindings = rbac("rolebindings", "RoleBinding")
    /// ClusterRoleBindings, `rbac.authorization.k8s.io/v1`; not in a namespace.
    public static let clusterRoleBindings = rbac("clusterrolebindings", "ClusterRoleBinding", isNamespaced: false)
    /// Calico's NetworkPolicies, `projectcalico.org/v3`, which Calico's own API server has.
    public static let calicoNetworkPolicies = KubeResource(
        group: "projectcalico.org", version: "v3", plural: "networkpolicies", kind: "NetworkPolicy", isNamespaced: true)
    /// CiliumNetworkPolicies, `cilium.io/v2`.
    public static let ciliumNetworkPolicies = KubeResource(
        group: "cilium.io", version: "v2", plural: "ciliumnetworkpolicies", kind: "CiliumNetworkPolicy", isNamespaced: true)
    /// Kubernetes' own kinds that an audit event may name by their plural alone, without a group.
    public static let builtIn: [KubeResource] = [
        pods, nodes, namespaces, secrets, core("configmaps", "ConfigMap"), services,
        core("serviceaccounts", "ServiceAccount"), core("persistentvolumeclaims", "PersistentVolumeClaim"),
        deployments, replicaSets, statefulSets, daemonSets, batch("jobs", "Job"), batch("cronjobs", "CronJob"),
        networkPolicies,
        KubeResource(group: "networking.k8s.io", version: "v1", plural: "ingresses", kind: "Ingress", isNamespaced: true),
        podDisruptionBudgets, rbac("roles", "Role"), roleBindings, rbac("clusterroles", "ClusterRole", isNamespaced: false),
        clusterRoleBindings,
    ]

    /// NetworkPolicies, `networking.k8s.io/v1`.
    public static let networkPolicies = KubeResource(
        group: "networking.k8s.io", version: "v1", plural: "networkpolicies", kind: "NetworkPolicy", isNamespaced: true)

    /// SelfSubjectAccessReviews, `authorization.k8s.io/v1`: questions that store nothing.
    static let accessReviews = KubeResource(
        group: "authorization.k8s.io", version: "v1", plural: "selfsubjectaccessreviews", kind: "SelfSubjectAccessReview",
        isNamespaced: false)

    private static func core(_ plural: String, _ kind: String, isNamespaced: Bool = true) -> KubeResource {
        KubeResource(group: "", version: "v1", plural: plural, kind: kind, isNamespaced: isNamespaced)
    }

    private static func rbac(_ plural: String, _ kind: String, isNamespaced: Bool = true) -> KubeResource {
        KubeResource(group: "rbac.authorization.k8s.io", version: "v1", plural: plural, kind: kind, isNamespaced: isNamespaced)
    }

    private static func batch(_ plural: String, _ kind: String) -> KubeResource {
        KubeResource(group: "batch", version: "v1", plural: plural, kind: kind, isNamespaced: true)
    }

    private static func apps(_ plural: String, _ kind: String) -> KubeResource {
        KubeResource(group: "apps", version: "v1", plural: plural, kind: kind, isNamespaced: true)
    }
}

/// One object by address: kind, namespace and name. It says nothing about which life of that name is meant: see `uid` preconditions.
public struct ObjectReference: Sendable, Hashable, CustomStringConvertible {
    /// The kind.
    public let resource: KubeResource
    /// The namespace; nil for kinds that live in none.
    public let namespace: String?
    /// The name.
    public let name: String
    /// The part of the object that is meant, such as `scale`; nil for the object itself.
    public let subresource: String?

    /// Names an object, or a part of one.
    public init(_ resource: KubeResource, _ name: String, in namespace: String?, subresource: String? = nil) {
        self.resource = resource
        self.namespace = resource.isNamespaced ? namespace : nil
        self.name = name
        self.subresource = subresource
    }

    public var description: String {
        resource.description + (subresource.map { "/" + $0 } ?? "") + " " + (namespace.map { $0 + "/" } ?? "") + name
    }
}
