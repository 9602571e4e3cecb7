// SPDX-License-Identifier: Apache-2.0
internal import CProbe
internal import Glibc

/// `/proc/PID/stat`, of proc(5): the second field is the name in parentheses, which may itself hold blanks and parentheses.
struct StatFile {
    let name: [UInt8]
    private let fields: [Substring]

    init?(_ bytes: [UInt8]) {
        guard let open = bytes.firstIndex(of: UInt8(ascii: "(")), let close = bytes.lastIndex(of: UInt8(ascii: ")")), open < close
        else { return nil }
        name = Array(bytes[(open + 1)..<close])
        fields = String(decoding: bytes[(close + 1)...], as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard fields.count >= 20 else { return nil }
    }

    /// A field by its number in proc(5); the state is 3.
    private func number(_ field: Int) -> Int64 { Int64(fields[field - 3]) ?? 0 }

    var parent: Int32 { Int32(truncatingIfNeeded: number(4)) }
    var group: Int32 { Int32(truncatingIfNeeded: number(5)) }
    var session: Int32 { Int32(truncatingIfNeeded: number(6)) }
    var terminal: UInt32 { UInt32(truncatingIfNeeded: number(7)) }
    /// Nanoseconds since boot, in whole clock ticks.
    var start: UInt64 { UInt64(truncatingIfNeeded: number(22)) * SAKER_TICK_NS }
    /// PF_KTHREAD.
    var isKernelThread: Bool { number(9) & 0x0020_0000 != 0 }
    /// A zombie or dead: its end was told, or came before us.
    var hasEnded: Bool { fields[0] == "Z" || fields[0] == "X" }
}

/// Where the cgroup hierarchies are mounted, from /proc/self/mountinfo.
struct CgroupMounts {
    var v2: String?
    var memory: String?
    var pids: String?

    init() { self.init(mountinfo: ProcFile.read("/proc/self/mountinfo", limit: 1 << 20) ?? []) }

    init(mountinfo: [UInt8]) {
        for line in String(decoding: mountinfo, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let dash = words.firstIndex(of: "-"), words.count > dash + 3, words.count > 4 else { continue }
            let place = String(words[4])
            let options = words[dash + 3].split(separator: ",")
            if words[dash + 1] == "cgroup2", v2 == nil { v2 = place }
            guard words[dash + 1] == "cgroup" else { continue }
            if options.contains("memory"), memory == nil { memory = place }
            if options.contains("pids"), pids == nil { pids = place }
        }
    }
}

/// `/proc/PID/cgroup`: the paths that the probe tells of the same process, and the ids that it gives them.
struct CgroupReading {
    let pathV2: [UInt8]
    let pathV1: [UInt8]
    let idV2: UInt64
    let idV1: UInt64

    init(_ bytes: [UInt8], _ mounts: CgroupMounts) {
        var v2: String?, memory: String?, pids: String?
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let controllers = parts[1].split(separator: ",")
            if parts[0] == "0" { v2 = String(parts[2]) }
            if controllers.contains("memory") { memory = String(parts[2]) }
            if controllers.contains("pids") { pids = String(parts[2]) }
        }
        let v1 = memory ?? pids
        pathV2 = Self.belowRoot(v2)
        pathV1 = Self.belowRoot(v1)
        idV2 = Self.identity(v2, below: mounts.v2)
        idV1 = Self.identity(v1, below: memory != nil ? mounts.memory : mounts.pids)
    }

    private static func belowRoot(_ path: String?) -> [UInt8] { path == "/" || isOutside(path) ? [] : Array((path ?? "").utf8) }

    // A reader in a cgroup namespace of its own, as in a pod, is shown others' cgroups relative to it, without their ancestors' names.
    // Their numbers come with their processes' first events, and the whole path from there.
    private static func isOutside(_ path: String?) -> Bool { path?.hasPrefix("/..") ?? false }

    // The kernel numbers a cgroup by its directory's inode.
    private static func identity(_ path: String?, below mount: String?) -> UInt64 {
        guard let path, let mount, !isOutside(path) else { return 0 }
        var facts = stat()
        return stat(mount + path, &facts) == 0 ? UInt64(facts.st_ino) : 0
    }
}
