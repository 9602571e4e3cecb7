// SPDX-License-Identifier: Apache-2.0
import CProbe
import EventModel
import RuleLanguage
import SourceText
import Synchronization
import Testing

@testable import Capture

/// Makes wire records as the kernel side does, for processes of one container unless told otherwise.
struct Wire {
    static let container = String(repeating: "a1", count: 32)
    static let podUID = "0c6a1b7e-53b5-4c1d-9c0f-2f3d4e5a6b7c"
    static let podPath = "/kubepods/burstable/pod\(podUID)/\(container)"

    var clock: UInt64 = 5_000_000_000
    var path = podPath
    var cgroup: UInt64 = 50
    /// What each process is called, once it has executed something.
    private var names: [Int32: String] = [:]

    private mutating func fixed(_ kind: EventKind, _ pid: Int32, parent: Int32, name: String) -> saker_record {
        clock += 1_000
        var fixed = saker_record()
        fixed.kind = kind.rawValue
        fixed.boot_ns = clock
        (fixed.pid, fixed.tid, fixed.ppid, fixed.vpid, fixed.session, fixed.vpgid) = (pid, pid, parent, pid, pid, pid)
        fixed.loginuid = .max
        fixed.start_ns = UInt64(pid) * 10_000_000
        fixed.cgroup_v2 = cgroup
        withUnsafeMutableBytes(of: &fixed.comm) { $0.copyBytes(from: name.utf8.prefix(15)) }
        return fixed
    }

    private func image(_ path: String, _ arguments: [String], environment: [String]) -> [[UInt8]] {
        let texts = [arguments, environment].map { $0.map { $0 + "\0" }.joined() }
        return [path, path, texts[0], texts[1], "/work", self.path, ""].map { Array($0.utf8) }
    }

    mutating func exec(
        _ pid: Int32, parent: Int32 = 1, _ path: String, _ arguments: [String], environment: [String] = [], kind: EventKind = .execve
    ) -> [UInt8] {
        let name = String(path.split(separator: "/").last ?? "")
        names[pid] = name
        return WireRecord.bytes(
            fixed(kind, pid, parent: parent, name: name), blobs: image(path, arguments, environment: environment))
    }

    mutating func open(_ pid: Int32, parent: Int32 = 1, _ path: String, name: String? = nil) -> [UInt8] {
        var record = fixed(.openat, pid, parent: parent, name: name ?? names[pid] ?? "task")
        record.result = 3
        record.detail.open = saker_open()
        record.detail.open.directory = -100
        record.detail.open.file_type = 0o100000
        return WireRecord.bytes(record, blobs: [Array(path.utf8), Array(path.utf8)])
    }

    mutating func connect(_ pid: Int32, to address: UInt32, port: UInt16, result: Int64) -> [UInt8] {
        var record = fixed(.connect, pid, parent: 1, name: names[pid] ?? "task")
        record.result = result
        record.detail.connect = saker_connect()
        record.detail.connect.family = 2
        record.detail.connect.remote_family = 2
        record.detail.connect.type = 1
        record.detail.connect.protocol = 6
        record.detail.connect.remote_port = port
        withUnsafeMutableBytes(of: &record.detail.connect.remote) { $0.storeBytes(of: address.bigEndian, as: UInt32.self) }
        return WireRecord.bytes(record, blobs: [[]])
    }
}

/// Rules written out in a test.
func rules(_ text: String) throws -> RuleSet {
    let file = SourceFile(name: "test.yaml", text: text)
    let result = RuleLoader.load([file])
    return try #require(result.ruleSet, "\(result.diagnostics.rendered(from: [file]))")
}

/// Collects what a line delivers.
final class Collected<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    var all: [Element] { elements.withLock { $0 } }
    func add(_ element: Element) { elements.withLock { $0.append(element) } }
}
