// SPDX-License-Identifier: Apache-2.0

/// Who told what is known of a container beside its id.
public enum MetadataSource: String, Sendable, Codable, CaseIterable {
    /// A runtime, by the Kubernetes Container Runtime Interface.
    case cri
    /// Docker, by its HTTP API.
    case docker
    /// Podman, by the same API.
    case podman
    /// The Kubernetes API server.
    case kubernetes
    /// The cgroup's path alone: there is nobody to ask.
    case cgroup
    /// Nobody yet: those who were asked have not answered, or do not know it.
    case unknown
}

/// One mount of a container, as its runtime tells it.
public struct ContainerMount: Sendable, Hashable, Codable {
    /// The path on the host.
    public var source: String
    /// The path in the container.
    public var destination: String
    /// The options, such as `ro` or `z`; often empty.
    public var mode: String
    /// True when it can be written.
    public var isWritable: Bool
    /// How mounts below it propagate, such as `rprivate`; empty when it is not told.
    public var propagation: String

    /// States a mount.
    public init(source: String, destination: String, mode: String, isWritable: Bool, propagation: String) {
        self.source = source
        self.destination = destination
        self.mode = mode
        self.isWritable = isWritable
        self.propagation = propagation
    }
}

/// What a runtime says of a container. Texts are empty, and the rest is nil, where it says nothing.
public struct ContainerDescription: Sendable, Hashable, Codable {
    /// Who says it.
    public var source: MetadataSource
    /// The runtime, such as `containerd`.
    public var runtime = ""
    /// The container's name.
    public var name = ""
    /// The image's name as the container was made with it, with tag or digest.
    public var image = ""
    /// The image's id, as hex digits.
    public var imageID = ""
    /// The digest that the image was pulled by, such as `sha256:…`.
    public var imageDigest = ""
    /// Whether it is privileged.
    public var isPrivileged: Bool?
    /// Whether it shares the host's namespaces of processes, network and IPC.
    public var sharesHostPID: Bool?, sharesHostNetwork: Bool?, sharesHostIPC: Bool?
    /// Its mounts, in the runtime's order.
    public var mounts: [ContainerMount] = []
    /// Its labels.
    public var labels: [String: String] = [:]
    /// Its address, or its pod's.
    public var address = ""
    /// What the network plugins said, as JSON.
    public var networkResult = ""
    /// When it was started.
    public var started: Timestamp?
    /// The sandbox of its pod.
    public var sandbox: ContainerID?
    /// The pod that it is part of.
    public var pod: PodDescription?

    /// A pod as a runtime knows it.
    public struct PodDescription: Sendable, Hashable, Codable {
        /// The pod's UID; of a static pod the hash of its file.
        public var uid: PodUID
        /// The pod's name.
        public var name: String
        /// The pod's namespace.
        public var namespace: String
        /// The pod's labels.
        public var labels: [String: String]

        /// States a pod.
        public init(uid: PodUID, name: String, namespace: String, labels: [String: String] = [:]) {
            self.uid = uid
            self.name = name
            self.namespace = namespace
            self.labels = labels
        }
    }

    /// Begins with nothing but who says it.
    public init(source: MetadataSource) { self.source = source }
}
