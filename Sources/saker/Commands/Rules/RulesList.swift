// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import RuleTools

/// `saker rules list`: what rule files hold.
struct RulesList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the rules of files: priority, whether enabled, source and event types.",
        discussion: """
            --json prints an array with an object a rule, in definition order: name, source, priority, enabled, tags, fields (all that
            condition and output read) and event_types (sorted; empty for a rule that is run for every event).
            """)

    @OptionGroup var rules: RuleFiles
    @Flag(help: "Print a JSON array with an object a rule.") var json = false

    func run() throws {
        let listing = RuleListing(try rules.load())
        print(json ? try JSONText.line(listing.json) + "\n" : listing.text(width: Terminal.width), terminator: "")
    }
}
