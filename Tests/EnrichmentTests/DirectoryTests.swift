// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Glibc
import KubeClient
import Synchronization
import Testing

@testable import Enrichment

private let a = ContainerID(String(repeating: "a1", count: 32))
private let b = ContainerID(String(repeating: "b2", count: 32))
private let uid = PodUID("0c6a1b7e-53b5-4c1d-9c0f-2f3d4e5a6b7c")

private func pod(_ name: String, uid: PodUID, container: ContainerID?, hash: String? = nil) -> JSONValue {
    var status: [String: JSONValue] = ["name": "web", "image": "docker.io/library/nginx:1.27", "ready": true]
    if let container { status["containerID"] = .string("containerd://" + container.text) }
    var metadata: [String: JSONValue] = ["name": .string(name), "namespace": "shop", "uid": .string(uid.text)]
    if let hash { metadata["annotations"] = ["kubernetes.io/config.hash": .string(hash)] }
    return [
        "kind": "Pod", "metadata": .object(metadata),
        "spec": ["containers": [["name": "web", "image": "registry.example:5000/shop/web:1.2"]]],
        "status": ["phase": "Running", "containerStatuses": [.object(status)]],
    ]
}

@Suite("The pod directory")
struct PodDirectoryTests {
    @Test("A container's pod is found with its image as the pod's spec writes it")
    func found() {
        let directory = PodDirectory()
        directory.replaceAll([pod("web-1", uid: uid, container: a)])
        let found = directory.pod(of: a, podUID: uid)
        #expect(found?.name.string == "web-1")
        #expect(found?.namespace.string == "shop")
        #expect(found?.containerName.string == "web")
        #expect(found?.imageRepository.string == "registry.example:5000/shop/web")
        #expect(found?.imageTag.string == "1.2")
        #expect(directory.pod(of: a, podUID: nil)?.uid == uid)
    }

    @Test("A pod UID in the cgroup path decides: another pod that claims the container is not believed")
    func claimed() {
        let directory = PodDirectory()
        directory.replaceAll([pod("liar", uid: "22222222-2222-3333-4444-555555555555", container: a)])
        #expect(directory.pod(of: a, podUID: uid) == nil)
    }

    @Test("A pod whose container is not told of yet gives its name alone")
    func notYet() {
        let directory = PodDirectory()
        directory.replaceAll([pod("web-1", uid: uid, container: nil)])
        #expect(directory.pod(of: a, podUID: uid)?.name.string == "web-1")
        #expect(directory.pod(of: a, podUID: uid)?.containerName.string == "")
        #expect(directory.pod(of: a, podUID: nil) == nil)
        directory.update(pod("web-1", uid: uid, container: a))
        #expect(directory.pod(of: a, podUID: uid)?.containerName.string == "web")
    }

    @Test("A static pod is found by the hash that its cgroup carries, and keeps the API's UID")
    func staticPod() {
        let directory = PodDirectory()
        let hash = "0123456789abcdef0123456789abcdef"
        directory.replaceAll([pod("etcd-node", uid: uid, container: a, hash: hash)])
        #expect(directory.pod(of: a, podUID: PodUID(hash))?.uid == uid)
    }

    @Test("A removed pod and a restarted container are forgotten")
    func removed() {
        let directory = PodDirectory()
        directory.replaceAll([pod("web-1", uid: uid, container: a)])
        directory.update(pod("web-1", uid: uid, container: b))
        #expect(directory.pod(of: a, podUID: nil) == nil)
        #expect(directory.pod(of: b, podUID: nil) != nil)
        directory.remove(uid)
        #expect(directory.pod(of: b, podUID: uid) == nil)
        #expect(directory.count == 0)
    }

    @Test("The process table asks again for a pod, not more often than every 200 ms")
    func retry() {
        var tell = Teller()
        let directory = PodDirectory()
        var table = ProcessTable(limit: 100, pods: directory) { _ in nil }
        let caller = tell.caller(100, cgroup: 50)
        let node = table.told(tell.exec(caller, "/bin/sh", v2: "/kubepods/pod\(uid.text)/\(a.text)"))
        _ = table.told(tell.open(caller))
        directory.replaceAll([pod("web-1", uid: uid, container: a)])
        tell.clock += 100_000_000
        _ = table.told(tell.open(caller))
        #expect(node.container?.pod == nil)
        tell.clock += 100_000_000
        _ = table.told(tell.open(caller))
        #expect(node.container?.pod?.name.string == "web-1")
    }

