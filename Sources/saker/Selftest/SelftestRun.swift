// SPDX-License-Identifier: Apache-2.0
import CAttacks
import Capture
import Detector
import EventModel
import Foundation
import Glibc
import RuleLanguage
import SourceText
import Synchronization

/// A self-test from start to end: a probe of its own with rules of its own, and one attack after the other.
final class SelftestRun {
    /// What became of one attack.
    struct Finding: Encodable {
        enum Verdict: String, Encodable { case seen, missed = "not seen", impossible, failed }

        var attack: String
        var what: String
        var verdict: Verdict
        /// The alert's text, or what stood in the way.
        var detail: String
        /// From the attack's end to the alert, in milliseconds; 0 when the alert came first.
        var milliseconds: Double?
    }

    private let place: SelftestAttack.Place
    private let listener: Int32
    private let detector: DetectorRun
    private let alerts: SelftestAlerts

    /// Makes the folder and the port, and attaches the probe.
    init() throws {
        guard geteuid() == 0 else { throw UserError("the self-test loads a probe of its own and needs root: sudo saker selftest") }
        let alerts = SelftestAlerts()
        let listener = try Self.listen(), folder = try Self.folder()
        do {
            place = SelftestAttack.Place(folder: folder, port: Self.port(of: listener))
            detector = try Self.detector(place, alerts)
        } catch {
            close(listener)
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        (self.alerts, self.listener) = (alerts, listener)
        detector.start()
    }

    private static func detector(_ place: SelftestAttack.Place, _ alerts: SelftestAlerts) throws -> DetectorRun {
        let file = SourceFile(name: "selftest.yaml", text: SelftestAttack.rules(place))
        let loaded = RuleLoader.load([file])
        guard let rules = loaded.ruleSet else { throw UserError(loaded.diagnostics.rendered(from: [file])) }
        let settings = DetectionLine.Settings(hostname: "", matching: .all, deliver: { alerts.add($0) })
        return try DetectorRun(DetectorRun.Settings(rules: rules, line: settings))
    }

    /// What each attack's secret file is made with, so that there is something to read.
    private static let secret = Data("nothing secret\n".utf8)

    /// Makes all attacks, one after the other, and removes what they left.
    func perform() async -> [Finding] {
        var findings: [Finding] = []
        for attack in SelftestAttack.allCases { findings.append(await perform(attack)) }
        detector.stop()
        await detector.ended()
        close(listener)
        try? FileManager.default.removeItem(atPath: place.folder)
        return findings
    }

    private func perform(_ attack: SelftestAttack) async -> Finding {
        // A file that cannot be made makes the attack fail, which is told.
        try? Self.secret.write(to: URL(filePath: "\(place.folder)/secret-\(attack.rawValue)"))
        let end = saker_attack(attack.rawValue, place.folder, Int32(place.port))
        let ended = Date()
        func finding(_ verdict: Finding.Verdict, _ detail: String, _ milliseconds: Double? = nil) -> Finding {
            Finding(attack: attack.rawValue, what: attack.title, verdict: verdict, detail: detail, milliseconds: milliseconds)
        }
        switch UInt32(bitPattern: end) {
        case SAKER_ATTACK_IMPOSSIBLE.rawValue: return finding(.impossible, "this machine has no such way")
        case SAKER_ATTACK_DONE.rawValue: break
        case _: return finding(.failed, "it could not be carried out: \(String(cString: strerror(end)))")
        }
        guard let (alert, time) = await alerts.first(of: attack.rule, seconds: 3) else {
            return finding(.missed, "it was carried out, and no alert came")
        }
        return finding(.seen, alert.output, max(0, time.timeIntervalSince(ended) * 1_000))
    }

    private static func folder() throws -> String {
        var name = Array((FileManager.default.temporaryDirectory.path + "/saker-selftest-XXXXXX").utf8CString)
        guard mkdtemp(&name) != nil, let path = realpath(name, nil) else { throw UserError("cannot make a folder for the self-test") }
        defer { free(path) }
        return String(cString: path)
    }

    private static func listen() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard bound == 0, Glibc.listen(descriptor, 8) == 0 else { throw UserError("cannot listen on loopback") }
        return descriptor
    }

    private static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in(), size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// The first alert of each rule, with the time when it came.
final class SelftestAlerts: Sendable {
    private let alerts = Mutex<[String: (Alert, Date)]>([:])

    func add(_ alert: Alert) {
        alerts.withLock { alerts in if alerts[alert.rule.text] == nil { alerts[alert.rule.text] = (alert, Date()) } }
    }

    /// Waits for an alert of the rule; nil when none came in time.
    func first(of rule: String, seconds: Double) async -> (Alert, Date)? {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while true {
            if let found = alerts.withLock({ $0[rule] }) { return found }
            guard Date() < deadline else { return nil }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }
}
