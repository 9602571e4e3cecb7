// SPDX-License-Identifier: Apache-2.0

/// What a runtime says of a container, as the texts that rules compare. Nothing of it changes after it was made.
public final class ContainerFacts: Sendable {
    /// What it was made of.
    public let description: ContainerDescription
    /// The container's name.
    public let name: ByteString
    /// The image with its tag or digest, its name alone, and its tag.
    public let image: ByteString, imageRepository: ByteString, imageTag: ByteString
    /// The image's id and digest.
    public let imageID: ByteString, imageDigest: ByteString
    /// The runtime's name.
    public let runtime: ByteString
    /// The address, and the network plugins' own words.
    public let address: ByteString, networkResult: ByteString
    /// `source:destination:mode:rdwr:propagation` of each mount, and these joined with commas.
    public let mounts: [Mount], allMounts: ByteString
    /// The labels by name, and as `name:value` joined with commas.
    public let labels: [String: ByteString], allLabels: ByteString
    /// The same of the pod's labels.
    public let podLabels: [String: ByteString], allPodLabels: ByteString
    /// The id of the pod's sandbox.
    public let sandbox: ByteString
    /// The pod, if the runtime told one.
    public let pod: Pod?

    /// A mount as texts.
    public struct Mount: Sendable {
        /// The five parts joined with colons.
        public let whole: ByteString
        /// Each part.
        public let source: ByteString, destination: ByteString, mode: ByteString, isWritable: ByteString, propagation: ByteString

        fileprivate init(_ mount: ContainerMount) {
            let canWrite = mount.isWritable ? "true" : "false"
            let parts = [mount.source, mount.destination, mount.mode, canWrite, mount.propagation]
            whole = ByteString(parts.joined(separator: ":"))
            source = ByteString(mount.source)
            destination = ByteString(mount.destination)
            mode = ByteString(mount.mode)
            isWritable = ByteString(canWrite)
            propagation = ByteString(mount.propagation)
        }
    }

    /// Turns a description into texts.
    public init(_ description: ContainerDescription) {
        self.description = description
        let reference = ImageReference(description.image)
        name = ByteString(description.name)
        image = ByteString(description.image)
        imageRepository = ByteString(reference.repository)
        imageTag = ByteString(reference.tag)
        imageID = ByteString(description.imageID)
        imageDigest = ByteString(description.imageDigest.isEmpty ? reference.digest : description.imageDigest)
        runtime = ByteString(description.runtime)
        address = ByteString(description.address)
        networkResult = ByteString(description.networkResult)
        mounts = description.mounts.map { Mount($0) }
        allMounts = ByteString(mounts.map(\.whole.string).joined(separator: ","))
        (labels, allLabels) = Self.texts(description.labels)
        (podLabels, allPodLabels) = Self.texts(description.pod?.labels ?? [:])
        sandbox = ByteString(description.sandbox?.text ?? "")
        pod = description.pod.map { pod in
            Pod(
                uid: pod.uid, name: pod.name, namespace: pod.namespace, containerName: description.name,
                imageRepository: reference.repository, imageTag: reference.tag)
        }
    }

    private static func texts(_ labels: [String: String]) -> ([String: ByteString], ByteString) {
        let sorted = labels.sorted { $0.key < $1.key }.map { $0.key + ":" + $0.value }
        return (labels.mapValues { ByteString($0) }, ByteString(sorted.joined(separator: ",")))
    }
}

/// All that is known of a container beside its id, at one moment: what comes later is another object, so that whoever compares objects
/// by identity sees the change.
public final class ContainerKnowledge: Sendable {
    /// What the API server says of its pod.
    public let listedPod: Pod?
    /// What its runtime says.
    public let facts: ContainerFacts?
    /// Who told the most of it.
    public let source: MetadataSource

    /// Puts together what is known; `isAsked` when somebody was asked who may still answer.
    public init(pod: Pod?, facts: ContainerFacts?, isAsked: Bool) {
        listedPod = pod
        self.facts = facts
        if let facts {
            source = facts.description.source
        } else if let pod, !pod.containerName.view.isEmpty {
            source = .kubernetes
        } else {
            source = isAsked ? .unknown : .cgroup
        }
    }

    /// The pod: the API server's word goes before the runtime's.
    public var pod: Pod? { listedPod ?? facts?.pod }
}
