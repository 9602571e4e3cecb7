// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EventModel
import RuleLanguage
import RuleTools
import SourceText

/// `saker rules check`: loads rules and says what is wrong.
struct RulesCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Load rule files and show all findings with file, line and column; exit code 1 on an error.",
        discussion: """
            --json prints one object in the shape of falco -V: falco_load_results, and for each file its name, successful, schema_valid,
            schema_warnings, errors and warnings, each with code, codedesc, message and context (locations and snippet). Lines and
            columns count from 1, offsets are bytes from 0; a file that cannot be read is an error of code LOAD_ERR_FILE_READ.
            """)

    @OptionGroup var rules: RuleFiles
    @Flag(help: "Print the findings as JSON in the shape of falco -V.") var json = false

    func run() throws {
        if json { return try printJSON() }
        let files = try SourceFiles.read(all: rules.paths)
        let result = RuleLoader.load(files)
        print(result.diagnostics.rendered(from: files), terminator: "")
        guard let set = result.ruleSet else { throw ExitCode(1) }
        let enabled = set.rules.filter(\.enabled)
        print("\(files.count) files, \(set.rules.count) rules, \(enabled.count) enabled, \(set.predicateCount) distinct comparisons")
        print("event types: \(set.kinds.map(\.name).sorted().joined(separator: ", "))")
    }

    private func printJSON() throws {
        var files: [SourceFile] = [], unreadable: [(name: String, reason: String)] = []
        for path in rules.paths {
            do {
                files += try SourceFiles.read(all: [path])
            } catch {
                unreadable.append((path, "\(error)"))
            }
        }
        let report = LoadReport(files: files, diagnostics: RuleLoader.load(files).diagnostics, unreadable: unreadable)
        print(try JSONText.line(report.json))
        if !report.successful { throw ExitCode(1) }
    }
}
