// SPDX-License-Identifier: Apache-2.0
import Capture
import Delivery
import Detector
import Enrichment
import EventModel
import Foundation
import KubeClient
import RuleLanguage

/// The half that watches: the probe, the outlets of alerts, and the pods that the API server tells of.
final class DetectorHalf: Sendable {
    let run: DetectorRun
    private let outlets: [OutletQueue]
    private let feed: PodFeed?

    /// Attaches the probe; from here on events wait in its ring. Throws when the kernel or an outlet refuses.
    init(
        _ configuration: Configuration, _ rules: RuleSet, kube: (any KubeReader)?, alerts: AlertQueue,
        observe: @escaping @Sendable (ContainerConnect) -> Void
    ) throws {
        let outlets = try Self.outlets(configuration.alerts).map { outlet in
            OutletQueue(outlet) { error in Terminal.complain("saker: \(error)\n") }
        }
        self.outlets = outlets
        let host = ProcessInfo.processInfo.hostName
        let line = DetectionLine.Settings(hostname: host, matching: configuration.ruleMatching, observe: observe) { alert in
            for outlet in outlets { outlet.offer(alert) }
            alerts.offer(alert)
        }
        let pods = PodDirectory()
        let node = configuration.node.isEmpty ? host : configuration.node
        feed = kube.map { reader in
            PodFeed(pods, from: reader, node: NodeName(node)) { error in
                Terminal.complain("saker: pods are not known for now: \(error)\n")
            }
        }
        let settings = DetectorRun.Settings(
            rules: rules, line: line, pods: kube == nil ? nil : pods, ringBytes: configuration.capture.ringMebibytes << 20)
        run = try DetectorRun(settings)
    }

    /// Keeps the pods known until cancelled.
    func followPods() async { await feed?.run() }

    /// Every count of things that did not arrive, by reason; zero counts are left out.
    func losses(alerts: AlertQueue) -> [(reason: String, count: UInt64)] {
        let all = run.drops.byReason.map { ("kernel " + $0.reason, $0.count) }
            + [("undecodable records", run.counters.undecoded.count), ("alerts not answered, queue full", alerts.dropped)]
            + outlets.flatMap { [("\($0.name) refused", $0.counters.failed), ("\($0.name) queue full", $0.counters.dropped)] }
        return all.filter { $0.1 > 0 }
    }

    /// Sends what waits for the outlets, at most that many seconds each.
    func closeOutlets(within seconds: Double) { outlets.forEach { $0.close(within: seconds) } }

    private static func outlets(_ settings: Configuration.Alerts) throws -> [any Outlet] {
        var outlets: [any Outlet] = []
        switch settings.stdout {
        case .text: outlets.append(StdoutOutlet(.text))
        case .json: outlets.append(StdoutOutlet(.json))
        case .off: break
        }
        if !settings.file.isEmpty { outlets.append(try FileOutlet(path: settings.file, .json)) }
        return outlets
    }
}
