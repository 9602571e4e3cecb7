// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The texts that a container's runtime tells, as fields name them. One case of `Field` stands for all; which one, an operand says by
/// its number.
public enum ContainerFact: String, CaseIterable, Sendable {
    case fullID = "container.full_id"
    case runtimeName = "container.type"
    /// Ours: who told what is known of the container.
    case metadata = "container.metadata"
    case ip = "container.ip"
    case networkResult = "container.cni.json"
    case label = "container.label"
    case labels = "container.labels"
    case image = "container.image"
    case imageID = "container.image.id"
    case imageDigest = "container.image.digest"
    case mounts = "container.mounts"
    case mount = "container.mount"
    case mountSource = "container.mount.source"
    case mountDestination = "container.mount.dest"
    case mountMode = "container.mount.mode"
    case mountIsWritable = "container.mount.rdwr"
    case mountPropagation = "container.mount.propagation"
    case podID = "k8s.pod.id"
    case sandboxID = "k8s.pod.sandbox_id"
    case fullSandboxID = "k8s.pod.full_sandbox_id"
    case podLabel = "k8s.pod.label"
    case podLabels = "k8s.pod.labels"
    case podIP = "k8s.pod.ip"
    case podNetworkResult = "k8s.pod.cni.json"

    /// Its number, which operands carry.
    var index: Int { Self.indices[self]! }

    /// The fact of that number.
    init(index: Int) { self = Self.allCases[index] }

    private static let indices = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}

extension Operand {
    /// True when its value comes from somebody who is asked about the container, and so may come late.
    var isAsked: Bool {
        switch field {
        case .containerFact: facts.containerFact != .fullID && facts.containerFact != .metadata
        case .containerName, .containerImageRepository, .containerImageTag, .containerIsPrivileged, .containerSharesHostPID,
            .containerSharesHostNetwork, .containerSharesHostIPC, .podNamespace, .podName:
            true
        case _: false
        }
    }
}

/// The fields of the container.
extension FieldReader {
    /// A text of the container; `name` is what stood in brackets.
    func containerText(_ fact: ContainerFact, _ name: ByteView, _ event: Event) -> ByteView? {
        guard let process = event.process else { return nil }
        guard let container = process.container else {
            return fact == .fullID || fact == .runtimeName ? ByteView("host") : nil
        }
        let known = container.known
        switch fact {
        case .fullID: return bytes(of: container.id.text)
        case .metadata: return known.source.bytes
        case .podID: return (container.podUID ?? known.pod?.uid).map { bytes(of: $0.text) }
        case .runtimeName, .ip, .networkResult, .label, .labels, .image, .imageID, .imageDigest, .mounts, .mount, .mountSource,
            .mountDestination, .mountMode, .mountIsWritable, .mountPropagation, .sandboxID, .fullSandboxID, .podLabel, .podLabels,
            .podIP, .podNetworkResult:
            return known.facts.flatMap { told(fact, name, $0) }
        }
    }

    // What a runtime leaves out is null, but for lists, which may be empty.
    private func told(_ fact: ContainerFact, _ name: ByteView, _ facts: ContainerFacts) -> ByteView? {
        switch fact {
        case .runtimeName: facts.runtime.view.unlessEmpty
        case .ip, .podIP: facts.address.view.unlessEmpty
        case .networkResult, .podNetworkResult: facts.networkResult.view.unlessEmpty
        case .label: facts.labels[name.string]?.view
        case .labels: facts.allLabels.view
        case .image: facts.image.view.unlessEmpty
        case .imageID: facts.imageID.view.unlessEmpty
        case .imageDigest: facts.imageDigest.view.unlessEmpty
        case .mounts: facts.allMounts.view
        case .mount: facts.mount(name, by: \.source)?.whole.view
        case .mountSource: facts.mount(name, by: \.destination)?.source.view
        case .mountDestination: facts.mount(name, by: \.source)?.destination.view
        case .mountMode: facts.mount(name, by: \.source)?.mode.view
        case .mountIsWritable: facts.mount(name, by: \.source)?.isWritable.view
        case .mountPropagation: facts.mount(name, by: \.source)?.propagation.view
        case .sandboxID: facts.sandbox.view.unlessEmpty.map { $0.slice(0, min(12, $0.count)) }
        case .fullSandboxID: facts.sandbox.view.unlessEmpty
        case .podLabel: facts.podLabels[name.string]?.view
        case .podLabels: facts.pod.map { _ in facts.allPodLabels.view }
        case .fullID, .metadata, .podID: nil
        }
    }

    /// A container's start in nanoseconds since 1970: that of the first process of its pid namespace, else what its runtime says.
    func containerStart(_ event: Event) -> Int64? {
        guard let container = event.process?.container else { return nil }
        if let start = container.startTime { return Int64(clamping: event.time.nanoseconds &- event.bootTime &+ start) }
        return (container.known.facts?.description.started).map { Int64(clamping: $0.nanoseconds) }
    }

    /// How long the container had run, in nanoseconds.
    func containerDuration(_ event: Event) -> Int64? {
        containerStart(event).map { max(0, Int64(clamping: event.time.nanoseconds) - $0) }
    }

    private func bytes(of string: String) -> ByteView {
        text.clear()
        text.append(string)
        return text.view
    }
}

extension ContainerFacts {
    /// The mount of that number, from 0, or the first whose path matches the glob.
    fileprivate func mount(_ place: ByteView, by path: KeyPath<Mount, ByteString>) -> Mount? {
        if let number = Int(place.string) { return mounts.indices.contains(number) ? mounts[number] : nil }
        return mounts.first { $0[keyPath: path].view.matches(glob: place, folded: false) }
    }
}

extension ByteView {
    fileprivate var unlessEmpty: ByteView? { isEmpty ? nil : self }
}

extension MetadataSource {
    fileprivate var bytes: ByteView {
        switch self {
        case .cri: ByteView("cri")
        case .docker: ByteView("docker")
        case .podman: ByteView("podman")
        case .kubernetes: ByteView("kubernetes")
        case .cgroup: ByteView("cgroup")
        case .unknown: ByteView("unknown")
        }
    }
}
