// SPDX-License-Identifier: Apache-2.0

/// What is known of one process: the process table makes one a thread group and fills it from exec, fork and exit.
///
/// Owned by the detection thread: it is read and written there and nowhere else.
public final class ProcessNode: @unchecked Sendable {
    // Sendable because only the detection thread touches it; what crosses over to the responder is text, in an Alert.
    // Exclusivity is unchecked where every event looks, at each ancestor: no access calls anything that could come back here. The
    // attribute does not reach other modules, so these read through the accessors below.
    /// Thread-group id in the host's pid namespace.
    public let pid: Int32
    /// When it started, nanoseconds since boot.
    public let startTime: UInt64
    /// The process that made it; kept after that one has ended, so that ancestry survives a re-parenting.
    @exclusivity(unchecked) public var parent: ProcessNode?
    /// Thread-group id in its own pid namespace.
    public var vpid: Int32
    /// Process group id in its own pid namespace.
    @exclusivity(unchecked) public var vpgid: Int32
    /// Session id in the host's pid namespace.
    @exclusivity(unchecked) public var session: Int32
    /// Real user and group.
    @exclusivity(unchecked) public var uid: UInt32
    @exclusivity(unchecked) public var gid: UInt32
    /// The login uid, 0xFFFFFFFF when unset.
    @exclusivity(unchecked) public var loginuid: UInt32
    /// Device number of the controlling terminal; 0 for none.
    @exclusivity(unchecked) public var tty: UInt32
    /// The process's program.
    @exclusivity(unchecked) public var image: ImageFacts
    /// When that was put in place, nanoseconds since boot; 0 when unknown.
    public var imageTime: UInt64 = 0
    /// The working directory; nil when unknown.
    public var cwd: ByteString?
    /// Where it runs; nil on the host.
    @exclusivity(unchecked) public var container: Container?
    /// The cgroup ids that `container` was read for, so that a move is noticed.
    @exclusivity(unchecked) public var cgroupV2: UInt64
    @exclusivity(unchecked) public var cgroupV1: UInt64
    /// True once it has ended.
    public var hasExited = false

    /// Makes a node.
    public init(
        pid: Int32, startTime: UInt64, parent: ProcessNode?, vpid: Int32, vpgid: Int32, session: Int32, uid: UInt32, gid: UInt32,
        loginuid: UInt32, tty: UInt32, image: ImageFacts, cwd: ByteString?, container: Container?, cgroupV2: UInt64, cgroupV1: UInt64
    ) {
        self.pid = pid
        self.startTime = startTime
        self.parent = parent
        self.vpid = vpid
        self.vpgid = vpgid
        self.session = session
        self.uid = uid
        self.gid = gid
        self.loginuid = loginuid
        self.tty = tty
        self.image = image
        self.cwd = cwd
        self.container = container
        self.cgroupV2 = cgroupV2
        self.cgroupV1 = cgroupV1
    }
}

extension ProcessNode {
    /// Takes over what may have changed since the last event; true when nothing else has to be learnt: its parent is known, and it is in
    /// the cgroups that it was in.
    public func refresh(from caller: Event.Caller) -> Bool {
        uid = caller.uid
        gid = caller.gid
        loginuid = caller.loginuid
        tty = caller.tty
        session = caller.session
        vpgid = caller.vpgid
        return parent != nil && cgroupV2 == caller.cgroupV2 && cgroupV1 == caller.cgroupV1
    }

    /// True when the process's first thread has another name than its program had: only that one is the process's.
    public func isRenamed(by caller: Event.Caller) -> Bool { caller.tid == caller.pid && !image.name.view.equals(caller.comm) }
}

extension Event {
    /// The process, without counting a reference: good as long as the event keeps it.
    @inlinable public var unretainedProcess: Unmanaged<ProcessNode>? {
        if let process { Unmanaged.passUnretained(process) } else { nil }
    }
}

