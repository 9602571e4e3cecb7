// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Glibc

/// Names of the host's users, from its passwd file: read at the first look-up, and again when the file has changed.
///
/// A container has a passwd of its own, which may say anything: there only uid 0 has a name. Owned by the detection thread.
public struct UserDirectory {
    private let path: String
    private var names: [UInt32: ByteString] = [:]
    private var version: FileVersion?
    private var nextCheck: UInt64 = 0
    private let root = ByteString("root")

    private struct FileVersion: Equatable {
        let seconds: Int, nanoseconds: Int, inode: UInt
    }

    /// Nanoseconds between two checks whether the file has changed.
    static let checkInterval: UInt64 = 1_000_000_000

    /// Names the file; `/etc/passwd`, or below the host's root when that is mounted elsewhere.
    public init(path: String = "/etc/passwd") { self.path = path }

    /// The name of a process's user; nil when nobody vouches for one. `bootTime` is the event's, in nanoseconds.
    public mutating func name(of uid: UInt32, in container: Container?, at bootTime: UInt64) -> ByteString? {
        guard container == nil else { return uid == 0 ? root : nil }
        if bootTime >= nextCheck {
            nextCheck = bootTime + Self.checkInterval
            reload()
        }
        return names[uid] ?? (uid == 0 ? root : nil)
    }

    private mutating func reload() {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return }
        let now = FileVersion(seconds: facts.st_mtim.tv_sec, nanoseconds: facts.st_mtim.tv_nsec, inode: facts.st_ino)
        guard now != version, let bytes = SmallFile.read(path) else { return }
        version = now
        names = Self.parse(bytes)
    }

    /// Reads `name:password:uid:...` lines; of two lines with one uid the first stands, as in getpwuid.
    static func parse(_ bytes: [UInt8]) -> [UInt32: ByteString] {
        var names: [UInt32: ByteString] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count == 4, !fields[0].isEmpty, let uid = UInt32(String(decoding: fields[2], as: UTF8.self)) else { continue }
            if names[uid] == nil { names[uid] = ByteString(Array(fields[0])) }
        }
        return names
    }
}
