// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import RuleLanguage
import RuleTools
import SourceText

/// `saker rules test`: tries rules on events that a person wrote.
struct RulesTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Try rules on written events: which must fire, and which must not; exit code 1 when one does not.",
        discussion: """
            A file of cases is YAML:

              rules: [../execution.yaml]          # relative to this file; files and directories
              base: {container.id: 0123456789ab}  # fields that each event has, unless it says otherwise
              cases:
                - name: a shell in a pod
                  event: {evt.type: execve, proc.name: bash}
                  fires: [Shell started in a container]
                  quiet: all                      # no other rule; or the names of rules
                  output: the text of the alert   # with exactly one rule in fires
                  fields: {proc.name: bash}       # values that the alert must have
                - name: a pod with the host's network
                  source: k8s_audit               # can stand beside cases, for all of them
                  json: {auditID: 1, verb: create}  # the event as YAML or as a text of JSON, in place of event
                  quiet: all

            An event is given by the fields of the rule language; a field with no value (null) is one that the event must not have. What
            is not given has a default: the process is called program, of user root, without terminal, capabilities and a known
            parent, on the host; an open succeeds and reads /some/file; a connect succeeds over TCP, to no known address. proc.name gives
            proc.exepath below /usr/bin, fd.name gives fd.filename; a field of a pod puts the process into a container. A field that
            contradicts the others is an error. Only enabled rules can fire.
            """)

    @Argument(help: "Files of cases, and directories whose *.yaml are taken in order of name.") var paths: [String]
    @Option(help: "Rule files or directories in place of those that the files of cases name; can be given more than once.")
    var rules: [String] = []
    @Option(help: ArgumentHelp("Write the results to a file in JUnit's XML.", valueName: "file")) var junit: String?
    @Flag(help: "Print the Test Anything Protocol (version 14) in place of text.") var tap = false

    func run() throws {
        let report = try report()
        if let junit {
            do {
                try report.junit.write(toFile: junit, atomically: true, encoding: .utf8)
            } catch {
                throw UserError("cannot write \(junit): \(error.localizedDescription)")
            }
        }
        print(tap ? report.tap : report.text(width: Terminal.width ?? 140), terminator: "")
        if report.failed > 0 { throw ExitCode(1) }
    }

    private func report() throws -> RuleTestReport {
        let sources = try SourceFiles.read(all: paths)
        guard !sources.isEmpty else { throw UserError("there is no file of cases (*.yaml) in \(paths.joined(separator: ", "))") }
        var diagnostics = DiagnosticBag()
        let files = sources.map { RuleTestFile($0, into: &diagnostics) }
        guard !diagnostics.hasErrors else { throw UserError(diagnostics.rendered(from: sources)) }
        var testers: [[String]: RuleTester] = [:]
        return RuleTestReport(
            try files.map { file in
                let paths = try rulePaths(of: file)
                let tester = try testers[paths] ?? RuleFiles.tester(paths)
                testers[paths] = tester
                return RuleTestReport.File(file, tester)
            })
    }

    private func rulePaths(of file: RuleTestFile) throws -> [String] {
        guard rules.isEmpty else { return rules }
        guard !file.rules.isEmpty else {
            throw UserError("\(file.name) names no rule files: add 'rules: [../rules.yaml]' to it, or give --rules")
        }
        return file.rules.map { Self.path($0, besides: file.name) }
    }

    // A path as a person would write it from here: `rules/tests/cases.yaml` and `..` are `rules`.
    private static func path(_ path: String, besides file: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        var parts = file.split(separator: "/").dropLast().map(String.init)
        for part in path.split(separator: "/").map(String.init) where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        let joined = parts.joined(separator: "/")
        return file.hasPrefix("/") ? "/" + joined : joined.isEmpty ? "." : joined
    }
}