/// What a walk over the ancestors reads without counting references: good as long as the process keeps it.
extension ProcessNode {
    /// Its program.
    @inlinable public var unretainedImage: Unmanaged<ImageFacts> { Unmanaged.passUnretained(image) }
    /// The process that made it.
    @inlinable public var unretainedParent: Unmanaged<ProcessNode>? {
        if let parent { Unmanaged.passUnretained(parent) } else { nil }
    }
    /// Where it runs.
    @inlinable public var unretainedContainer: Unmanaged<Container>? {
        if let container { Unmanaged.passUnretained(container) } else { nil }
    }
    /// Its session.
    @inlinable public var uncheckedSession: Int32 { session }
}

extension Container {
    /// What is known of it, without counting a reference: good as long as the container keeps it.
    @inlinable public var unretainedKnowledge: Unmanaged<ContainerKnowledge> { Unmanaged.passUnretained(known) }
}

/// A program in memory, owned: shared by a process and the children it forks until they exec, and by others that run the same.
public final class ImageFacts: @unchecked Sendable {
    // Sendable because nothing of it changes after it was made.
    /// The name, up to 15 bytes (`comm`).
    public let name: ByteString
    /// argv[0].
    public let exe: ByteString
    /// The path of the file itself.
    public let exePath: ByteString
    /// argv without argv[0], joined with one blank.
    public let arguments: ByteString
    /// `name`, a blank and `arguments` (`proc.cmdline`).
    public let commandLine: ByteString
    /// argv, each argument ended by NUL.
    public let argv: ByteString
    /// `NAME=value` pairs ended by NUL: only the names that were asked for.
    public let environment: ByteString
    /// What the file is.
    public let flags: Event.Image.Flags

    /// Copies an image out of a record.
    public init(name: ByteView, image: Event.Image) {
        let argv = image.argv
        let first = argv.raw.firstIndex(of: 0) ?? argv.count
        var rest = argv.count > first ? Array(argv.raw[(first + 1)...]) : []
        while rest.last == 0 { rest.removeLast() }
        for index in rest.indices where rest[index] == 0 { rest[index] = 0x20 }
        self.name = ByteString(name)
        exe = ByteString(argv.slice(0, first))
        exePath = ByteString(image.exePath)
        arguments = ByteString(rest)
        commandLine = ByteString(rest.isEmpty ? Array(name.raw) : Array(name.raw) + [0x20] + rest)
        self.argv = ByteString(argv)
        environment = ByteString(image.environment)
        flags = image.flags
    }

    private init(_ image: ImageFacts, name: ByteView) {
        self.name = ByteString(name)
        (exe, exePath, arguments, argv) = (image.exe, image.exePath, image.arguments, image.argv)
        commandLine = ByteString(Array(name.raw) + (arguments.view.isEmpty ? [] : [0x20] + Array(arguments.view.raw)))
        (environment, flags) = (image.environment, image.flags)
    }

    /// The same program under another name, as a process may give itself (prctl, /proc/self/comm).
    public func renamed(_ name: ByteView) -> ImageFacts { ImageFacts(self, name: name) }
}

/// What the API server says of a pod and of one container in it.
public final class Pod: Sendable {
    /// The pod's `metadata.uid`.
    public let uid: PodUID
    /// The pod's `metadata.name`.
    public let name: ByteString
    /// The pod's `metadata.namespace`.
    public let namespace: ByteString
    /// The container's name in the pod's spec.
    public let containerName: ByteString
    /// The container's image as written in the pod's spec, without tag and digest.
    public let imageRepository: ByteString
    /// The image's tag; `latest` when none is written, empty when a digest is.
    public let imageTag: ByteString

    /// Makes a pod from the API's texts.
    public init(uid: PodUID, name: String, namespace: String, containerName: String, imageRepository: String, imageTag: String) {
        self.uid = uid
        self.name = ByteString(name)
        self.namespace = ByteString(namespace)
        self.containerName = ByteString(containerName)
        self.imageRepository = ByteString(imageRepository)
        self.imageTag = ByteString(imageTag)
    }
}
