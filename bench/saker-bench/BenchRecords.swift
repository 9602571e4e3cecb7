// SPDX-License-Identifier: Apache-2.0
import CProbe
import EventModel

/// Wire records of a small container: a shell of it runs, opens a harmless file and connects, and matches no rule of ours.
struct BenchRecords {
    private static let container = String(repeating: "a1", count: 32)
    private static let cgroup = "/kubepods/burstable/pod0c6a1b7e-53b5-4c1d-9c0f-2f3d4e5a6b7c/" + container

    /// The process that all other records are about, as the snapshot tells it.
    static let snapshot = image(.snapshot)
    static let exec = image(.execve)

    static let open: [UInt8] = {
        var record = fixed(.openat)
        record.result = 3
        record.detail.open = saker_open()
        record.detail.open.directory = -100
        record.detail.open.file_type = 0o100000
        record.detail.open.inode = 4711
        return bytes(record, ["data/config.json", "/srv/app/data/config.json"])
    }()

    static let connect: [UInt8] = {
        var record = fixed(.connect)
        record.detail.connect = saker_connect()
        record.detail.connect.descriptor = 5
        (record.detail.connect.family, record.detail.connect.remote_family) = (2, 2)
        (record.detail.connect.type, record.detail.connect.protocol) = (1, 6)
        (record.detail.connect.local_port, record.detail.connect.remote_port) = (40_000, 5432)
        withUnsafeMutableBytes(of: &record.detail.connect.local) { $0.copyBytes(from: [10, 0, 0, 7]) }
        withUnsafeMutableBytes(of: &record.detail.connect.remote) { $0.copyBytes(from: [10, 0, 0, 9]) }
        return bytes(record, [""])
    }()

    private static func image(_ kind: EventKind) -> [UInt8] {
        bytes(fixed(kind), ["/srv/app/server", "/srv/app/server", "server\0--port\08080\0", "", "/srv/app", cgroup, ""])
    }

    private static func fixed(_ kind: EventKind) -> saker_record {
        var record = saker_record()
        record.version = UInt16(SAKER_WIRE_VERSION)
        record.kind = kind.rawValue
        record.boot_ns = 60_000_000_000
        (record.pid, record.tid, record.ppid, record.vpid, record.session, record.vpgid) = (4_000, 4_000, 3_000, 1, 4_000, 1)
        record.loginuid = .max
        record.start_ns = 50_000_000_000
        record.cgroup_v2 = 77
        withUnsafeMutableBytes(of: &record.comm) { $0.copyBytes(from: "server".utf8) }
        return record
    }

    private static func bytes(_ fixed: saker_record, _ blobs: [String]) -> [UInt8] {
        var fixed = fixed
        fixed.length = UInt32(Int(SAKER_RECORD_HEADER) + blobs.reduce(0) { $0 + $1.utf8.count })
        withUnsafeMutableBytes(of: &fixed.blob) { lengths in
            for (index, blob) in blobs.enumerated() {
                lengths.storeBytes(of: UInt16(blob.utf8.count), toByteOffset: index * 2, as: UInt16.self)
            }
        }
        return withUnsafeBytes(of: fixed) { Array($0) } + blobs.flatMap { Array($0.utf8) }
    }
}
