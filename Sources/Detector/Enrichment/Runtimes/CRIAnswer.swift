// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Reads `ContainerStatusResponse`; field numbers are those of cri-api's `api.proto`.
struct CRIContainer {
    let id: String
    let description: ContainerDescription
    let sandbox: String?

    init(_ response: ProtobufMessage) throws(ProtobufMessage.Malformed) {
        let status = try response.message(1)
        let info = CRIInfo(try response.map(2))
        id = status.text(1)
        sandbox = info.json["sandboxID"]?.string
        var made = ContainerDescription(source: .cri)
        made.name = try status.message(2).text(1)
        made.image = try status.message(8).text(1)
        let reference = status.text(9)
        made.imageDigest = ImageReference(reference).digest
        // An image without a registry is referred to by its id.
        made.imageID = (status.text(17).isEmpty && made.imageDigest.isEmpty ? reference : status.text(17)).withoutPrefix("sha256:")
        if made.image.hasPrefix("sha256:"), let name = info.imageName { made.image = name }
        made.labels = try status.map(12)
        made.mounts = try status.messages(14).map { Self.mount($0) }
        let started = status.number(5)
        made.started = started > 0 ? Timestamp(nanoseconds: started) : nil
        made.isPrivileged = info.isPrivileged
        made.pod = PodLabels.pod(in: made.labels)
        made.sandbox = sandbox.map { ContainerID($0) }
        description = made
    }

    // enum MountPropagation: private, host to container, bidirectional.
    private static func mount(_ message: ProtobufMessage) -> ContainerMount {
        let propagation = ["private", "rslave", "rshared"]
        let number = Int(clamping: message.number(5))
        return ContainerMount(
            source: message.text(2), destination: message.text(1), mode: "", isWritable: message.number(3) == 0,
            propagation: number < propagation.count ? propagation[number] : "")
    }
}

/// Reads `PodSandboxStatusResponse`.
struct CRISandbox {
    let id: String
    private let pod: ContainerDescription.PodDescription
    private let address: String
    private let networkResult: String
    private let sharesHost: (pid: Bool, network: Bool, ipc: Bool)
    private let started: UInt64

    init(_ response: ProtobufMessage) throws(ProtobufMessage.Malformed) {
        let status = try response.message(1)
        let info = CRIInfo(try response.map(2))
        id = status.text(1)
        let metadata = try status.message(2)
        // The runtime keeps the pod's labels with those that the kubelet adds.
        let labels = try status.map(7).filter { !$0.key.hasPrefix("io.kubernetes.") }
        pod = ContainerDescription.PodDescription(
            uid: PodUID(metadata.text(2)), name: metadata.text(1), namespace: metadata.text(3), labels: labels)
        address = try status.message(5).text(1)
        networkResult = info.json["cniResult"]?.text ?? ""
        // enum NamespaceMode: 2 is the node's.
        let options = try status.message(6).message(1).message(2)
        sharesHost = (options.number(2) == 2, options.number(1) == 2, options.number(3) == 2)
        started = status.number(4)
    }

    /// Adds what a container has of its pod.
    func add(to description: inout ContainerDescription) {
        description.pod = pod.uid.text.isEmpty ? description.pod : pod
        description.address = address
        description.networkResult = networkResult
        description.sharesHostPID = sharesHost.pid
        description.sharesHostNetwork = sharesHost.network
        description.sharesHostIPC = sharesHost.ipc
        description.sandbox = ContainerID(id)
    }

    /// What there is to say of the sandbox's own container.
    func ownDescription(runtime: String) -> ContainerDescription {
        var description = ContainerDescription(source: .cri)
        description.runtime = runtime
        description.name = pod.name
        description.started = started > 0 ? Timestamp(nanoseconds: started) : nil
        add(to: &description)
        return description
    }
}

/// The part of a verbose answer that each runtime writes in its own way, as JSON in a map.
struct CRIInfo {
    let json: JSONValue

    init(_ info: [String: String]) { json = (info["info"]).flatMap { try? JSONParser.parse(Array($0.utf8)) } ?? .null }

    /// containerd repeats the request that made the container; CRI-O says so itself.
    var isPrivileged: Bool? {
        if let privileged = json["privileged"]?.bool { return privileged }
        guard let request = json["config"]?["linux"] else { return nil }
        return request["security_context"]?["privileged"]?.bool ?? false
    }

    /// The name in the request that made the container.
    var imageName: String? {
        let annotations = json["runtimeSpec"]?["annotations"]
        return json["config"]?["image"]?["user_specified_image"]?.string ?? annotations?["io.kubernetes.cri.image-name"]?.string
    }
}
