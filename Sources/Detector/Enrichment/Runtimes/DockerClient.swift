// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Synchronization
internal import Transport

/// Docker's HTTP API, which Podman speaks too.
struct DockerClient: RuntimeClient {
    private let channel: RuntimeChannel
    private let images = ImageNames()

    init(_ channel: RuntimeChannel) { self.channel = channel }

    var socket: RuntimeSocket { channel.socket }

    func describe(_ container: ContainerID) async throws(RuntimeError) -> ContainerDescription? {
        // The id goes into a path: what is no id is not asked for.
        guard container.text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else { return nil }
        guard let json = try await get("/containers/\(container.text)/json") else { return nil }
        // A container can be named like another's id.
        guard json["Id"]?.string == container.text else { return nil }
        var description = DockerAnswer(json, from: socket).description
        if let image = json["Image"]?.string, image.hasPrefix("sha256:"), let names = await self.names(of: image) {
            DockerAnswer.add(names, to: &description)
        }
        return description
    }

    // What cannot be told of the image is left out: the container's own entry is what matters.
    private func names(of image: String) async -> ImageNames.Names? {
        if let known = images[image] { return known }
        guard let json = try? await get("/images/\(image)/json") else { return nil }
        let names = ImageNames.Names(
            tags: json["RepoTags"]?.array?.compactMap(\.string) ?? [], digests: json["RepoDigests"]?.array?.compactMap(\.string) ?? [])
        images[image] = names
        return names
    }

    func version() async throws(RuntimeError) -> String {
        guard let json = try await get("/version"), let version = json["Version"]?.string else {
            throw RuntimeError(.malformed, "\(socket) does not tell its version")
        }
        let name = json["Components"]?.array?.first?["Name"]?.string ?? socket.kind.rawValue
        return "\(name) \(version)"
    }

    // Nil for 404.
    private func get(_ path: String) async throws(RuntimeError) -> JSONValue? {
        let answer = try await channel.send(.get, path)
        switch answer.status {
        case 200: break
        case 404: return nil
        case _: throw RuntimeError(.refused, "\(socket) answers \(answer.status) to GET \(path)")
        }
        do throws(JSONParser.Malformed) {
            return try JSONParser.parse(answer.body)
        } catch {
            throw RuntimeError(.malformed, "\(socket) answers GET \(path) with what is no JSON: \(error)")
        }
    }
}

/// The names of images by their ids, kept for the next container of the same image.
final class ImageNames: Sendable {
    struct Names: Sendable {
        let tags: [String]
        let digests: [String]
    }

    private static let limit = 256
    private let known = Mutex<[String: Names]>([:])

    subscript(_ image: String) -> Names? {
        get { known.withLock { $0[image] } }
        set {
            known.withLock { known in
                if known.count >= Self.limit { known = [:] }
                known[image] = newValue
            }
        }
    }
}

/// Reads Docker's answer about a container.
struct DockerAnswer {
    let description: ContainerDescription

    init(_ json: JSONValue, from socket: RuntimeSocket) {
        var made = ContainerDescription(source: socket.kind == .podman ? .podman : .docker)
        made.runtime = socket.kind.rawValue
        made.name = (json["Name"]?.string ?? "").withoutPrefix("/")
        made.image = json["Config"]?["Image"]?.string ?? ""
        made.imageID = (json["Image"]?.string ?? "").withoutPrefix("sha256:")
        let host = json["HostConfig"]
        made.isPrivileged = host?["Privileged"]?.bool
        made.sharesHostPID = Self.isHost(host?["PidMode"])
        made.sharesHostNetwork = Self.isHost(host?["NetworkMode"])
        made.sharesHostIPC = Self.isHost(host?["IpcMode"])
        made.mounts = (json["Mounts"]?.array ?? []).map(Self.mount)
        made.labels = (json["Config"]?["Labels"]?.object ?? [:]).compactMapValues(\.string)
        made.address = Self.address(json["NetworkSettings"])
        made.started = Self.time(json["State"]?["StartedAt"]?.string)
        made.pod = PodLabels.pod(in: made.labels)
        description = made
    }

    /// Adds what the image's own entry says: the digest, and a name where the container was made from a bare id.
    static func add(_ names: ImageNames.Names, to description: inout ContainerDescription) {
        let repository = ImageReference(description.image).repository
        // One image can have been pulled by several names.
        let digest = names.digests.first { $0.hasPrefix(repository + "@") } ?? names.digests.first
        description.imageDigest = digest.map { ImageReference($0).digest } ?? ""
        guard repository.isEmpty || description.image.hasPrefix("sha256:") || description.imageID.hasPrefix(repository) else { return }
        if let name = names.tags.first ?? names.digests.first { description.image = name }
    }

    private static func isHost(_ mode: JSONValue?) -> Bool? { mode?.string.map { $0 == "host" } }

    private static func mount(_ json: JSONValue) -> ContainerMount {
        ContainerMount(
            source: json["Source"]?.string ?? "", destination: json["Destination"]?.string ?? "", mode: json["Mode"]?.string ?? "",
            isWritable: json["RW"]?.bool ?? false, propagation: json["Propagation"]?.string ?? "")
    }

    private static func address(_ settings: JSONValue?) -> String {
        if let address = settings?["IPAddress"]?.string, !address.isEmpty { return address }
        let networks = (settings?["Networks"]?.object ?? [:]).sorted { $0.key < $1.key }
        return networks.compactMap { $0.value["IPAddress"]?.string }.first { !$0.isEmpty } ?? ""
    }

    // The year 1 stands for "not started yet".
    private static func time(_ text: String?) -> Timestamp? {
        guard let text, !text.hasPrefix("0001-"), let time = Timestamp(text), time.nanoseconds > 0 else { return nil }
        return time
    }
}

/// The labels by which a kubelet tells a runtime whose container it makes.
enum PodLabels {
    /// The pod; nil when the labels are not there.
    static func pod(in labels: [String: String]) -> ContainerDescription.PodDescription? {
        guard let uid = labels["io.kubernetes.pod.uid"], let name = labels["io.kubernetes.pod.name"],
            let namespace = labels["io.kubernetes.pod.namespace"], !uid.isEmpty
        else { return nil }
        return ContainerDescription.PodDescription(uid: PodUID(uid), name: name, namespace: namespace)
    }
}

extension String {
    /// The text behind that beginning; all of it when it does not begin so.
    func withoutPrefix(_ prefix: String) -> String { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self }
}
