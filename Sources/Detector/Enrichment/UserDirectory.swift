// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Glibc
internal import Synchronization

/// Names of the host's users, from its passwd file: read at the first look-up, and again when the file has changed.
///
/// A container has a passwd of its own, which may say anything: there only uid 0 has a name.
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

    /// Nanoseconds between two checks whether the file has changed.
    static let checkInterval: UInt64 = 1_000_000_000

    /// Names the file, `/etc/passwd` of the host wherever that is mounted, and a clock in nanoseconds. Without a file only root has
    /// a name.
    public init(path: String? = "/etc/passwd", clock: @escaping @Sendable () -> UInt64 = UserDirectory.monotonic) {
        self.path = path
        self.clock = clock
    }

    /// The name of a process's user; nil when nobody vouches for one.
    public func name(of uid: UInt32, in container: ContainerID?) -> String? {
        guard container == nil, let path else { return uid == 0 ? "root" : nil }
        let now = clock()
        let found = state.withLock { state in
            if now >= state.nextCheck {
                state.nextCheck = now + Self.checkInterval
                Self.reload(path, &state)
            }
            return state.names[uid]
        }
        return found ?? (uid == 0 ? "root" : nil)
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
