// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Glibc

/// How long the walk takes, from a syscall in the pod to the write in the API server's request log, beside what this machine's disk
/// takes for one fdatasync: two of them, alert and intention, lie on the way.
struct DemoLatency {
    let scene: DemoScene
    let saker: DemoSaker

    /// The figures as one JSON object, times in milliseconds.
    func figures(_ pod: DemoPod, rounds: Int) async throws -> String {
        let walks = try await walks(pod, rounds).sorted(), syncs = try await syncs(rounds).sorted()
        let limit = 3 * Self.share(0.99, of: syncs) + 10
        return try JSONText.line([
            "rounds": Double(rounds), "walk_p50_ms": Self.share(0.5, of: walks), "walk_p99_ms": Self.share(0.99, of: walks),
            "fdatasync_p50_ms": Self.share(0.5, of: syncs), "fdatasync_p99_ms": Self.share(0.99, of: syncs), "walk_p99_aim_ms": limit,
            "saker_run_rss_mib": saker.residentMebibytes.rounded(.up),
        ])
    }

    /// Opens a shell in the pod, waits for the label, takes it off again, and so on; milliseconds each.
    private func walks(_ pod: DemoPod, _ rounds: Int) async throws -> [Double] {
        var found: [Double] = []
        for _ in 0..<rounds {
            let told = scene.cluster.writes(to: pod).count
            let shell = try await offPool { () throws(DemoError) in try pod.execute(["/bin/sh", "-c", ":"]) }
            guard shell.status == 0 else { throw DemoError(code: .command, message: "the shell in the pod ended badly: \(shell.output)") }
            let cluster = scene.cluster
            let came = try await offPool { () throws(DemoError) in waitFor(seconds: 10) { cluster.writes(to: pod).count > told } }
            guard came, let alert = saker.lastAlert() else {
                throw DemoError(code: .story, message: "no label came within 10 s; saker run said:\n\(saker.output.suffix(2_000))")
            }
            found.append(Double(scene.cluster.writes(to: pod)[told] - Int64(alert.time.nanoseconds)) / 1e6)
            // The pod as it was: the cluster's own write, which is in no request log.
            try await cluster.report(pod)
        }
        return found
    }

    /// Appends a block and has the disk keep it, in the folder of the journal; milliseconds each.
    private func syncs(_ rounds: Int) async throws -> [Double] {
        let path = scene.run.file("fdatasync").path
        return try await offPool { () throws(DemoError) in
            let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw DemoError(code: .file, message: "cannot make \(path)") }
            defer { close(file) }
            let block = [UInt8](repeating: 0, count: 4_096)
            return (0..<rounds).map { _ in
                let start = Clock.now
                _ = write(file, block, block.count)
                fdatasync(file)
                return Double(Clock.now.nanoseconds(since: start)) / 1e6
            }
        }
    }

    /// The value that this share of sorted values does not exceed.
    static func share(_ share: Double, of sorted: [Double]) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let place = Int((Double(sorted.count) * share).rounded(.up)) - 1
        return (sorted[min(max(0, place), sorted.count - 1)] * 100).rounded() / 100
    }
}
