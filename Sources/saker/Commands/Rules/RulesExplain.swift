// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import RuleTools

/// `saker rules explain`: a rule in full.
struct RulesExplain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show a rule in full: condition with macros and lists put in, event types, fields, exceptions, warnings.")

    @Argument(help: "The rule's name.") var rule: String
    @OptionGroup var rules: RuleFiles

    func run() throws {
        let study = try rules.study()
        print(RuleExplanation(try study.rule(named: rule), in: study).text(width: Terminal.width ?? 140), terminator: "")
    }
}
