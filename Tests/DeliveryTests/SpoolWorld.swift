// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Synchronization

@testable import Delivery

/// A spool in a folder of its own, and what it told.
final class SpoolWorld: Sendable {
    let folder = FileManager.default.temporaryDirectory.appending(path: "saker-spool-\(UUID().uuidString)").path
    private let kept = Mutex<[String]>([])
    private let clock = Mutex<UInt64>(1_700_000_000_000_000_000)

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var lines: [String] { kept.withLock { $0 } }

    func log(_ line: String) { kept.withLock { $0.append(line) } }

    /// Lets that many seconds pass for the spool.
    func pass(seconds: UInt64) { clock.withLock { $0 += seconds * 1_000_000_000 } }

    func open(_ capacity: Int = 1 << 20) throws -> Spool {
        try Spool(
            Spool.Settings(
                folder: folder, capacity: capacity, now: { [self] in Timestamp(nanoseconds: clock.withLock { $0 }) },
                lossAlert: { losses in
                    var alert = SpoolWorld.alert(9_999, .critical)
                    alert.rule = "lost"
                    alert.fields = Dictionary(uniqueKeysWithValues: losses.map { ($0.key.rawValue, JSONValue.int(Int64($0.value))) })
                    return alert
                }, log: { [weak self] in self?.log($0) }))
    }

    var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".spool") }.sorted()
    }

    func bytes(_ file: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: folder + "/" + file))) }

    func write(_ bytes: [UInt8], to file: String) throws { try Data(bytes).write(to: URL(filePath: folder + "/" + file)) }

    static func alert(_ number: Int, _ priority: Priority = .notice, container: String = "c", output: String = "x") -> Alert {
        let digits = String(number)
        return Alert(
            trace: TraceID(String(repeating: "0", count: 32 - digits.count) + digits),
            time: Timestamp(nanoseconds: 1_700_000_000_000_000_000), rule: "r", priority: priority, source: "syscall", tags: [],
            output: output, fields: [:], hostname: "h", node: "n1", subject: Subject(pid: 1, container: ContainerID(container)))
    }
}

extension Spool.Item {
    var number: Int { Int(trace.text) ?? -1 }
}
