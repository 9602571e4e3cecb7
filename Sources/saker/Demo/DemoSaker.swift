// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Glibc
import Records

/// The demo's `saker run`: this very program as a child process with a configuration of its own, as a user would start it.
final class DemoSaker: Sendable {
    let configuration: URL
    private let child: ChildProcess
    private let alertFile: URL
    private let journal: String
    /// This very program's file.
    static let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]

    /// Starts it; `isReady` says when it watches.
    init(run: RunDirectory, rules: String, responses: String, kubeconfig: URL, cooldown: String) throws {
        configuration = run.file("saker.yaml")
        alertFile = run.file("alerts.ndjson")
        journal = run.file("journal.db").path
        try """
            mode: act
            rules: ["\(rules)"]
            responses: ["\(responses)"]
            node: \(DemoCluster.node)
            kubernetes:
              kubeconfig: "\(kubeconfig.path)"
            journal: "\(journal)"
            results: "\(run.file("results").path)"
            alerts:
              file: "\(alertFile.path)"
            guardrails:
              stop_file: "\(run.file("stop").path)"
              cooldown: \(cooldown)

            """.write(to: configuration, atomically: true, encoding: .utf8)
        child = try ChildProcess([Self.program, "run", "--config", configuration.path], output: run.file("saker.log"))
        if let identity = ProcessIdentity(of: child.pid) { try run.note(identity) }
    }

    /// Whether it has said that it watches the kernel.
    var isReady: Bool { output.contains("saker: ready") }

    /// Whether it has ended.
    var hasEnded: Bool { child.wait(seconds: 0) }

    /// How much of it is in memory now, in MiB (VmRSS); 0 when it is gone.
    var residentMebibytes: Double {
        let status = (try? String(contentsOfFile: "/proc/\(child.pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1_024
    }

    /// What it has printed so far.
    var output: String { child.text }

    /// The alerts so far, in order; a half-written last line is left for the next time.
    func alerts() -> [Alert] { alertLines().compactMap { try? JSONDecoder().decode(Alert.self, from: Data($0.utf8)) } }

    /// The newest alert.
    func lastAlert() -> Alert? { alertLines().last.flatMap { try? JSONDecoder().decode(Alert.self, from: Data($0.utf8)) } }

    private func alertLines() -> [Substring] {
        ((try? String(contentsOf: alertFile, encoding: .utf8)) ?? "").split(separator: "\n")
    }

    /// The acts that have ended so far, in order of their numbers.
    func acts() async -> [HistoryEntry] {
        let entries = (try? await JournalReader(path: journal).history(HistoryQuery(limit: 1_000))) ?? []
        return entries.filter { $0.ending != nil }.reversed()
    }

    /// Runs another command of this program with the same configuration.
    func command(_ arguments: [String]) throws(DemoError) -> Command.Result {
        try Command.run([Self.program] + arguments + ["--config", configuration.path], seconds: 20)
    }

    /// Asks it to end, as systemd would; false when it took more than the ten seconds that it promises.
    func stop() -> Bool {
        kill(child.pid, SIGTERM)
        let inTime = child.wait(seconds: 10)
        child.kill()
        return inTime
    }
}
