// SPDX-License-Identifier: Apache-2.0
internal import CProbe
public import EventModel
internal import Glibc

/// The processes that ran before the probe did, as wire records of kind snapshot.
public enum ProcessSnapshot {
    /// What /proc tells: a record for every process, parents before their children where pids grow; one that ends meanwhile is left out.
    /// Kernel threads are left out too. Of an environment only the entries of these names are kept.
    public static func records(environmentNames: [String]) -> [[UInt8]] { records(environmentNames: environmentNames, leavingOut: []) }

    static func records(environmentNames: [String], leavingOut known: Set<Int32>) -> [[UInt8]] {
        let names = Set(environmentNames.map { Array($0.utf8) })
        let cgroups = CgroupMounts()
        return ProcFile.processes().compactMap { pid in
            known.contains(pid) ? nil : ProcessReading(pid: pid, cgroups: cgroups)?.record(environmentNames: names)
        }
    }

    /// A record as the kernel side wrote it, with the entries of these names out of the environment that /proc tells; as it is when that
    /// cannot be read, and nil when the process has ended meanwhile.
    static func record(_ bytes: ArraySlice<UInt8>, addingEnvironment names: Set<[UInt8]>) -> [UInt8]? {
        guard !names.isEmpty else { return Array(bytes) }
        let fixed = bytes.withUnsafeBytes { $0.loadUnaligned(as: saker_record.self) }
        let environment = ProcessReading.environment(of: fixed.pid, names)
        guard let stat = ProcFile.read("/proc/\(fixed.pid)/stat").flatMap({ StatFile($0) }), stat.start == fixed.start_ns
        else { return nil }
        var blobs = WireRecord.blobs(bytes)
        blobs[Int(SAKER_IMAGE_ENVIRONMENT.rawValue)] = environment
        return WireRecord.bytes(fixed, blobs: blobs)
    }

    /// A process as it is known, as if it had been read from /proc at that time. Its capabilities are not known any more, and of its
    /// cgroups the container.
    public static func record(of node: ProcessNode, at bootTime: UInt64) -> [UInt8] {
        var fixed = saker_record()
        fixed.kind = UInt8(SAKER_SNAPSHOT.rawValue)
        fixed.boot_ns = bootTime
        (fixed.pid, fixed.tid, fixed.ppid, fixed.vpid) = (node.pid, node.pid, node.parent?.pid ?? 0, node.vpid)
        (fixed.session, fixed.vpgid, fixed.tty, fixed.start_ns) = (node.session, node.vpgid, node.tty, node.startTime)
        (fixed.uid, fixed.euid, fixed.gid, fixed.egid) = (node.uid, node.uid, node.gid, node.gid)
        (fixed.loginuid, fixed.cgroup_v2, fixed.cgroup_v1) = (node.loginuid, node.cgroupV2, node.cgroupV1)
        let image = node.image
        fixed.detail.image.flags = UInt32(image.flags.rawValue)
        withUnsafeMutableBytes(of: &fixed.comm) { $0.copyBytes(from: image.name.view.raw.prefix(15)) }
        let texts = [image.exePath, image.argv, image.environment].map { Array($0.view.raw) }
        let cwd = node.cwd.map { Array($0.view.raw) } ?? []
        let group = node.container.map { cgroupPath(of: $0) } ?? []
        return WireRecord.bytes(fixed, blobs: [[]] + texts + [cwd, group, group])
    }

    /// A path that names the container and its pod, in the form of the kubelet, else of Docker.
    private static func cgroupPath(of container: Container) -> [UInt8] {
        Array((container.podUID.map { "/kubepods/pod\($0.text)/" } ?? "/docker/").utf8) + Array(container.id.text.utf8)
    }
}

/// A process as /proc tells it.
private struct ProcessReading {
    private let pid: Int32
    private let stat: StatFile
    private let status: StatusFile
    private let cgroups: CgroupReading

    init?(pid: Int32, cgroups: CgroupMounts) {
        guard let stat = ProcFile.read("/proc/\(pid)/stat").flatMap({ StatFile($0) }), !stat.isKernelThread, !stat.hasEnded,
            let status = ProcFile.read("/proc/\(pid)/status"), let groups = ProcFile.read("/proc/\(pid)/cgroup")
        else { return nil }
        self.pid = pid
        self.stat = stat
        self.status = StatusFile(status)
        self.cgroups = CgroupReading(groups, cgroups)
    }

    func record(environmentNames: Set<[UInt8]>) -> [UInt8]? {
        let exe = ProcFile.link("/proc/\(pid)/exe").map(withoutDeletedMark) ?? []
        let argv = ProcFile.read("/proc/\(pid)/cmdline", limit: Int(SAKER_BLOB_MAX)) ?? []
        let cwd = ProcFile.link("/proc/\(pid)/cwd").map(withoutDeletedMark) ?? []
        let environment = environmentNames.isEmpty ? [] : Self.environment(of: pid, environmentNames)
        // A process that ended while it was read, with its number given to another, would be a mixture.
        guard let again = ProcFile.read("/proc/\(pid)/stat").flatMap({ StatFile($0) }), again.start == stat.start
        else { return nil }
        return WireRecord.bytes(fixed, blobs: [[], exe, argv, environment, cwd, cgroups.pathV2, cgroups.pathV1])
    }

