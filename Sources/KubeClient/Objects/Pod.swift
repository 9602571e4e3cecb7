// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A pod.
public struct Pod: KubeObject {
    /// Pods, `v1`.
    public static let resource = KubeResource.pods
    /// What the pod says about itself.
    public let metadata: ObjectMeta
    /// The node it is bound to; nil before it is.
    public let nodeName: String?
    /// True when it uses the node's own network, which no NetworkPolicy can cut.
    public let isHostNetwork: Bool
    /// Its service account; nil when unknown.
    public let serviceAccountName: String?
    /// Its containers as asked for.
    public let containers: [ContainerSpec]
    /// Where it is in its life.
    public let phase: Phase
    /// Its address; nil before it has one.
    public let podIP: String?
    /// Its containers as the kubelet sees them: init, regular and ephemeral ones in this order.
    public let containerStatuses: [ContainerStatus]
    /// True when the kubelet says that it serves (condition `Ready`).
    public let isReady: Bool

    /// Where a pod is in its life.
    public enum Phase: String, Sendable, Hashable {
        case pending = "Pending", running = "Running", succeeded = "Succeeded", failed = "Failed", unknown = "Unknown"
    }

    /// Reads a whole pod.
    public init(json: JSONValue) throws(KubeError) {
        metadata = try ObjectMeta(of: json)
        let top = try FieldReader(json, "Pod")
        let spec = try top.object("spec")
        nodeName = try spec?.string("nodeName")
        isHostNetwork = try spec?.bool("hostNetwork") ?? false
        serviceAccountName = try spec?.string("serviceAccountName")
        var containers: [ContainerSpec] = []
        for container in try spec?.objects("containers") ?? [] { containers.append(try ContainerSpec(container)) }
        self.containers = containers
        let status = try top.object("status")
        phase = Phase(rawValue: try status?.string("phase") ?? "") ?? .unknown
        podIP = try status?.string("podIP")
        containerStatuses = try Self.statuses(status)
        isReady = try status?.objects("conditions")?.contains {
            $0.json["type"]?.string == "Ready" && $0.json["status"]?.string == "True"
        } ?? false
    }

    /// True when one of its containers has that full id.
    public func has(_ container: ContainerID) -> Bool {
        containerStatuses.contains { $0.id == container }
    }

    /// The names of the containers that it asks for or that the kubelet sees.
    var knownContainers: Set<String> { Set(containers.map(\.name) + containerStatuses.map(\.name)) }

    private static func statuses(_ status: FieldReader?) throws(KubeError) -> [ContainerStatus] {
        var result: [ContainerStatus] = []
        for key in ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"] {
            for fields in try status?.objects(key) ?? [] { result.append(try ContainerStatus(fields)) }
        }
        return result
    }
}

/// A container as a pod asks for it.
public struct ContainerSpec: Sendable, Hashable {
    /// Its name in the pod.
    public let name: String
    /// Its image as written; empty when left out.
    public let image: String

    init(_ fields: FieldReader) throws(KubeError) {
        name = try fields.required("name")
        image = try fields.string("image") ?? ""
    }
}

/// A container as the kubelet sees it.
public struct ContainerStatus: Sendable, Hashable {
    /// Its name in the pod.
    public let name: String
    /// Its full id, without the runtime's `containerd://`; nil before it was started.
    public let id: ContainerID?
    /// Its image as the runtime names it; empty when unknown.
    public let image: String
    /// True when it passes its readiness probe.
    public let isReady: Bool
    /// How many lives it had before this one.
    public let restarts: Int

    init(_ fields: FieldReader) throws(KubeError) {
        name = try fields.required("name")
        image = try fields.string("image") ?? ""
        isReady = try fields.bool("ready") ?? false
        restarts = fields.json["restartCount"]?.int.map { Int(clamping: $0) } ?? 0
        id = try fields.string("containerID").flatMap(Self.bareID)
    }

    private static func bareID(_ text: String) -> ContainerID? {
        let id = text.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init) ?? ""
        return id.isEmpty ? nil : ContainerID(id)
    }
}
