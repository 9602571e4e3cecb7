// SPDX-License-Identifier: Apache-2.0
import Capture
import Detector
import EventModel
import Foundation
import Glibc
import RuleLanguage
import SourceText
import Synchronization

@testable import Enrichment

/// Plays the cases of a suite under one probe, several at a time, and judges the alerts.
final class SuiteRun: Sendable {
    /// How a case ended.
    struct Verdict: Sendable {
        var name: String
        /// What is not as it should be; nil when the case passed.
        var difference: String?
    }

    private let theatre: Theatre
    private let detector: DetectorRun
    private let alerts: Alerts
    private let runtime: Task<Void, Never>

    /// Alerts by the case whose processes they are about.
    final class Alerts: Sendable {
        private let alerts = Mutex<[String: [Alert]]>([:])

        func add(_ alert: Alert) {
            guard case .string(let id)? = alert.fields["proc.env[\(ActorScript.variable)]"] else { return }
            alerts.withLock { $0[id, default: []].append(alert) }
        }

        func of(_ id: String) -> [Alert] { alerts.withLock { $0[id] ?? [] } }
    }

    /// Starts a detector with the rules of a file, unchanged but that each output goes on with the case's
    /// variable and the fields that cases expect.
    init(rules path: String, cases: [SuiteCase]) throws {
        theatre = try Theatre(cases: cases)
        let alerts = Alerts()
        self.alerts = alerts
        let settings = DetectionLine.Settings(
            hostname: Self.hostname, matching: .all, users: UserDirectory(path: theatre.passwd),
            // The standard would hide which case an alert is about.
            redaction: .none, patience: 500_000_000, deliver: { alerts.add($0) })
        let rules = try Self.rules(path, extending: cases)
        let metadata = MetadataDirectory()
        do {
            detector = try DetectorRun(
                DetectorRun.Settings(rules: rules, line: settings, metadata: metadata, ringBytes: 64 << 20))
        } catch {
            throw SuiteError(error.message)
        }
        runtime = Self.answer(metadata, cases)
        detector.start()
    }

    /// Answers questions about the cases' containers as Docker does, which the cases are written for: all are privileged.
    private static func answer(_ metadata: MetadataDirectory, _ cases: [SuiteCase]) -> Task<Void, Never> {
        let pairs = cases.enumerated().compactMap { index, suiteCase in
            suiteCase.container.map { (Theatre.containerID(of: id(index)), $0) }
        }
        let containers = Dictionary(uniqueKeysWithValues: pairs)
        return Task.detached {
            for await question in metadata.questions {
                let description = containers[question.container.text].map { container in
                    var description = ContainerDescription(source: .docker)
                    (description.name, description.image, description.isPrivileged) = (container.name, container.image, true)
                    return description
                }
                metadata.answer(question.container, description)
            }
        }
    }

    private static func id(_ index: Int) -> String { String(UInt64(getpid()) << 20 | UInt64(index), radix: 16) }

    private static let hostname: String = {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()

    private static func rules(_ path: String, extending cases: [SuiteCase]) throws -> RuleSet {
        let fields = Dictionary(grouping: cases, by: \.rule).mapValues { Set($0.flatMap { $0.expected.fields.keys }) }
        let appended = fields.sorted { $0.key < $1.key }.map { name, fields in
            let wanted = (["proc.env[\(ActorScript.variable)]"] + fields.sorted()).map { "%" + $0 }.joined(separator: " ")
            return "- rule: \(name)\n  output: \"\(wanted)\"\n  override: {output: append}\n"
        }
        let files = [
            SourceFile(name: "falco_rules.yaml", text: try String(contentsOfFile: path, encoding: .utf8)),
            SourceFile(name: "case.yaml", text: appended.joined()),
        ]
        let loaded = RuleLoader.load(files)
        guard let set = loaded.ruleSet else { throw SuiteError(loaded.diagnostics.rendered(from: files)) }
        return set
    }

    /// Plays all cases; one verdict each, in order.
    func play(_ cases: [SuiteCase], atOnce: Int = 12) -> [Verdict] {
        let verdicts = Mutex<[Verdict?]>(Array(repeating: nil, count: cases.count))
        let next = Mutex(0)
        let group = DispatchGroup()
        for _ in 0..<atOnce {
            group.enter()
            let thread = Thread { [self] in
                while let index = next.withLock({ next in defer { next += 1 }; return next < cases.count ? next : nil }) {
                    let verdict = Verdict(name: cases[index].name, difference: difference(cases[index], index))
                    verdicts.withLock { $0[index] = verdict }
                }
                group.leave()
            }
            thread.start()
        }
        group.wait()
        return verdicts.withLock { $0.compactMap(\.self) }
    }

    /// Stops the detector; how many records were lost.
    func end() async -> UInt64 {
        detector.stop()
        await detector.ended()
        runtime.cancel()
        return detector.drops.lost
    }

    private func difference(_ suiteCase: SuiteCase, _ index: Int) -> String? {
        let id = Self.id(index)
        let told: String
        do { told = try theatre.play(suiteCase, id: id, seconds: 60) } catch { return "\(error)" }
        let deadline = Date(timeIntervalSinceNow: 3)
        while true {
            let judged = alerts.of(id).filter { $0.rule.text == suiteCase.rule }.map { suiteCase.expected.differences($0) }
            if judged.contains(where: \.isEmpty) { return nil }
            if Date() > deadline {
                let said = told.isEmpty ? "" : " (\(told.trimmingCharacters(in: .whitespacesAndNewlines)))"
                let others = Set(alerts.of(id).map(\.rule.text)).sorted()
                guard let closest = judged.min(by: { $0.count < $1.count }) else { return "no alert; others: \(others)\(said)" }
                return closest.joined(separator: ", ") + said
            }
            usleep(2_000)
        }
    }
}

extension SuiteCase.Expected {
    /// Where an alert is not what is expected.
    func differences(_ alert: Alert) -> [String] {
        var all: [String] = []
        func compare(_ name: String, _ wanted: String?, _ found: String?) {
            if let wanted, wanted != found { all.append("\(name) is \(found ?? "missing"), expected \(wanted)") }
        }
        compare("source", source, alert.source)
        compare("hostname", hostname, alert.hostname)
        compare("priority", priority.map { Priority(name: $0)?.name ?? $0 }, alert.priority.name)
        for (name, wanted) in fields.sorted(by: { $0.key < $1.key }) { compare(name, wanted, alert.fields[name].map(Self.text)) }
        return all
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .int(let number): String(number)
        case .bool(let truth): String(truth)
        case .null, .double, .array, .object: "\(value)"
        }
    }
}