    private var fixed: saker_record {
        var fixed = saker_record()
        fixed.kind = UInt8(SAKER_SNAPSHOT.rawValue)
        fixed.boot_ns = WireDecoder.bootTime()
        fixed.pid = pid
        fixed.tid = pid
        fixed.ppid = stat.parent
        fixed.vpid = status.words("NStgid").last.flatMap { Int32($0) } ?? pid
        fixed.session = stat.session
        fixed.vpgid = status.words("NSpgid").last.flatMap { Int32($0) } ?? stat.group
        fixed.tty = stat.terminal
        fixed.start_ns = stat.start
        (fixed.uid, fixed.euid) = pair("Uid")
        (fixed.gid, fixed.egid) = pair("Gid")
        fixed.loginuid = ProcFile.read("/proc/\(pid)/loginuid").flatMap { UInt32(String(decoding: $0, as: UTF8.self)) } ?? .max
        fixed.cap_effective = status.hexadecimal("CapEff")
        fixed.cap_permitted = status.hexadecimal("CapPrm")
        fixed.cgroup_v2 = cgroups.idV2
        fixed.cgroup_v1 = cgroups.idV1
        withUnsafeMutableBytes(of: &fixed.comm) { $0.copyBytes(from: stat.name.prefix(15)) }
        return fixed
    }

    private func pair(_ name: String) -> (UInt32, UInt32) {
        let words = status.words(name)
        guard words.count >= 2 else { return (.max, .max) }
        return (UInt32(words[0]) ?? .max, UInt32(words[1]) ?? .max)
    }

    static func environment(of pid: Int32, _ names: Set<[UInt8]>) -> [UInt8] {
        let all = ProcFile.read("/proc/\(pid)/environ", limit: 1 << 17) ?? []
        var kept: [UInt8] = []
        for entry in all.split(separator: 0) where names.contains(Array(entry.prefix { $0 != UInt8(ascii: "=") })) {
            guard kept.count + entry.count < Int(SAKER_BLOB_MAX) else { break }
            kept += entry + [0]
        }
        return kept
    }

    // As the probe tells it; a file that never had a directory, such as a memfd, is shown below the root here.
    private func withoutDeletedMark(_ path: [UInt8]) -> [UInt8] {
        let mark = Array(" (deleted)".utf8)
        guard path.suffix(mark.count).elementsEqual(mark) else { return path }
        return Array(path.dropLast(mark.count).dropFirst(path.starts(with: "/memfd:".utf8) ? 1 : 0))
    }
}

/// Writes records as the kernel side does.
enum WireRecord {
    /// The record of a fixed part and its blobs; a blob that is too long is cut and flagged. Version and lengths are filled in.
    static func bytes(_ fixed: saker_record, blobs: [[UInt8]]) -> [UInt8] {
        var fixed = fixed
        let cut = blobs.map { $0.prefix(Int(SAKER_BLOB_MAX)) }
        if zip(cut, blobs).contains(where: { $0.count < $1.count }) { fixed.flags |= UInt8(SAKER_TRUNCATED.rawValue) }
        fixed.version = UInt16(SAKER_WIRE_VERSION)
        fixed.length = UInt32(Int(SAKER_RECORD_HEADER) + cut.reduce(0) { $0 + $1.count })
        withUnsafeMutableBytes(of: &fixed.blob) { lengths in
            for (index, blob) in cut.enumerated() {
                lengths.storeBytes(of: UInt16(blob.count), toByteOffset: index * 2, as: UInt16.self)
            }
        }
        return withUnsafeBytes(of: fixed) { Array($0) } + cut.joined()
    }

    /// Records that stand one behind the other.
    static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var records: [ArraySlice<UInt8>] = [], left = bytes[...]
        while left.count >= Int(SAKER_RECORD_HEADER) {
            let length = Int(left.withUnsafeBytes { $0.loadUnaligned(as: saker_record.self).length })
            guard length >= Int(SAKER_RECORD_HEADER), length <= left.count else { break }
            records.append(left.prefix(length))
            left = left.dropFirst(length)
        }
        return records
    }

    /// Of a whole record.
    static func pid(_ bytes: ArraySlice<UInt8>) -> Int32 { bytes.withUnsafeBytes { $0.loadUnaligned(as: saker_record.self).pid } }

    /// The blobs of a whole record, in order.
    static func blobs(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        let fixed = bytes.withUnsafeBytes { $0.loadUnaligned(as: saker_record.self) }
        var place = bytes.startIndex + Int(SAKER_RECORD_HEADER)
        return withUnsafeBytes(of: fixed.blob) { $0.bindMemory(to: UInt16.self).map { length in
            defer { place += Int(length) }
            return Array(bytes[place..<place + Int(length)])
        } }
    }
}
