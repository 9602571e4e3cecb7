// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import RuleTools

/// `saker rules coverage`: which techniques and events rules would see.
struct RulesCoverage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage", abstract: "Show which ATT&CK techniques and event types the rules of files would see in this version.",
        discussion: """
            Techniques and tactics are those that the rules' tags name. SEEN is what the best of a group's rules sees: whole (all of its
            event types are reported), partly (some are), none (it can never match) or off (it is disabled). --json prints one object:
            techniques, tactics, event_types and untagged.
            """)

    @OptionGroup var rules: RuleFiles
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let coverage = RuleCoverage(try rules.load())
        print(json ? try JSONText.line(coverage.json) + "\n" : coverage.text(width: Terminal.width), terminator: "")
    }
}
