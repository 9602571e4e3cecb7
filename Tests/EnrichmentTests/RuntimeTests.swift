// SPDX-License-Identifier: Apache-2.0
import ContainerRuntimes
import EventModel
import Foundation
import Glibc
import Synchronization
import Testing
import Transport

@testable import Enrichment

private let isEverythingRequired = getenv("SAKER_REQUIRE_ALL").map { String(cString: $0) } == "1"

/// What `make` makes; a test that cannot run here ends as skipped, and fails where all are required.
private func made<Runtime>(_ make: () throws -> Runtime) throws -> Runtime {
    do {
        return try make()
    } catch let missing as RuntimeMissing {
        try #require(!isEverythingRequired, "\(missing)")
        try Test.cancel("\(missing)")
    }
}

/// Asks until the answer is there.
private func answer(_ directory: MetadataDirectory, seconds: Double = 10) async -> (ContainerID, ContainerDescription?)? {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if let first = directory.takeAnswers().first { return first }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return nil
}

@Suite("Container runtimes", .serialized)
struct RuntimeTests {
    @Test("Podman tells a container's name, image, mounts, labels and rights")
    func podman() async throws {
        let podman = try made { try Podman() }
        defer { podman.stop() }
        let path = podman.scratch.path
        let id = ContainerID(
            try podman.run(
                "--detach --name told --label tier=web --volume \(path)/fs:/data:ro --pid host \(RuntimeScratch.image) sleep 100"))
        let client = RuntimeSocket(.podman, podman.socket).connected(by: HTTPClient())
        let found = try #require(try await client.describe(id))
        #expect(found.source == .podman && found.runtime == "podman")
        #expect(found.name == "told")
        #expect(found.image == RuntimeScratch.image)
        #expect(found.imageID.count == 64)
        #expect(found.imageDigest.hasPrefix("sha256:"))
        #expect(found.isPrivileged == false)
        #expect(found.sharesHostPID == true && found.sharesHostNetwork == false)
        #expect(found.labels == ["tier": "web"])
        #expect(found.mounts.contains { $0.source == path + "/fs" && $0.destination == "/data" && !$0.isWritable })
        #expect(found.started != nil)
        #expect(found.pod == nil)
        let facts = ContainerFacts(found)
        #expect(facts.imageRepository.string == "localhost/saker-test" && facts.imageTag.string == "one")
        #expect(try await client.describe(ContainerID(String(repeating: "ab", count: 32))) == nil)
        #expect(try await client.version().contains("4."))
        let privileged = ContainerID(try podman.run("--detach --privileged --name more \(RuntimeScratch.image) sleep 100"))
        #expect(try await client.describe(privileged)?.isPrivileged == true)
    }

    @Test("A service that is away is asked again until it is back, and complained of once")
    func comesBack() async throws {
        let podman = try made { try Podman(serves: false) }
        defer { podman.stop() }
        let id = ContainerID(try podman.run("--detach --name told \(RuntimeScratch.image) sleep 100"))
        // A socket that nobody listens on is what a service leaves that was killed.
        try podman.scratch.shell("python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"\(podman.socket)\")'")
        let directory = MetadataDirectory()
        let complaints = Mutex<[RuntimeError.Code]>([])
        let feed = RuntimeFeed(directory, from: [RuntimeSocket(.podman, podman.socket)]) { error in
            complaints.withLock { $0.append(error.code) }
        }
        let running = Task { await feed.run() }
        #expect(directory.ask(about: id, hint: "libpod"))
        try await Task.sleep(for: .milliseconds(400))
        #expect(!directory.hasAnswers)
        unlink(podman.socket)
        try podman.serve()
        let told = await answer(directory)
        #expect(told?.0 == id && told?.1?.name == "told")
        #expect(complaints.withLock { $0 } == [.unreachable])
        running.cancel()
    }

    @Test("Containers that nobody knows are answered with nothing, soon, also where there is no runtime at all")
    func unknown() async throws {
        let podman = try made { try Podman() }
        defer { podman.stop() }
        let directory = MetadataDirectory()
        let feed = RuntimeFeed(directory, from: [RuntimeSocket(.docker, "/nowhere/docker.sock"), RuntimeSocket(.docker, podman.socket)]) {
            Issue.record("complained of \($0)")
        }
        let running = Task { await feed.run() }
        let id = ContainerID(String(repeating: "ab", count: 32))
        #expect(directory.ask(about: id, hint: ""))
        let told = try #require(await answer(directory, seconds: 5))
        #expect(told.0 == id && told.1 == nil)
        running.cancel()
    }