    @Test("A container in a user's own cgroups is never given a pod, even with the id of one")
    func impersonation() {
        var tell = Teller()
        let directory = PodDirectory()
        directory.replaceAll([pod("web-1", uid: uid, container: a)])
        var table = ProcessTable(limit: 100, pods: directory) { _ in nil }
        let path = "/user.slice/user-1000.slice/user@1000.service/kubepods/pod\(uid.text)/\(a.text)"
        let node = table.told(tell.exec(tell.caller(100, cgroup: 50), "/bin/sh", v2: path))
        tell.clock += 1_000_000_000
        _ = table.told(tell.open(tell.caller(100, cgroup: 50)))
        #expect(node.container?.id == a)
        #expect(node.container?.podUID == nil)
        #expect(node.container?.pod == nil)
    }
}

@Suite("The pod feed")
struct PodFeedTests {
    /// An API server in a few lines: one list, then the changes it is given, then `gone` so that the list is read again.
    private final class Script: KubeReader {
        let changes: [WatchEvent]
        let lists = Mutex(0)
        let selector = Mutex("")

        init(changes: [WatchEvent]) { self.changes = changes }

        func get(_ object: ObjectReference) async throws(KubeError) -> JSONValue { throw KubeError(.notFound, "no such object") }

        func list(_ resource: KubeResource, in namespace: String?, _ options: ListOptions) async throws(KubeError) -> ObjectList {
            selector.withLock { $0 = options.fieldSelector ?? "" }
            let count = lists.withLock { count in
                count += 1
                return count
            }
            return ObjectList(items: count == 1 ? [pod("web-1", uid: uid, container: a)] : [], resourceVersion: "\(count)")
        }

        func watch(
            _ resource: KubeResource, in namespace: String?, _ options: ListOptions, after resourceVersion: String,
            _ handle: @Sendable (WatchEvent) async -> Void
        ) async throws(KubeError) -> Never {
            guard resourceVersion == "1" else { throw KubeError(.cancelled, "the test is over") }
            for change in changes { await handle(change) }
            throw KubeError(.gone, "too old")
        }

        func review(_ call: KubeCall) async throws(KubeError) -> AccessReview { AccessReview(isAllowed: true) }

        func log(of pod: ObjectReference, _ selection: LogSelection) async throws(KubeError) -> [UInt8] {
            throw KubeError(.notFound, "no such pod")
        }
    }

    @Test("It lists, follows the changes, and lists again when the version is too old")
    func follows() async {
        let directory = PodDirectory()
        let seen = Mutex<[Int]>([])
        let script = Script(changes: [
            .added(pod("web-2", uid: "22222222-2222-3333-4444-555555555555", container: b)), .bookmark("7"),
            .deleted(pod("web-1", uid: uid, container: a)),
        ])
        let feed = PodFeed(directory, from: script, node: "node-1") { error in seen.withLock { $0.append(1) } }
        await feed.run()
        #expect(script.lists.withLock { $0 } == 2)
        #expect(script.selector.withLock { $0 } == "spec.nodeName=node-1")
        #expect(directory.count == 0)
        #expect(seen.withLock { $0.isEmpty })
    }
}

@Suite("An image's name")
struct ImageReferenceTests {
    @Test(
        "It is taken apart at the right places",
        arguments: [
            ("nginx", "nginx", "latest", ""), ("nginx:1.27", "nginx", "1.27", ""),
            ("registry:5000/shop/web", "registry:5000/shop/web", "latest", ""),
            ("registry:5000/shop/web:1.2", "registry:5000/shop/web", "1.2", ""),
            ("registry:5000/shop/web:1.2@sha256:ab", "registry:5000/shop/web", "1.2", "sha256:ab"),
            ("web@sha256:ab", "web", "", "sha256:ab"), ("", "", "", ""),
        ])
    func parts(text: String, repository: String, tag: String, digest: String) {
        let reference = ImageReference(text)
        #expect(reference.repository == repository)
        #expect(reference.tag == tag)
        #expect(reference.digest == digest)
    }
}

