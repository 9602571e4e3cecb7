// SPDX-License-Identifier: Apache-2.0
import Actions
import Capture
import Detector
import Enrichment
import Foundation
import Guardrails
import KubeClient
import Responder
import ResponseLanguage
import RuleLanguage

/// `saker run`, from start to stop: both halves in one process, joined by a bounded queue of alerts.
struct SakerRun {
    let configuration: Configuration
    /// How long to wait for another responder to let go of the journal.
    var patience = Duration.zero
    /// Reads the configuration again, for a reload.
    let readAgain: @Sendable () throws -> Configuration

    // TERM promises an end within 10 s; the answers under way get most of it, the outlets the rest.
    private static let drainSeconds = 7.0
    private static let outletSeconds = 1.0

    /// Runs until TERM or INT. Throws when it cannot start: nothing is watched or done then.
    func run() async throws {
        let signals = SignalStream(watching: configuration.mounted)
        let rules = try Loading.rules(configuration)
        let playbooks = try Loading.playbooks(configuration)
        let client = configuration.kubernetes.enabled ? try Loading.cluster(configuration.kubernetes) : nil
        let alerts = AlertQueue()
        let responder = try await ResponderHalf(configuration, playbooks, client ?? NoCluster(), alerts, patience: patience)
        let detector = try DetectorHalf(configuration, rules, kube: client, alerts: alerts) { responder.observe($0) }
        let backlog = try await responder.line.takeUp()
        if !backlog.isEmpty { say("\(backlog.count) alerts of an earlier run are not answered to the end and are taken up again") }

        let answering = Task { await responder.answer(resuming: backlog) }
        let delivering = Task { await responder.deliver() }
        let judging = Task { await responder.judgeConnections() }
        let following = Task { await detector.followPods() }
        let accounting = Task { await Self.account(detector, alerts) }
        detector.run.start()
        greet(detector, rules, playbooks)

        await obey(signals.signals, detector, responder)

        signals.cancel()
        detector.run.stop()
        await detector.run.ended()
        alerts.finish()
        let isDrained = await Self.ends(answering, within: Self.drainSeconds)
        judging.cancel()
        following.cancel()
        accounting.cancel()
        delivering.cancel()
        detector.closeOutlets(within: Self.outletSeconds)
        await responder.close()
        client?.shutDown()
        Self.farewell(detector, alerts, isDrained: isDrained)
    }

    /// Reloads at HUP, returns at TERM or INT.
    private func obey(_ signals: AsyncStream<SignalStream.Signal>, _ detector: DetectorHalf, _ responder: ResponderHalf) async {
        for await signal in signals {
            switch signal {
            case .stop: return
            case .reload: reload(detector, responder)
            }
        }
    }

    /// Swaps rules, playbooks and guardrails when all of them are right; keeps all of them when anything is wrong.
    private func reload(_ detector: DetectorHalf, _ responder: ResponderHalf) {
        do {
            let fresh = try readAgain()
            let rules = try Loading.rules(fresh), playbooks = try Loading.playbooks(fresh)
            try detector.run.use(rules)
            responder.line.replace(ResponsePolicy(playbooks: playbooks, guardrails: fresh.guardrailSettings))
            let enabled = rules.rules.filter(\.enabled).count
            say("reloaded: \(enabled) rules, \(playbooks.playbooks.count) playbooks, mode \(fresh.mode.rawValue)")
        } catch {
            say("NOT reloaded, the former rules and playbooks stay in force:\n\(error)")
        }
    }

    private func greet(_ detector: DetectorHalf, _ rules: RuleSet, _ playbooks: PlaybookSet) {
        for program in detector.run.programs where program.state != .active && program.state != .unneeded {
            say("the probe is incomplete:\n" + DoctorCommand.line(program))
        }
        let mode = configuration.mode == .act ? "act" : "rehearse (nothing is changed; say `mode: act` to act)"
        say("\(rules.rules.filter(\.enabled).count) rules, \(playbooks.playbooks.count) playbooks, mode \(mode)")
        say("ready")
    }

    /// Says what was lost, as soon as it grows; looks every second until cancelled.
    private static func account(_ detector: DetectorHalf, _ alerts: AlertQueue) async {
        var said = ""
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let losses = lossText(detector, alerts)
            if losses != said, !losses.isEmpty { Terminal.complain("saker: lost or cut so far: \(losses)\n") }
            said = losses
        }
    }

    private static func lossText(_ detector: DetectorHalf, _ alerts: AlertQueue) -> String {
        detector.losses(alerts: alerts).map { "\($0.reason) \($0.count)" }.joined(separator: ", ")
    }

    private static func farewell(_ detector: DetectorHalf, _ alerts: AlertQueue, isDrained: Bool) {
        let losses = lossText(detector, alerts)
        let drained = isDrained ? "" : "; answers were still under way and are in the journal as open"
        let events = detector.run.counters.events.count, matches = detector.run.counters.matches.count
        let lost = losses.isEmpty ? "nothing" : losses
        Terminal.complain("saker: ended after \(events) events, \(matches) alerts; lost or cut: \(lost)\(drained)\n")
    }

    private static func ends(_ task: Task<Void, Never>, within seconds: Double) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await task.value
                return true
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(seconds))
                return false
            }
            let first = await group.next() ?? false
            if !first { task.cancel() }
            group.cancelAll()
            return first
        }
    }

    private func say(_ text: String) { Terminal.complain("saker: \(text)\n") }
}
