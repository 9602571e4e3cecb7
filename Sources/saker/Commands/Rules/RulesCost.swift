// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Detector
import EventSources
import Glibc
import RuleLanguage
import RuleTools

/// `saker rules cost`: what rules and comparisons cost on a recording.
struct RulesCost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost", abstract: "Run rules over a recording and show what each rule and comparison costs.",
        discussion: """
            The recording is one of saker record. A rule is walked for an event when nothing cheaper ruled it out; equal comparisons of all
            rules are made once an event, by the rule that asks first, and those of one text together in a group. Times include the
            reading of the clock, so they compare rules with each other; they are no measure of the whole.
            """)

    @OptionGroup var rules: RuleFiles
    @Option(help: "A file that `saker record` wrote.") var recording: String
    @Option(help: "How many lines each table has at most.") var top = 20
    @Flag(help: "Go on after the first rule that matches an event, as rule_matching: all does.") var allMatches = false
    @Flag(help: "Print all costs as JSON.") var json = false

    func run() throws {
        let set = try rules.load()
        let measured = try Replay.measure(recording, rules: set, matching: allMatches ? .all : .first) {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        }
        let report = CostReport(set, measured.costs)
        print(json ? try JSONText.line(report.json) + "\n" : report.text(top: top, width: Terminal.width), terminator: "")
        guard case .whole = measured.end else {
            Terminal.say("\(measured.end)")
            throw ExitCode(1)
        }
    }

    func validate() throws {
        guard top > 0 else { throw ValidationError("--top wants a number above 0, found \(top)") }
    }
}