@Suite("The host's users")
struct UserDirectoryTests {
    @Test("A container's users are named by the passwd file in its own root, but for root", .enabled(if: geteuid() == 0, "needs root"))
    func container() throws {
        let root = NSTemporaryDirectory() + "root-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: root + "/etc", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "/bin/busybox", toPath: root + "/busybox")
        try "liar:x:0:0::/:\napp:x:1000:1000::/:\n".write(toFile: root + "/etc/passwd", atomically: true, encoding: .utf8)
        let process = Process(), input = Pipe(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/chroot")
        process.arguments = [root, "/busybox", "sh", "-c", "echo; read line"]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        _ = output.fileHandleForReading.availableData
        let users = ContainerUsers()
        #expect(users.name(of: 1000, in: a) == nil)
        users.notice(a, processes: [process.processIdentifier])
        // The first question waits for the reading; a slow machine is asked again.
        let deadline = Date(timeIntervalSinceNow: 5)
        while users.name(of: 1000, in: a) == nil, Date() < deadline { usleep(1_000) }
        #expect(users.name(of: 1000, in: a) == "app")
        #expect(users.name(of: 1001, in: a) == nil)
        #expect(UserDirectory().name(of: 0, in: a) == "root")
        // A process that has the host's root still says nothing of a container.
        users.notice(b, processes: [getpid()])
        #expect(users.name(of: 0, in: b) == nil)
        input.fileHandleForWriting.closeFile()
        process.waitUntilExit()
    }

    @Test("Names come from the file, are read again when it changes, and not for a container's users")
    func names() throws {
        let path = NSTemporaryDirectory() + "passwd-\(UUID().uuidString)"
        defer { unlink(path) }
        try "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000:Alice:/:/bin/sh\nother:x:1000:1::/:\nbroken\nx:y:z:w\n"
            .write(toFile: path, atomically: true, encoding: .utf8)
        let now = Atomic<UInt64>(0)
        let users = UserDirectory(path: path) { now.load(ordering: .relaxed) }
        #expect(users.name(of: 1000, in: nil) == "alice")
        #expect(users.name(of: 1001, in: nil) == nil)
        #expect(users.name(of: 0, in: a) == "root")
        #expect(users.name(of: 1000, in: a) == nil)
        try "bob:x:1001:1001::/:/bin/sh\n".write(toFile: path, atomically: true, encoding: .utf8)
        now.store(999_999_999, ordering: .relaxed)
        #expect(users.name(of: 1001, in: nil) == nil)
        now.store(1_000_000_000, ordering: .relaxed)
        #expect(users.name(of: 1001, in: nil) == "bob")
        #expect(users.name(of: 0, in: nil) == "root")
    }

    @Test("A file that is not there names nobody but root")
    func missing() {
        for path in ["/nonexistent/passwd", nil] {
            let users = UserDirectory(path: path) { 0 }
            #expect(users.name(of: 0, in: nil) == "root")
            #expect(users.name(of: 1000, in: nil) == nil)
        }
    }
}

@Suite("Finding a cgroup by its id")
struct CgroupFinderTests {
    @Test("The mounts tell where the hierarchies are; memory goes before pids")
    func mounts() {
        let hybrid = CgroupFinder.mounts(
            in: Array("cgroup /c/pids cgroup rw,pids 0 0\ncgroup /c/memory cgroup rw,memory 0 0\ncgroup2 /c/unified cgroup2 rw 0 0\n".utf8))
        #expect(hybrid.v2 == "/c/unified")
        #expect(hybrid.v1 == "/c/memory")
        let unified = CgroupFinder.mounts(in: Array("cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n".utf8))
        #expect(unified.v2 == "/sys/fs/cgroup")
        #expect(unified.v1 == nil)
    }

    @Test("A cgroup that was made is found by its inode number, and no more once it is removed")
    func live() throws {
        let mounts = CgroupFinder.mounts(in: SmallFile.read("/proc/self/mounts") ?? [])
        guard let mount = mounts.v2, geteuid() == 0 else { return Skip.because("no cgroup v2 mount, or not root") }
        let name = "/saker-test-\(UUID().uuidString)"
        guard mkdir(mount + name, 0o755) == 0 else { return Skip.because("cannot make a cgroup in \(mount)") }
        var facts = stat()
        #expect(stat(mount + name, &facts) == 0)
        let cgroups = ContainerTable.Cgroups(v2: UInt64(facts.st_ino), v1: 0)
        #expect(CgroupFinder().paths(cgroups)?.v2 == Array(name.utf8))
        #expect(rmdir(mount + name) == 0)
        #expect(CgroupFinder().paths(cgroups) == nil)
    }
}

/// A live test that cannot run here says why; where all must run (`SAKER_REQUIRE_ALL=1`), that is a failure.
enum Skip {
    static func because(_ reason: String) {
        if ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1" { Issue.record("skipped: \(reason)") }
        print("skipped: \(reason)")
    }
}
