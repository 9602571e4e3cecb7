// SPDX-License-Identifier: Apache-2.0
import Capture
import Delivery
import Detector
import Enrichment
import EventModel
import EventSources
import Foundation
import KubeClient
import RuleLanguage

/// The half that watches: the probe, the outlets of alerts, and the pods that the API server tells of.
final class DetectorHalf: Sendable {
    let run: DetectorRun
    let outlets: LimitedOutlets
    let runCounter = RunCounter()
    /// When it began, in nanoseconds of the clock that only goes forward.
    let began = DispatchTime.now().uptimeNanoseconds
    private let feed: PodFeed?
    private let flights: FlightFolder?
    private let runtimes: RuntimeFeed?
    private let metadata: MetadataDirectory?
    private let own: OwnAlerts
    private let tell: @Sendable (Alert) -> Void

    /// Attaches the probe; from here on events wait in its ring. Throws when the kernel or an outlet refuses.
    init(
        _ configuration: Configuration, _ rules: RuleSet, kube: (any KubeReader)?,
        observe: (@Sendable (ContainerConnect) -> Void)? = nil, deliver: @escaping @Sendable (Alert) -> Void
    ) throws {
        let queues = try Self.outlets(configuration.alerts).map { outlet in
            OutletQueue(outlet) { error in Terminal.complain("saker: \(error)\n") }
        }
        let traces = TraceIDSource()
        let outlets = LimitedOutlets(
            queues, limits: configuration.alerts.limits, now: { DispatchTime.now().uptimeNanoseconds }, nextTrace: { traces.next() })
        self.outlets = outlets
        let host = ProcessInfo.processInfo.hostName
        let node = configuration.nodeName
        // A limit holds back what people are told, never what is answered.
        let tell: @Sendable (Alert) -> Void = { alert in
            outlets.offer(alert)
            deliver(alert)
        }
        self.tell = tell
        own = OwnAlerts(hostname: host, node: node, traces: traces)
        var line = DetectionLine.Settings(
            hostname: host, node: node, matching: configuration.ruleMatching, symlinks: configuration.symlinks, traces: traces,
            patience: UInt64(configuration.metadata.waitMilliseconds) * 1_000_000, observe: observe, deliver: tell)
        flights = try configuration.flights.folder(of: host)
        line.record(configuration.flights, to: flights)
        let pods = PodDirectory()
        feed = kube.map { reader in
            PodFeed(pods, from: reader, node: node) { error in
                Terminal.complain("saker: pods are not known for now: \(error)\n")
            }
        }
        let metadata = configuration.metadata.runtimes.isEmpty ? nil : MetadataDirectory()
        self.metadata = metadata
        runtimes = metadata.map { metadata in
            RuntimeFeed(metadata, from: configuration.metadata.sockets) { error in
                Terminal.complain("saker: containers are not known for now: \(error)\n")
            }
        }
        let settings = DetectorRun.Settings(
            rules: rules, line: line, pods: kube == nil ? nil : pods, metadata: metadata,
            ringBytes: configuration.capture.ringMebibytes << 20, filtering: configuration.capture.filter)
        run = try DetectorRun(settings)
    }

    /// Keeps pods and containers known until cancelled.
    func learn() async {
        async let pods: Void? = feed?.run()
        async let containers: Void? = runtimes?.run()
        _ = await (pods, containers)
    }

    /// Goes on with other rules and limits from the next event on; throws, with the former still in use, when the kernel refuses.
    func use(_ rules: RuleSet, _ limits: [AlertLimit]) throws(CaptureError) {
        try run.use(rules)
        outlets.use(limits)
        complainOfLimits(limits, rules)
    }

    /// Says which limits do not do what they look like.
    func complainOfLimits(_ limits: [AlertLimit], _ rules: RuleSet) {
        for doubt in LimitDoubt.all(of: limits, rules) { Terminal.say("alerts.limits: \(doubt)") }
    }

    /// Every count of things that did not arrive, by reason; zero counts are left out.
    private func losses(_ others: [(reason: String, count: UInt64)], _ drops: DropCounts) -> [(reason: String, count: UInt64)] {
        let all = drops.byReason.map { ("kernel " + $0.reason, $0.count) }
            + [("matches that the kernel filter would have kept back", run.counters.filterFaults.count)]
            + [("undecodable records", run.counters.undecoded.count)] + unknownContainers + others
            + outlets.outlets.flatMap { [("\($0.name) refused", $0.counters.failed), ("\($0.name) queue full", $0.counters.dropped)] }
        return all.filter { $0.1 > 0 }
    }

    private var unknownContainers: [(reason: String, count: UInt64)] {
        [
            ("events judged without their container's metadata, not told in time", run.counters.judgedTooEarly.count),
            ("events judged without their container's metadata, too many waited", run.counters.judgedWithoutRoom.count),
            ("containers asked about later, too many at once", metadata?.refused ?? 0),
        ]
    }

    /// Tells summaries when they are due, says what was lost as soon as it grows, and raises alerts about what the probe could not
    /// tell; looks every second until cancelled.
    func account(_ others: @Sendable () -> [(reason: String, count: UInt64)]) async {
        var said = ""
        var ledger = LossLedger()
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            outlets.tellDue()
            let now = DispatchTime.now().uptimeNanoseconds, drops = run.drops
            runCounter.look(at: now)
            for due in ledger.due(drops, run.floods, at: now) {
                tell(own.alert(due, at: Clock.now))
            }
            let losses = lossText(others(), drops)
            if losses != said, !losses.isEmpty { Terminal.say("lost or cut so far: \(losses)") }
            said = losses
        }
    }

    /// What was lost, in words; empty for nothing.
    func lossText(_ others: [(reason: String, count: UInt64)], _ drops: DropCounts? = nil) -> String {
        losses(others, drops ?? run.drops).map { "\($0.reason) \($0.count)" }.joined(separator: ", ")
    }

    /// Says which parts of the probe are missing.
    func complainOfProbe() {
        for program in run.programs where program.state != .active && program.state != .unneeded {
            Terminal.say("the probe is incomplete:\n" + DoctorCommand.line(program))
        }
    }

    /// Sends what waits for the outlets, and writes the flights that wait, at most that many seconds each.
    func closeOutlets(within seconds: Double) {
        outlets.close(within: seconds)
        flights?.close(within: seconds)
    }

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

extension Configuration {
    /// This node's name in the cluster.
    var nodeName: NodeName { NodeName(node.isEmpty ? ProcessInfo.processInfo.hostName : node) }
}
