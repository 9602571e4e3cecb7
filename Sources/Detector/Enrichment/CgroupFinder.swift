// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Glibc

/// Finds a cgroup's path by its id, for processes whose cgroup no record has told.
///
/// The kernel opens the directory by the id itself (`open_by_handle_at`, CAP_DAC_READ_SEARCH). `/proc/<pid>/cgroup` would not do:
/// when it is read, the process may have moved or its pid may be another's, and a host's cgroup would be taken for a container's.
public struct CgroupFinder: Sendable {
    private let mountV2: String?
    private let mountV1: String?

    /// Reads which hierarchies are mounted where.
    public init() {
        let mounts = Self.mounts(in: SmallFile.read("/proc/self/mounts") ?? [])
        mountV2 = mounts.v2
        mountV1 = mounts.v1
    }

    /// What the paths of two cgroups say of their processes, by the cgroups' numbers; nil when they are gone or no container's.
    public func membership(v2: UInt64, v1: UInt64) -> CgroupMembership? {
        guard let paths = paths(ContainerTable.Cgroups(v2: v2, v1: v1)) else { return nil }
        return paths.v2.withUnsafeBytes { v2 in
            paths.v1.withUnsafeBytes { v1 in CgroupPath.membership(v2: ByteView(v2), v1: ByteView(v1)) }
        }
    }

    /// The paths below the hierarchies' roots; nil when neither is found.
    func paths(_ cgroups: ContainerTable.Cgroups) -> (v2: [UInt8], v1: [UInt8])? {
        let v2 = mountV2.flatMap { Self.path(of: cgroups.v2, below: $0) }
        let v1 = mountV1.flatMap { Self.path(of: cgroups.v1, below: $0) }
        return v2 == nil && v1 == nil ? nil : (v2 ?? [], v1 ?? [])
    }

    /// The mount points of the v2 hierarchy and of v1's memory, else pids controller.
    static func mounts(in table: [UInt8]) -> (v2: String?, v1: String?) {
        var v2: String?, memory: String?, pids: String?
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count > 3 else { continue }
            let options = parts[3].split(separator: ",")
            if parts[2] == "cgroup2" { v2 = v2 ?? String(parts[1]) }
            if parts[2] == "cgroup", options.contains("memory") { memory = memory ?? String(parts[1]) }
            if parts[2] == "cgroup", options.contains("pids") { pids = pids ?? String(parts[1]) }
        }
        return (v2, memory ?? pids)
    }

    private typealias OpenByHandle = @convention(c) (Int32, UnsafeMutableRawPointer, Int32) -> Int32

    // The C library has it, but Swift's module map of it leaves out what needs _GNU_SOURCE.
    private static var openByHandle: OpenByHandle? {
        dlsym(nil, "open_by_handle_at").map { unsafeBitCast($0, to: OpenByHandle.self) }
    }

    private static func path(of id: UInt64, below mount: String) -> [UInt8]? {
        guard id != 0 else { return nil }
        let root = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { return nil }
        defer { close(root) }
        // A struct file_handle: 8 bytes long, of the type FILEID_KERNFS (0xfe), then the id.
        var handle: (bytes: UInt32, type: Int32, id: UInt64) = (8, 0xfe, id)
        let directory = withUnsafeMutableBytes(of: &handle) { raw in
            Self.openByHandle?(root, raw.baseAddress!, O_RDONLY | O_DIRECTORY | O_CLOEXEC) ?? -1
        }
        guard directory >= 0 else { return nil }
        defer { close(directory) }
        guard let whole = SmallFile.target(ofLink: "/proc/self/fd/\(directory)") else { return nil }
        let prefix = Array(mount.utf8)
        return whole.starts(with: prefix) ? Array(whole.dropFirst(prefix.count)) : nil
    }
}

/// Reads files and links that are small and made by the kernel or an administrator.
enum SmallFile {
    /// At most 1 MiB of a file; nil when it cannot be read.
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return contents(of: descriptor)
    }

    /// At most 1 MiB of an open file; nil when it cannot be read.
    static func contents(of descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < 1 << 20 {
            let got = Glibc.read(descriptor, &chunk, chunk.count)
            if got < 0 { return nil }
            if got == 0 { break }
            bytes += chunk[..<got]
        }
        return bytes
    }

    /// Where a symbolic link points to; nil when it cannot be read.
    static func target(ofLink path: String) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
        return length < 0 ? nil : Array(buffer[..<length])
    }
}
