// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import RuleLanguage
import RuleTools
import SourceText

/// `saker rules why`: how a rule judges an event.
struct RulesWhy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Show why a rule matches an event, or does not: each comparison with the value of its field.",
        discussion: """
            The event's file is one of these: a map of fields in YAML, such as {evt.type: execve, proc.name: bash}; a file of cases as saker
            rules test reads it, with --case to choose one; a line of JSON with output_fields, which is an alert of Saker or Falco.
            An alert tells only the fields that its output names. Others have their defaults (see saker rules test --help), and the tree
            says so: (not given). For a rule of source k8s_audit or aws_cloudtrail the file is the event itself, as JSON, or a file of
            cases. Exit code 0 when the rule matches, 1 when it does not.
            """)

    @Argument(help: "The rule's name.") var rule: String
    @OptionGroup var rules: RuleFiles
    @Option(help: "The file with the event.") var event: String
    @Option(name: .customLong("case"), help: "The case's name, when the file holds several.") var name: String?

    func run() throws {
        let study = try rules.study()
        let outline = try study.rule(named: rule)
        let source = try SourceFiles.read(event)
        let kind = EventSource(rawValue: outline.rule.source) ?? .syscall
        let reading = EventReading(source, caseNamed: name, of: kind, kinds: outline.rule.eventTypes)
        let errors = reading.diagnostics.rendered(from: [source])
        guard let event = reading.event else { throw UserError(errors) }
        Terminal.complain(errors)
        let why = Why(outline, event)
        print(why.text(width: Terminal.width ?? 140), terminator: "")
        if !why.matches { throw ExitCode(1) }
    }
}
