// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// All that the story needs, and its removal.
final class DemoScene: Sendable {
    let run: RunDirectory
    let node: DemoNode
    let cluster: DemoCluster
    private let saker = Mutex<DemoSaker?>(nil)

    /// Makes the node's network and the cluster.
    init(run: RunDirectory, pods: Int) async throws {
        self.run = run
        node = try await offPool { () throws(DemoError) in try DemoNode(run: run) }
        cluster = try await DemoCluster(run: run, pods: pods)
    }

    /// Has the cluster store a pod, starts it and reports it as running.
    func addPod(number: Int, suffix: String) async throws -> DemoPod {
        var random = SystemRandomNumberGenerator()
        let id = (0..<4).map { _ in Self.hexadecimal(random.next()) }.joined()
        let description = try await cluster.schedule(suffix: suffix, containerID: id)
        let node = node
        let pod = try await offPool { () throws(DemoError) in try DemoPod(description, number: number, on: node) }
        try await cluster.report(pod)
        return pod
    }

    /// Starts `saker run` and waits until it watches the kernel and the cluster's pods.
    func startSaker(rules: String, responses: String, cooldown: String = "60s") async throws -> DemoSaker {
        let started = try DemoSaker(run: run, rules: rules, responses: responses, kubeconfig: cluster.kubeconfig, cooldown: cooldown)
        saker.withLock { $0 = started }
        let cluster = cluster
        let came = try await offPool { () throws(DemoError) in
            waitFor(seconds: 30) { (started.isReady && cluster.podsAreWatched) || started.hasEnded }
        }
        guard came, !started.hasEnded else {
            throw DemoError(code: .command, message: "saker run did not come up:\n\(started.output)")
        }
        return started
    }

    /// Ends and removes all but the run's directory, whose credentials go too; what could not be removed.
    func clear() -> [String] {
        var report = Sweeper.Report()
        if saker.withLock({ $0 })?.stop() == false { report.left.append("saker run, which had not ended 10 s after TERM") }
        Sweeper.clear(run.url, &report)
        try? FileManager.default.removeItem(at: cluster.kubeconfig.deletingLastPathComponent())
        return report.left
    }

    /// 16 digits.
    static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