    @Test("containerd tells a pod's container and its sandbox by CRI: names, image, labels, rights and the pod")
    func containerd() async throws {
        let containerd = try made { try Containerd() }
        defer { containerd.stop() }
        let client = CRIClient(RuntimeChannel(RuntimeSocket(.cri, containerd.socket), HTTPClient()))
        #expect(try await client.version().hasPrefix("containerd 1."))
        let pod = CRIPod(client, containerd)
        let sandbox = try await pod.start()
        let id = try await pod.startContainer(in: sandbox)
        let found = try #require(try await client.describe(ContainerID(id)))
        #expect(found.source == .cri && found.runtime == "containerd")
        #expect(found.name == "app")
        #expect(found.image == RuntimeScratch.image)
        #expect(found.imageID.count == 64)
        #expect(found.isPrivileged == true)
        #expect(found.sharesHostNetwork == true && found.sharesHostPID == false)
        #expect(found.labels["tier"] == "web")
        #expect(found.mounts.contains { $0.source == containerd.scratch.path + "/fs" && $0.destination == "/data" && !$0.isWritable })
        #expect(found.started != nil)
        #expect(found.sandbox?.text == sandbox)
        #expect(found.pod?.name == "web-1" && found.pod?.namespace == "shop" && found.pod?.uid == CRIPod.uid)
        #expect(found.pod?.labels == ["app": "shop-web"])
        let own = try #require(try await client.describe(ContainerID(sandbox)))
        #expect(own.name == "web-1" && own.image.isEmpty && own.pod?.namespace == "shop")
        #expect(try await client.describe(ContainerID(String(repeating: "ab", count: 32))) == nil)
        // A beginning of an id is an id to containerd, and none to us.
        #expect(try await client.describe(ContainerID(String(id.prefix(12)))) == nil)
        try await pod.stop(sandbox)
    }
}

/// A pod on the host's network, which needs no network plugin, made by the calls that a kubelet makes.
private struct CRIPod {
    static let uid: PodUID = "0c6a1b7e-53b5-4c1d-9c0f-2f3d4e5a6b7c"

    private let client: CRIClient
    private let containerd: Containerd
    private let config: ProtobufWriter

    init(_ client: CRIClient, _ containerd: Containerd) {
        self.client = client
        self.containerd = containerd
        config = Self.config(containerd)
    }

    func start() async throws -> String {
        var request = ProtobufWriter()
        request.add(1, config)
        return try #require(try await client.call("RunPodSandbox", request)).text(1)
    }

    func startContainer(in sandbox: String) async throws -> String {
        var made = ProtobufWriter(), image = ProtobufWriter(), metadata = ProtobufWriter(), mount = ProtobufWriter()
        metadata.add(1, "app")
        image.add(1, RuntimeScratch.image)
        mount.add(1, "/data")
        mount.add(2, containerd.scratch.path + "/fs")
        mount.add(3, 1)
        made.add(1, metadata)
        made.add(2, image)
        for word in ["/bin/sleep", "100"] { made.add(3, word) }
        made.add(7, mount)
        made.add(9, Self.entry("tier", "web"))
        var linux = ProtobufWriter(), security = ProtobufWriter()
        security.add(2, 1)
        security.add(3, Self.namespaces)
        linux.add(2, security)
        made.add(15, linux)
        var request = ProtobufWriter()
        request.add(1, sandbox)
        request.add(2, made)
        request.add(3, config)
        let id = try #require(try await client.call("CreateContainer", request)).text(1)
        var start = ProtobufWriter()
        start.add(1, id)
        _ = try await client.call("StartContainer", start)
        return id
    }

    func stop(_ sandbox: String) async throws {
        var request = ProtobufWriter()
        request.add(1, sandbox)
        for method in ["StopPodSandbox", "RemovePodSandbox"] { _ = try await client.call(method, request) }
    }

    // The node's network (2); processes of its own.
    private static var namespaces: ProtobufWriter {
        var options = ProtobufWriter()
        options.add(1, 2)
        options.add(2, 1)
        return options
    }

    private static func entry(_ key: String, _ value: String) -> ProtobufWriter {
        var entry = ProtobufWriter()
        entry.add(1, key)
        entry.add(2, value)
        return entry
    }

    private static func config(_ containerd: Containerd) -> ProtobufWriter {
        var config = ProtobufWriter(), metadata = ProtobufWriter(), linux = ProtobufWriter(), security = ProtobufWriter()
        metadata.add(1, "web-1")
        metadata.add(2, uid.text)
        metadata.add(3, "shop")
        config.add(1, metadata)
        config.add(3, containerd.scratch.path + "/log")
        for (key, value) in [("app", "shop-web"), ("io.kubernetes.pod.name", "web-1"), ("io.kubernetes.pod.uid", uid.text)] {
            config.add(6, entry(key, value))
        }
        linux.add(1, "\(containerd.scratch.cgroup)/kubepods/burstable/pod\(uid.text)")
        security.add(1, namespaces)
        security.add(6, 1)
        linux.add(2, security)
        config.add(8, linux)
        return config
    }
}
