// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Glibc
internal import Synchronization

/// Names of users: the host's from its passwd file, read at the first look-up and again when the file has changed; a container's from the
/// passwd file in its own root, which may say anything but about uid 0.
public final class UserDirectory: Sendable {
    private struct FileVersion: Equatable {
        let seconds: Int, nanoseconds: Int, inode: UInt
    }

    private struct State {
        var names: [UInt32: String] = [:]
        var version: FileVersion?
        var nextCheck: UInt64 = 0
    }

    private let path: String?
    private let clock: @Sendable () -> UInt64
    private let state = Mutex(State())
    private let containers = ContainerUsers()
    // The names of a recording, when they are from there.
    private let recorded: [ContainerID?: [UInt32: String]]?

    /// Nanoseconds between two checks whether the file has changed.
    static let checkInterval: UInt64 = 1_000_000_000

    /// Names the file, `/etc/passwd` of the host wherever that is mounted, and a clock in nanoseconds. Without a file only root has
    /// a name.
    public init(path: String? = "/etc/passwd", clock: @escaping @Sendable () -> UInt64 = UserDirectory.monotonic) {
        self.path = path
        self.clock = clock
        recorded = nil
    }

    /// Knows the names of a recording, and asks nobody.
    public init(recorded: [RecordedUsers]) {
        path = nil
        clock = { 0 }
        self.recorded = Dictionary(recorded.map { ($0.container, $0.names) }) { _, later in later }
    }

    /// Tells of a program that a container's process executed: the container's own users are read then. Not where there is no host, as
    /// in a replay.
    public func notice(_ process: ProcessNode) {
        guard path != nil, let container = process.container else { return }
        containers.notice(container.id, processes: Self.line(process, container))
    }

    // The process and those above it in its container: at least the first of them should still run.
    private static func line(_ process: ProcessNode, _ container: Container) -> [Int32] {
        var line: [Int32] = []
        var next: ProcessNode? = process
        while let node = next, node.container === container, line.count < 16 {
            line.append(node.pid)
            next = node.parent
        }
        return line
    }

    /// The name of a process's user; nil when nobody vouches for one.
    public func name(of uid: UInt32, in container: ContainerID?) -> String? {
        if let recorded { return recorded[container]?[uid] ?? (uid == 0 ? "root" : nil) }
        if uid != 0, path != nil, let container { return containers.name(of: uid, in: container) }
        guard container == nil, let path else { return uid == 0 ? "root" : nil }
        let now = clock()
        let found = state.withLock { state in
            Self.refresh(path, now, &state)
            return state.names[uid]
        }
        return found ?? (uid == 0 ? "root" : nil)
    }

    /// The host's names, for a recording.
    public var hostNames: RecordedUsers {
        let now = clock()
        let names = state.withLock { state in
            if let path { Self.refresh(path, now, &state) }
            return state.names
        }
        return RecordedUsers(container: nil, names: names)
    }

    /// The names of containers that were told of and read so far, for a recording; of that one only, where one is given.
    public func containerNames(of container: ContainerID? = nil) -> [RecordedUsers] {
        containers.names(of: container).map { RecordedUsers(container: $0, names: $1) }
    }

    private static func refresh(_ path: String, _ now: UInt64, _ state: inout State) {
        guard now >= state.nextCheck else { return }
        state.nextCheck = now + checkInterval
        reload(path, &state)
    }

    /// The kernel's cheap monotonic clock, in nanoseconds.
    public static func monotonic() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func reload(_ path: String, _ state: inout State) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return }
        let now = FileVersion(seconds: facts.st_mtim.tv_sec, nanoseconds: facts.st_mtim.tv_nsec, inode: facts.st_ino)
        guard now != state.version, let bytes = SmallFile.read(path) else { return }
        state.version = now
        state.names = parse(bytes)
    }

    /// Reads `name:password:uid:...` lines; of two lines with one uid the first stands, as in getpwuid.
    static func parse(_ bytes: [UInt8]) -> [UInt32: String] {
        var names: [UInt32: String] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count == 4, !fields[0].isEmpty, let uid = UInt32(String(decoding: fields[2], as: UTF8.self)) else { continue }
            if names[uid] == nil { names[uid] = String(decoding: fields[0], as: UTF8.self) }
        }
        return names
    }
}
