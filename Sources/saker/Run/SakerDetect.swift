// SPDX-License-Identifier: Apache-2.0
import Console
import Delivery
import Detector
import Enrichment
import EventModel
import Foundation
import KubeClient
import RuleLanguage

/// `saker detect`, from start to stop: the half that watches, with alerts that go to a responder on another machine.
struct SakerDetect {
    let configuration: Configuration
    /// Reads the configuration again, for a reload.
    let readAgain: @Sendable () throws -> Configuration

    // TERM promises an end within 10 s; what is not sent by then is on the disk and is sent by the next start.
    private static let sendSeconds = 5.0
    private static let closeSeconds = 2.0

    /// Runs until TERM or INT. Throws when it cannot start: nothing is watched then.
    func run() async throws {
        let signals = SignalStream(watching: configuration.mounted)
        let address = try configuration.detect.responderAddress()
        let rules = try Loading.rules(configuration)
        let client = configuration.kubernetes.enabled ? try Loading.cluster(configuration.kubernetes) : nil
        let own = OwnAlerts(hostname: ProcessInfo.processInfo.hostName, node: configuration.nodeName)
        let spool = try Spool(
            Spool.Settings(
                folder: configuration.detect.spool, capacity: configuration.detect.spoolMebibytes << 20, now: { Clock.now },
                lossAlert: { own.alert(.alertsLost(Self.byReason($0)), at: Clock.now) }, log: { Terminal.say($0) }))
        let detector = try DetectorHalf(configuration, rules, kube: client) { spool.offer($0) }
        let status = try await StatusService.start(configuration.status, of: detector) { Self.losses(spool) }

        let sender = SpoolSender(spool, to: address) { Terminal.say($0) }
        let sending = Task { await sender.run() }
        let following = Task { await detector.learn() }
        let accounting = Task { await detector.account { Self.losses(spool) } }
        detector.run.start()
        detector.complainOfProbe()
        detector.complainOfLimits(configuration.alerts.limits, rules)
        let enabled = rules.rules.filter(\.enabled).count
        Terminal.say("\(enabled) rules, alerts go to \(address.url), \(spool.waiting) wait from an earlier run")
        Terminal.sayReady()
        let settling = Task { await ProgramText.forgetStart() }

        await signals.untilStop { reload(detector) }

        signals.cancel()
        settling.cancel()
        Terminal.tellStopping()
        await status.stop()
        detector.run.stop()
        await detector.run.ended()
        await Self.waitUntilSent(spool)
        sending.cancel()
        spool.close(within: Self.closeSeconds)
        _ = await sending.ends(within: Self.closeSeconds)
        following.cancel()
        accounting.cancel()
        detector.closeOutlets(within: 1)
        client?.shutDown()
        let lost = detector.lossText(Self.losses(spool))
        let events = detector.run.counters.events.count, matches = detector.run.counters.matches.count
        let words = "ended after \(events) events, \(matches) alerts; \(spool.waiting) wait on the disk"
        Terminal.say("\(words); lost or cut: \(lost.isEmpty ? "nothing" : lost)")
    }

    private static func byReason(_ losses: [SpoolLoss: UInt64]) -> [(reason: String, count: UInt64)] {
        losses.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
    }

    private static func waitUntilSent(_ spool: Spool) async {
        let deadline = ContinuousClock.now + .seconds(sendSeconds)
        while spool.waiting > 0, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
    }

    private static func losses(_ spool: Spool) -> [(reason: String, count: UInt64)] {
        spool.losses.map { ("alerts not sent, \($0.key.rawValue)", $0.value) }.sorted { $0.0 < $1.0 }
    }

    /// Swaps the rules when they are right; keeps the former ones when anything is wrong.
    private func reload(_ detector: DetectorHalf) {
        do {
            let fresh = try readAgain()
            let rules = try Loading.rules(fresh)
            try detector.use(rules, fresh.alerts.limits)
            Terminal.say("reloaded: \(rules.rules.filter(\.enabled).count) rules")
        } catch {
            Terminal.say("NOT reloaded, the former rules stay in force:\n\(error)")
        }
    }
}

extension Configuration.Detect {
    /// Where alerts go. Throws when that is not said, or is not safe.
    func responderAddress() throws -> ResponderAddress {
        guard !to.isEmpty else {
            throw UserError("detect.to is empty: say where the responder is, with --to https://HOST:8443 or in saker.yaml")
        }
        return try ResponderAddress(
            to, tokenFile: tokenFile.isEmpty ? nil : tokenFile, certificateFile: certificate.isEmpty ? nil : certificate,
            keyFile: key.isEmpty ? nil : key, authorityFile: authority.isEmpty ? nil : authority, isLoopback: ListenAddress.isLoopback)
    }
}
