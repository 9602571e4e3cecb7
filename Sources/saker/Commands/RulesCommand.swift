// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EventModel
import RuleLanguage
import SourceText

/// `saker rules`: work with detection rules.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Work with detection rules in Falco's format.", subcommands: [Check.self])

    /// Loads and says what is wrong.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Load rule files and show all findings with file, line and column; exit code 1 on an error.")

        @Argument(help: "Files, and directories whose *.yaml are taken in order of name; later ones stand over earlier ones.")
        var paths: [String]

        func run() throws {
            let files = try SourceFiles.read(all: paths)
            let result = RuleLoader.load(files)
            print(result.diagnostics.rendered(from: files), terminator: "")
            guard let set = result.ruleSet else { throw ExitCode(1) }
            let enabled = set.rules.filter(\.enabled)
            print("\(files.count) files, \(set.rules.count) rules, \(enabled.count) enabled, \(set.predicateCount) distinct comparisons")
            print("event types: \(set.kinds.map(\.name).sorted().joined(separator: ", "))")
        }
    }
}
