// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Glibc

/// Times the responder against a simulated API server in the same process: how long after its acceptance an alert's first request is
/// sent, how many alerts a second are answered, what waiting alerts weigh, and how long the start after a kill -9 takes. Prints JSON.
@main
enum RespondBench {
    static func main() async throws {
        let arguments = CommandLine.arguments
        if arguments.count == 4, arguments[1] == "leave-open", let count = Int(arguments[3]) {
            try await Recovery.leaveOpen(count, in: arguments[2])
        }
        guard arguments.count == 2, let percent = Int(arguments[1]), (1...100).contains(percent) else {
            stop("usage: saker-bench-respond PERCENT (100 for all, less for a quick look)")
        }
        var figures: [String: Double] = [:]
        figures["respond_fdatasync_us"] = try await inFolder { folder in try Disk.fdatasyncMicroseconds(in: folder, times: 200) }
        figures["respond_queued_100000_rss_mib"] = Queued.rssMebibytes(alerts: 1_000 * percent) * 100 / Double(percent)
        for (rate, seconds) in [(1, 20), (100, 10), (1_000, 5)] {
            let count = max(5, rate * seconds * percent / 100)
            let delays = try await Pace.delays(rate: rate, count: count)
            figures["respond_first_request_us_p50_at_\(rate)"] = delays[delays.count / 2]
            figures["respond_first_request_us_p99_at_\(rate)"] = delays[min(delays.count - 1, delays.count * 99 / 100)]
        }
        figures["respond_alerts_per_second"] = try await Pace.sustained(count: max(100, 50 * percent))
        let recovery = try await Recovery.measure(open: max(100, 100 * percent), program: arguments[0])
        figures["respond_recovery_10000_open_ready_ms"] = recovery.readyMilliseconds * 100 / Double(percent)
        figures["respond_recovery_10000_open_closed_ms"] = recovery.closedMilliseconds * 100 / Double(percent)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        print(String(decoding: try encoder.encode(figures.mapValues { ($0 * 10).rounded() / 10 }), as: UTF8.self))
    }

    /// Runs `body` with a folder that is gone afterwards; on the disk, since a file system in memory syncs nothing.
    static func inFolder<Value>(_ body: @Sendable (String) async throws -> Value) async throws -> Value {
        let folder = "/var/tmp/saker-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }

    static func stop(_ reason: String) -> Never {
        FileHandle.standardError.write(Data(("saker-bench-respond: " + reason + "\n").utf8))
        exit(1)
    }
}

/// What this machine's disk takes for one durable write, the floor of every acceptance.
enum Disk {
    static func fdatasyncMicroseconds(in folder: String, times: Int) throws -> Double {
        let file = open(folder + "/probe", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { RespondBench.stop("cannot write into \(folder)") }
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4_096)
        var spent: [Double] = []
        for turn in 0..<times {
            let began = ContinuousClock.now
            guard pwrite(file, block, block.count, off_t(turn * block.count)) == block.count, fdatasync(file) == 0 else {
                RespondBench.stop("the disk took no write")
            }
            spent.append((ContinuousClock.now - began).microseconds)
        }
        return spent.sorted()[times / 2]
    }
}

extension Duration {
    var microseconds: Double { Double(components.seconds) * 1e6 + Double(components.attoseconds) / 1e12 }
}
