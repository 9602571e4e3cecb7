// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import SourceText
import Testing

@testable import RuleTools

@Suite("Test cases of rules") struct RuleTesterTests {
    static let rules = """
        - list: shells
          items: [sh, bash]
        - macro: started
          condition: evt.type = execve and evt.rawres >= 0
        - rule: Shell
          desc: A shell.
          condition: started and proc.name in (shells) and not proc.pname = sshd
          output: shell %proc.cmdline by %user.name
          priority: warning
        - rule: Any program
          desc: A program.
          condition: started
          output: program %proc.name
          priority: debug
        - rule: Off
          desc: A rule that is off.
          condition: started
          output: o
          priority: debug
          enabled: false
        """

    static func study() -> RuleStudy { RuleLoader.study([SourceFile(name: "rules.yaml", text: rules)]) }

    static func read(_ text: String) -> (file: RuleTestFile, said: String) {
        let source = SourceFile(name: "cases.yaml", text: text)
        var diagnostics = DiagnosticBag()
        let file = RuleTestFile(source, into: &diagnostics)
        return (file, diagnostics.rendered(from: [source]))
    }

    private static func outcome(_ cases: String) throws -> RuleTestOutcome {
        let (file, said) = read("rules: r.yaml\ncases:\n" + cases)
        try #require(said == "")
        let tester = try #require(RuleTester(study()))
        return tester.run(try #require(file.cases.first))
    }

    @Test("pass when the rules do what they must", arguments: [
        "- {name: a, event: {evt.type: execve, proc.name: bash}, fires: [Shell, Any program], quiet: all}",
        "- {name: a, event: {evt.type: execve, proc.name: bash}, fires: Shell, output: shell bash by root, fields: {user.name: root}}",
        "- {name: a, event: {evt.type: execve, proc.name: cat}, fires: [Any program], quiet: [Shell, 'Off']}",
        "- {name: a, event: {evt.type: execve, proc.name: bash, proc.pname: sshd}, quiet: [Shell]}",
        "- {name: a, event: {evt.type: openat}, quiet: all}",
    ])
    func passes(_ text: String) throws {
        #expect(try Self.outcome(text).failures.map(\.message) == [])
    }

    static let failing: [(String, said: [String])] = [
        ("- {name: a, event: {evt.type: execve, proc.name: cat}, fires: [Shell]}", ["rule 'Shell' must fire, and does not"]),
        ("- {name: a, event: {evt.type: execve}, fires: ['Off']}", ["rule 'Off' must fire, and does not: it is disabled"]),
        ("- {name: a, event: {evt.type: execve}, quiet: all}", ["rule 'Any program' must be quiet, and fires"]),
        (
            "- {name: a, event: {evt.type: execve, proc.name: sh}, fires: Shell, quiet: [Any program]}",
            ["rule 'Any program' must be quiet, and fires"]
        ),
        ("- {name: a, event: {evt.type: execve}, quiet: [Shel]}", ["there is no rule 'Shel' (did you mean 'Shell'?)"]),
        (
            "- {name: a, event: {evt.type: execve}, fires: [program]}",
            ["there is no rule 'program' (did you mean 'Any program'?)"]
        ),
        (
            "- {name: a, event: {evt.type: execve, fd.name: /x}, quiet: [Shell]}",
            ["fd.name has no value here: events of type execve do not have it"]
        ),
        ("- {name: a, event: {proc.name: x}, quiet: [Shell]}", ["an event needs an evt.type, such as evt.type: openat"]),
        (
            "- {name: a, event: {evt.type: execve, proc.name: sh}, fires: Shell, output: shell}",
            ["the output is not the one that is wanted:\n  wanted  shell\n  found   shell sh by root"]
        ),
        (
            "- {name: a, event: {evt.type: execve, proc.name: sh}, fires: Shell, fields: {user.name: alice, user.uid: 0}}",
            ["the alert's user.name is root, not alice", "the alert has no field 'user.uid'"]
        ),
    ]

    @Test("fail, and say why, when they do not", arguments: failing.map(\.0)) func fails(_ text: String) throws {
        let spec = try #require(Self.failing.first { $0.0 == text })
        #expect(try Self.outcome(text).failures.map(\.message) == spec.said)
    }

    static let wrong: [(String, said: String)] = [
        ("", "cases.yaml:1:1: error: the file is empty; it needs 'rules' and 'cases' [TEST_FILE]\n    \n    ^\n"),
        (
            "rules: r\ncasess:\n",
            "cases.yaml:1:1: error: 'cases' must be a list with at least one case [TEST_FILE]\n    rules: r\n    ^\n"
                + "cases.yaml:2:1: error: unknown key 'casess' (did you mean 'cases'?) [TEST_FILE]\n    casess:\n    ^\n"
        ),
        (
            "cases:\n- {name: a, event: {evt.type: open}}\n",
            "cases.yaml:2:3: error: the case says neither what fires nor what is quiet, so it cannot fail (case \"a\") [TEST_FILE]\n"
                + "    - {name: a, event: {evt.type: open}}\n      ^\n"
        ),
        (
            "cases:\n- name: a\n  quiet: all\n  event:\n    evt.type: open\n    proc.nme: x\n",
            "cases.yaml:6:5: error: nonexistent field 'proc.nme' (did you mean 'proc.name'?) (case \"a\") [EVENT]\n"
                + "        proc.nme: x\n        ^\n"
        ),
        (
            "cases:\n- {name: a, quiet: all, output: x, event: {evt.type: open}}\n",
            "cases.yaml:2:33: error: 'output' and 'fields' are those of one alert; name exactly one rule in 'fires' (case \"a\") "
                + "[TEST_FILE]\n"
                + "    - {name: a, quiet: all, output: x, event: {evt.type: open}}\n" + String(repeating: " ", count: 36) + "^\n"
        ),
        ("cases: [", "cases.yaml:2:1: error: this is not YAML: did not find expected node content [TEST_FILE]\n"),
    ]

    @Test("are refused with the place of what is wrong", arguments: wrong.map(\.0)) func refused(_ text: String) throws {
        let spec = try #require(Self.wrong.first { $0.0 == text })
        #expect(Self.read(text).said == spec.said)
    }

    @Test("share fields through base, and can take them back") func base() throws {
        let text = """
            base: {evt.type: execve, proc.pname: sshd}
            cases:
              - {name: a, event: {proc.name: sh}, quiet: [Shell]}
              - {name: b, event: {proc.name: sh, proc.pname: null}, fires: [Shell]}
            """
        let tester = try #require(RuleTester(Self.study()))
        #expect(Self.read(text).file.cases.map { tester.run($0).failures.map(\.message) } == [[], []])
    }
}

@Suite("Reports of test cases") struct RuleTestReportTests {
    private static func report() throws -> RuleTestReport {
        let text = """
            cases:
              - {name: "a <shell> & #1", event: {evt.type: execve, proc.name: cat}, fires: [Shell]}
              - {name: fine, event: {evt.type: openat}, quiet: all}
            """
        let tester = try #require(RuleTester(RuleTesterTests.study()))
        return RuleTestReport([RuleTestReport.File(RuleTesterTests.read(text).file, tester)])
    }

