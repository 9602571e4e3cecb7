// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Delivery
import Detector
import Enrichment
import EventModel
import EventSources
import RuleLanguage
import Synchronization

/// `saker replay`: run rules over recorded events.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Run rules over a recording and print the alerts; nothing is answered.")

    @Argument(help: "A file that `saker record` wrote.") var file: String
    @Option(help: "Rule files or directories (default: the configuration's).") var rules: [String] = []
    @Flag(help: "Print alerts as JSON lines.") var json = false
    @OptionGroup var options: ConfigOptions

    func run() throws {
        var configuration = try options.read()
        if !rules.isEmpty { configuration.rules = rules }
        let set = try Loading.rules(configuration)
        let outlet = StdoutOutlet(json ? .json : .text)
        let failure = Mutex<DeliveryError?>(nil), hasFailed = Atomic(false)
        let settings = DetectionLine.Settings(
            hostname: "", matching: configuration.ruleMatching, symlinks: configuration.symlinks
        ) { alert in
            do throws(DeliveryError) {
                try outlet.send(alert)
            } catch {
                failure.withLock { $0 = error }
                hasFailed.store(true, ordering: .relaxed)
            }
        }
        let counters = DetectorCounters()
        let end = try Replay.run(file, rules: set, line: settings, counters: counters) { !hasFailed.load(ordering: .relaxed) }
        if let failure = failure.withLock({ $0 }) { throw failure }
        Terminal.complain("saker: \(end); \(counters.matches.count) alerts, \(counters.undecoded.count) records not understood\n")
        guard case .whole = end else { throw ExitCode(1) }
    }
}
