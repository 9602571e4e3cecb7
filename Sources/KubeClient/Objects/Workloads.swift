// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// How many pods a workload wants and has.
public struct ReplicaCounts: Sendable, Hashable {
    /// Pods wanted: `spec.replicas` (1 when left out, as the server fills in), or a DaemonSet's number of fitting nodes.
    public let desired: Int
    /// Pods that are ready.
    public let ready: Int
}

/// A ReplicaSet, mostly owned by a Deployment.
public struct ReplicaSet: KubeObject {
    /// ReplicaSets, `apps/v1`.
    public static let resource = KubeResource.replicaSets
    /// What it says about itself.
    public let metadata: ObjectMeta
    /// Wanted and ready pods.
    public let replicas: ReplicaCounts

    /// Reads a whole ReplicaSet.
    public init(json: JSONValue) throws(KubeError) {
        metadata = try ObjectMeta(of: json)
        replicas = try ReplicaCounts(replicasOf: json, "ReplicaSet")
    }
}

/// A Deployment.
public struct Deployment: KubeObject {
    /// Deployments, `apps/v1`.
    public static let resource = KubeResource.deployments
    /// What it says about itself.
    public let metadata: ObjectMeta
    /// Wanted and ready pods.
    public let replicas: ReplicaCounts

    /// Reads a whole Deployment.
    public init(json: JSONValue) throws(KubeError) {
        metadata = try ObjectMeta(of: json)
        replicas = try ReplicaCounts(replicasOf: json, "Deployment")
    }
}

/// A StatefulSet.
public struct StatefulSet: KubeObject {
    /// StatefulSets, `apps/v1`.
    public static let resource = KubeResource.statefulSets
    /// What it says about itself.
    public let metadata: ObjectMeta
    /// Wanted and ready pods.
    public let replicas: ReplicaCounts

    /// Reads a whole StatefulSet.
    public init(json: JSONValue) throws(KubeError) {
        metadata = try ObjectMeta(of: json)
        replicas = try ReplicaCounts(replicasOf: json, "StatefulSet")
    }
}

/// A DaemonSet.
public struct DaemonSet: KubeObject {
    /// DaemonSets, `apps/v1`.
    public static let resource = KubeResource.daemonSets
    /// What it says about itself.
    public let metadata: ObjectMeta
    /// Wanted and ready pods.
    public let replicas: ReplicaCounts

    /// Reads a whole DaemonSet.
    public init(json: JSONValue) throws(KubeError) {
        metadata = try ObjectMeta(of: json)
        let status = try FieldReader(json, "DaemonSet").object("status")
        replicas = ReplicaCounts(
            desired: Int(try status?.int("desiredNumberScheduled") ?? 0), ready: Int(try status?.int("numberReady") ?? 0))
    }
}

extension ReplicaCounts {
    init(replicasOf json: JSONValue, _ kind: String) throws(KubeError) {
        let top = try FieldReader(json, kind)
        desired = Int(try top.object("spec")?.int("replicas") ?? 1)
        ready = Int(try top.object("status")?.int("readyReplicas") ?? 0)
    }
}