    @Test("teach in text: what failed, because of which comparison, and the tree") func text() throws {
        let expected = """
            cases.yaml: 2 cases, 1 failed

            FAILED cases.yaml:2:5: a <shell> & #1
              cases.yaml:2:81: rule 'Shell' must fire, and does not
                rule 'Shell' does not match this execve
                  because proc.name in (sh, bash) is false: it is cat

                false  all of
                true     started: all of
                true       evt.type = execve   it is execve
                true       evt.rawres >= 0   it is 0 (not given)
                false    proc.name in (sh, bash)   it is cat
                -        not proc.pname = sshd

            no case fires these rules:
              Any program
              Off

            2 cases, 1 failed

            """
        #expect(try Self.report().text() == expected)
    }

    @Test("speak TAP 14") func tap() throws {
        let lines = try Self.report().tap.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(Array(lines.prefix(8)) == [
            "TAP version 14", "1..2", "not ok 1 - cases.yaml: a <shell> & \\#1", "  ---", "  at: |", "    cases.yaml:2:5", "  message: |",
            "    cases.yaml:2:81: rule 'Shell' must fire, and does not",
        ])
        #expect(Array(lines.suffix(3)) == ["  ...", "ok 2 - cases.yaml: fine", ""])
    }

    @Test("are JUnit's XML, whatever the texts hold") func junit() throws {
        let xml = try Self.report().junit
        #expect(xml.contains("<testsuites name=\"saker rules test\" tests=\"2\" failures=\"1\">\n"))
        #expect(xml.contains("<testcase classname=\"cases.yaml\" name=\"a &lt;shell&gt; &amp; #1\" file=\"cases.yaml\" line=\"2\">"))
        #expect(xml.contains("<failure message=\"rule 'Shell' must fire, and does not\">cases.yaml:2:81: rule"))
        #expect(xml.hasSuffix("name=\"fine\" file=\"cases.yaml\" line=\"3\"/>\n  </testsuite>\n</testsuites>\n"))
        #expect(XMLText.escaped("a\u{1}\n\"") == "a\u{FFFD}&#10;&quot;")
    }
}

@Suite("Our own rules, by their own cases") struct OwnCasesTests {
    @Test("do what their cases want of them, and each fires in one") func all() throws {
        let study = RuleLoader.study(try Place.files(in: "rules"))
        let tester = try #require(RuleTester(study))
        let sources = try Place.files(in: "rules/tests")
        var diagnostics = DiagnosticBag()
        let files = sources.map { RuleTestFile($0, into: &diagnostics) }
        #expect(diagnostics.rendered(from: sources) == "")
        let report = RuleTestReport(files.map { RuleTestReport.File($0, tester) })
        #expect(report.failed == 0, "\(report.text())")
        #expect(report.untried == [])
        #expect(report.count >= 70)
        #expect(files.allSatisfy { $0.rules == [".."] })
    }

    @Test("are each wanted quiet by a case that is near") func nearMisses() throws {
        let cases = try Place.files(in: "rules/tests").flatMap { source -> [RuleTestCase] in
            var diagnostics = DiagnosticBag()
            return RuleTestFile(source, into: &diagnostics).cases
        }
        // A case in which nothing fires is a near miss of the rules of its file.
        #expect(cases.count { $0.fires.isEmpty } >= 30)
    }
}
