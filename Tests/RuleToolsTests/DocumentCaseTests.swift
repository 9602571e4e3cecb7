// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import SourceText
import Testing

@testable import RuleTools

@Suite("Test cases with documents") struct DocumentCaseTests {
    private static let rules = """
        - rule: Pod
          desc: d
          condition: ka.verb = create and ka.user.groups intersects (dev)
          output: pod of %ka.user.name in %ka.user.groups at %evt.time
          priority: notice
          source: k8s_audit
        - rule: Kernel
          desc: d
          condition: evt.type = execve
          output: o
          priority: notice
        """

    private static let study = RuleLoader.study([SourceFile(name: "rules.yaml", text: rules)])

    private static func outcome(_ cases: String) throws -> RuleTestOutcome {
        let (file, said) = RuleTesterTests.read("source: k8s_audit\ncases:\n" + cases)
        try #require(said == "")
        return try #require(RuleTester(study)).run(try #require(file.cases.first))
    }

    @Test("pass when the rules do what they must", arguments: [
        """
        - name: a
          json: {auditID: 1, verb: create, user: {username: eve, groups: [dev]}}
          fires: Pod
          quiet: all
          output: pod of eve in (dev) at 00:00:00.000000000
        """,
        "- {name: a, json: '{\"auditID\":\"1\",\"verb\":\"create\",\"user\":{\"groups\":[\"dev\"]}}', fires: Pod}",
        "- {name: a, json: {auditID: 1, verb: get, user: {groups: [dev]}}, quiet: [Pod]}",
        """
        - name: a
          json: {auditID: 1, verb: create, user: {<<: {groups: [dev], username: x}, username: eve}}
          fires: Pod
          fields: {ka.user.name: eve}
        """,
    ])
    func passes(_ text: String) throws { #expect(try Self.outcome(text).failures.map(\.message) == []) }

    @Test("say why a rule did not fire, with the values of the document") func fails() throws {
        let outcome = try Self.outcome("- {name: a, json: {auditID: 1, verb: create, user: {groups: [ops, qa]}}, fires: Pod}")
        #expect(outcome.failures.map(\.message) == ["rule 'Pod' must fire, and does not"])
        #expect(
            outcome.failures[0].why?.text(width: 100) == """
                rule 'Pod' does not match this k8s_audit event
                  because ka.user.groups intersects (dev) is false: it is ops,qa

                false  all of
                true     ka.verb = create   it is create
                false    ka.user.groups intersects (dev)   it is ops,qa

                """)
    }

    @Test("cannot want a rule about another source") func otherSource() throws {
        let outcome = try Self.outcome("- {name: a, json: {auditID: 1}, quiet: [Kernel]}")
        #expect(outcome.failures.map(\.message) == ["rule 'Kernel' is about events of source syscall, and this one is of source k8s_audit"])
    }

    @Test("are refused with the reason", arguments: [
        ("cases: [{name: a, json: {a: 1}, quiet: all}]", "a case has an 'event', which is one of the kernel, or a 'source'"),
        ("source: syscall\ncases: [{name: a, json: {a: 1}, quiet: all}]", "a case has an 'event', which is one of the kernel"),
        ("source: k8s_audit\ncases: [{name: a, event: {evt.type: open}, quiet: all}]", "a case has an 'event', which is one of the"),
        ("cases: [{name: a, source: k8s, json: {a: 1}, quiet: all}]", "there is no source 'k8s'; there are syscall, k8s_audit, aws_"),
        ("source: k8s_audit\ncases: [{name: a, json: '{', quiet: all}]", "this is no JSON: "),
        ("source: k8s_audit\ncases: [{name: a, quiet: all}]", "a case has an 'event'"),
    ])
    func refused(_ text: String, _ wanted: String) { #expect(RuleTesterTests.read(text).said.contains(wanted)) }

    @Test("fail for what is no object") func noObject() throws {
        let outcome = try Self.outcome("- {name: a, json: '[1]', quiet: all}")
        #expect(outcome.failures.map(\.message) == ["an event of source k8s_audit is a JSON object"])
    }

    @Test("hold for the rules of the field", .enabled(if: Place.hasCorpus, "the corpus is not beside the checkout"), arguments: [
        ("k8s_audit", ["All K8s Audit Events"]), ("aws_cloudtrail", ["All Cloudtrail Events"]),
    ])
    func field(_ name: String, _ untried: [String]) throws {
        let cases = "Tests/Specs/rules/plugin/\(name).yaml", additions = "Tests/Specs/rules/plugin/rules/\(name).yaml"
        let (file, said) = RuleTesterTests.read(try Place.text(cases))
        try #require(said == "")
        let upstream = SourceFile(name: name, text: try Place.text("plugin-rules/\(name)_rules.yaml", in: Place.corpus))
        let study = RuleLoader.study([upstream, SourceFile(name: additions, text: try Place.text(additions))])
        let report = RuleTestReport([RuleTestReport.File(file, try #require(RuleTester(study)))])
        #expect(report.failed == 0, "\(report.text())")
        #expect(report.untried == untried)
    }

    @Test("are read from a file for a rule of their source") func reading() throws {
        let read = { (text: String, name: String?) in
            let source = SourceFile(name: "e", text: text)
            let reading = EventReading(source, caseNamed: name, of: .kubernetesAudit, kinds: [])
            return (reading.event?.name, reading.diagnostics.rendered(from: [source]))
        }
        #expect(read("{\"auditID\":\"1\"}", nil).0 == "k8s_audit event")
        #expect(read("{\"auditID\":\"1\"}\n{\"auditID\":\"2\"}\n", nil).0 == "k8s_audit event")
        #expect(read("no json", nil).1.contains("this is no JSON"))
        #expect(read("cases: [{name: a, source: k8s_audit, json: {auditID: 1}, quiet: all}]", "a").0 == "k8s_audit event")
        let other = read("cases: [{name: a, event: {evt.type: open}, quiet: all}]", "a")
        #expect(other.1.contains("of source syscall, and the rule is about k8s_audit"))
    }
}
