// SPDX-License-Identifier: Apache-2.0

/// What the detector knew of a container when it was recorded, beside what records tell of it.
public struct RecordedContainer: Sendable, Hashable, Codable {
    /// Which container: its id, and the pod UID of its cgroup's path.
    public struct Key: Sendable, Hashable, Codable {
        /// The full id.
        public let id: ContainerID
        /// The pod's UID; nil when the path has none.
        public let podUID: PodUID?

        /// Names one.
        public init(id: ContainerID, podUID: PodUID?) {
            self.id = id
            self.podUID = podUID
        }
    }

    /// Two numbers of cgroups, one of each hierarchy; 0 where a hierarchy is not there.
    public struct Cgroups: Sendable, Hashable, Codable {
        /// The number in the v2 hierarchy, and in v1's.
        public let v2: UInt64, v1: UInt64

        /// Names a pair.
        public init(v2: UInt64, v1: UInt64) {
            self.v2 = v2
            self.v1 = v1
        }
    }

    /// A pod as the API server lists it; container and image are empty where the kubelet had not told them.
    public struct ListedPod: Sendable, Hashable, Codable {
        let uid: PodUID
        let name: String
        let namespace: String
        let containerName: String
        let imageRepository: String
        let imageTag: String
    }

    /// Which container.
    public let key: Key
    /// The cgroups that are its own: not every record carries their path.
    public let cgroups: [Cgroups]
    /// Whether somebody was asked who could have known, and had not told.
    public let isUnknown: Bool
    /// What the API server said of its pod.
    public let listedPod: ListedPod?
    /// What its runtime said.
    public let description: ContainerDescription?

    /// What is known of a container now.
    public init(_ container: Container, cgroups: [Cgroups]) {
        self.cgroups = cgroups
        let known = container.known
        key = Key(id: container.id, podUID: container.podUID)
        isUnknown = known.source == .unknown
        listedPod = known.listedPod.map { pod in
            ListedPod(
                uid: pod.uid, name: pod.name.string, namespace: pod.namespace.string, containerName: pod.containerName.string,
                imageRepository: pod.imageRepository.string, imageTag: pod.imageTag.string)
        }
        description = known.facts?.description
    }

    /// The container again. Nobody is waited for.
    public var container: Container {
        let pod = listedPod.map { pod in
            Pod(
                uid: pod.uid, name: pod.name, namespace: pod.namespace, containerName: pod.containerName,
                imageRepository: pod.imageRepository, imageTag: pod.imageTag)
        }
        let container = Container(id: key.id, podUID: key.podUID, pod: pod, facts: description.map { ContainerFacts($0) })
        if isUnknown {
            container.ask(.runtime)
            container.stopWaiting(for: .runtime)
        }
        return container
    }
}

/// Names of users by their numbers: the host's, or those of one container.
public struct RecordedUsers: Sendable, Hashable, Codable {
    /// Whose; nil for the host's.
    public let container: ContainerID?
    /// The names.
    public let names: [UInt32: String]

    /// States them.
    public init(container: ContainerID?, names: [UInt32: String]) {
        self.container = container
        self.names = names
    }
}

/// What a recording holds beside records, so that a replay elsewhere knows what the detector knew.
public struct RecordedKnowledge: Sendable, Hashable, Codable {
    /// The node's name in the cluster.
    public var node: NodeName?
    /// Containers; of one that comes twice the later entry counts.
    public var containers: [RecordedContainer]
    /// Users; of those that come twice the later entry counts.
    public var users: [RecordedUsers]

    /// Brings the parts together.
    public init(node: NodeName? = nil, containers: [RecordedContainer] = [], users: [RecordedUsers] = []) {
        self.node = node
        self.containers = containers
        self.users = users
    }

    /// True when nothing is known.
    public var isEmpty: Bool { node == nil && containers.isEmpty && users.isEmpty }

    /// Adds what was learnt later.
    public mutating func add(_ later: RecordedKnowledge) {
        node = later.node ?? node
        containers += later.containers
        users += later.users
    }
}
