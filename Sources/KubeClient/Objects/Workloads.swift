// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What keeps pods running: a Deployment, ReplicaSet, StatefulSet or DaemonSet, of which only the kind differs here.
public struct Workload: Sendable, Hashable {
    /// The kinds, spelled as owner references spell them.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case deployment = "Deployment", replicaSet = "ReplicaSet", statefulSet = "StatefulSet", daemonSet = "DaemonSet"

        /// The kind's address.
        public var resource: KubeResource {
            switch self {
            case .deployment: .deployments
            case .replicaSet: .replicaSets
            case .statefulSet: .statefulSets
            case .daemonSet: .daemonSets
            }
        }
    }

    /// How many pods a workload wants and has.
    public struct Replicas: Sendable, Hashable {
        /// Pods wanted: `spec.replicas` (1 when left out, as the server fills in), or a DaemonSet's number of fitting nodes.
        public let desired: Int
        /// Pods that are ready.
        public let ready: Int
    }

    /// Its kind.
    public let kind: Kind
    /// What it says about itself.
    public let metadata: ObjectMeta
    /// Wanted and ready pods.
    public let replicas: Replicas

    /// Reads a whole workload. Throws `decode` when a field that is read has the wrong kind.
    public init(_ kind: Kind, json: JSONValue) throws(KubeError) {
        self.kind = kind
        metadata = try ObjectMeta(of: json)
        let top = try FieldReader(json, kind.rawValue)
        let status = try top.object("status")
        switch kind {
        case .deployment, .replicaSet, .statefulSet:
            let desired = try top.object("spec")?.int("replicas") ?? 1
            replicas = Replicas(desired: Int(desired), ready: Int(try status?.int("readyReplicas") ?? 0))
        case .daemonSet:
            let desired = try status?.int("desiredNumberScheduled") ?? 0
            replicas = Replicas(desired: Int(desired), ready: Int(try status?.int("numberReady") ?? 0))
        }
    }
}

extension KubeReader {
    /// One workload. Throws `notFound` when there is none.
    public func workload(_ kind: Workload.Kind, _ name: String, in namespace: String) async throws(KubeError) -> Workload {
        try Workload(kind, json: try await get(ObjectReference(kind.resource, name, in: namespace)))
    }
}
