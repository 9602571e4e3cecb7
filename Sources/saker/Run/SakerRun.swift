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
        let responder = try await ResponderHalf(configuration, playbooks, client ?? NoCluster(), patience: patience)
        let detector = try DetectorHalf(
            configuration, rules, kube: client, observe: { responder.observe($0) }, deliver: { alerts.offer($0) })
        let status = try await StatusService.start(configuration.status, of: detector, losses: Self.unanswered(alerts))
        let backlog = try await responder.takeUp()

        let answering = Task { await responder.answer(alerts.alerts, resuming: backlog) { await responder.line.handle($0) } }
        let delivering = Task { await responder.deliver() }
        let judging = Task { await responder.judgeConnections() }
        let waiting = Task { await responder.watchClock() }
        let following = Task { await detector.learn() }
        let accounting = Task { await detector.account(Self.unanswered(alerts)) }
        detector.run.start()
        greet(detector, rules, playbooks)
        let settling = Task { await ProgramText.forgetStart() }

        await signals.untilStop { reload(detector, responder) }

        signals.cancel()
        settling.cancel()
        Terminal.tellStopping()
        await status.stop()
        detector.run.stop()
        await detector.run.ended()
        alerts.finish()
        let isDrained = await answering.ends(within: Self.drainSeconds)
        judging.cancel()
        waiting.cancel()
        following.cancel()
        accounting.cancel()
        delivering.cancel()
        detector.closeOutlets(within: Self.outletSeconds)
        await responder.close()
        client?.shutDown()
        Self.farewell(detector, alerts, isDrained: isDrained)
    }

    /// Swaps rules, playbooks and guardrails when all of them are right; keeps all of them when anything is wrong.
    private func reload(_ detector: DetectorHalf, _ responder: ResponderHalf) {
        do {
            let fresh = try readAgain()
            let rules = try Loading.rules(fresh), playbooks = try Loading.playbooks(fresh)
            try detector.use(rules, fresh.alerts.limits)
            responder.line.replace(ResponsePolicy(playbooks: playbooks, guardrails: fresh.guardrailSettings))
            let enabled = rules.rules.filter(\.enabled).count
            say("reloaded: \(enabled) rules, \(playbooks.playbooks.count) playbooks, mode \(fresh.mode.rawValue)")
        } catch {
            say("NOT reloaded, the former rules and playbooks stay in force:\n\(error)")
        }
    }

    private func greet(_ detector: DetectorHalf, _ rules: RuleSet, _ playbooks: PlaybookSet) {
        detector.complainOfProbe()
        detector.complainOfLimits(configuration.alerts.limits, rules)
        say("\(rules.rules.filter(\.enabled).count) rules, \(playbooks.playbooks.count) playbooks, mode \(configuration.modeText)")
        Terminal.sayReady()
    }

    private static func unanswered(_ alerts: AlertQueue) -> @Sendable () -> [(reason: String, count: UInt64)] {
        { [("alerts not answered, queue full", alerts.dropped)] }
    }

    private static func farewell(_ detector: DetectorHalf, _ alerts: AlertQueue, isDrained: Bool) {
        let losses = detector.lossText(unanswered(alerts)())
        let drained = isDrained ? "" : "; answers were still under way and are in the journal as open"
        let events = detector.run.counters.events.count, matches = detector.run.counters.matches.count
        let lost = losses.isEmpty ? "nothing" : losses
        Terminal.complain("saker: ended after \(events) events, \(matches) alerts; lost or cut: \(lost)\(drained)\n")
    }

    private func say(_ text: String) { Terminal.say(text) }
}
