// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import SourceText
import Testing

@testable import RuleTools

@Suite("What a rules update changes") struct DiffTests {
    private static let old = """
        - list: readers
          items: [cat, head]
        - macro: opened
          condition: evt.type in (open, openat) and evt.is_open_read = true
        - rule: Read
          desc: A file is read.
          condition: opened and fd.name = /etc/shadow and proc.name in (readers)
          output: read %fd.name
          priority: warning
          tags: [file]
          exceptions:
            - name: known
              fields: [proc.pname, proc.name]
              values: [[sshd, cat]]
        - rule: Gone
          desc: A rule.
          condition: evt.type = connect
          output: o
          priority: notice
        """

    private static func diff(_ change: (String) -> String) throws -> RuleDiff {
        let new = change(old)
        try #require(new != old)
        return RuleDiff(RuleLoader.study([SourceFile(name: "old", text: old)]), try study(new))
    }

    private static func study(_ text: String) throws -> RuleStudy {
        let file = SourceFile(name: "new", text: text)
        let study = RuleLoader.study([file])
        try #require(study.result.ruleSet != nil, "\(study.result.diagnostics.rendered(from: [file]))")
        return study
    }

    // What is replaced by what, and what is said of it.
    static let cases: [(String, String, said: String)] = [
        ("cat, head]", "head, cat]", "no rule differs\n"),
        ("opened and fd.name = /etc/shadow and", "opened and\n      fd.name = /etc/shadow and", "no rule differs\n"),
        ("opened and fd.name = /etc/shadow", "fd.name = /etc/shadow and opened", "no rule differs\n"),
        (
            "cat, head]", "cat, tail, less]",
            "changed  Read\n    condition: proc.name in: without head; with tail, less\n\n0 added, 0 removed, 1 changed\n"
        ),
        (
            "(open, openat) and", "(open, openat, openat2) and evt.rawres >= 0 and",
            """
            changed  Read
                condition, in macro opened: evt.type in: with openat2
                condition, in macro opened: with evt.rawres >= 0

            0 added, 0 removed, 1 changed

            """
        ),
        (
            "= /etc/shadow", "startswith /etc/",
            """
            changed  Read
                condition: without fd.name = /etc/shadow
                condition: with fd.name startswith /etc/

            0 added, 0 removed, 1 changed

            """
        ),
        ("priority: warning", "priority: error", "changed  Read\n    priority: Warning -> Error\n\n0 added, 0 removed, 1 changed\n"),
        ("tags: [file]", "tags: [host]", "changed  Read\n    tags: without file; with host\n\n0 added, 0 removed, 1 changed\n"),
        (
            "priority: notice", "priority: notice\n  enabled: false",
            "changed  Gone\n    is disabled now\n\n0 added, 0 removed, 1 changed\n"
        ),
        (
            "[[sshd, cat]]", "[[sshd, cat], [su, cat]]",
            """
            changed  Read
                exception known: with proc.pname =, proc.name =: (su, cat)

            0 added, 0 removed, 1 changed

            """
        ),
        (
            "- rule: Gone", "- rule: Come",
            "removed  Gone\nadded    Come\n\n1 added, 1 removed, 0 changed\n"
        ),
        (
            "output: read %fd.name", "output: A file with the hashes of passwords was read (file=%fd.name command=%proc.cmdline)",
            """
            changed  Read
                output was: read %fd.name
                output is:  A file with the hashes of passwords was read (file=%fd.name command=%proc.cmdline)

            0 added, 0 removed, 1 changed

            """
        ),
        (
            "and proc.name in (readers)", "and (proc.name in (readers) or not proc.tty = 0)",
            """
            changed  Read
                condition: without proc.name in (cat, head)
                condition: with proc.name in (cat, head) or not proc.tty = 0

            0 added, 0 removed, 1 changed

            """
        ),
    ]

    @Test("is told rule by rule", arguments: cases.map(\.1)) func text(_ replacement: String) throws {
        let spec = try #require(Self.cases.first { $0.1 == replacement })
        let diff = try Self.diff { $0.replacing(spec.0, with: spec.1) }
        #expect(diff.text() == spec.said)
        #expect(diff.isEmpty == (spec.said == "no rule differs\n"))
    }

    @Test("tells a macro with another name from another condition") func renamed() throws {
        let diff = try Self.diff { $0.replacing("opened", with: "is_opened") }
        #expect(diff.isEmpty)
    }

    @Test("finds a list that changed behind an exception") func listInException() throws {
        let old = """
            - list: parents
              items: [sshd]
            - rule: r
              desc: d
              output: o
              priority: notice
              condition: evt.type = execve and proc.tty != 0
              exceptions: [{name: e, fields: [proc.pname], comps: [in], values: [[parents]]}]
            """
        let diff = RuleDiff(try Self.study(old), try Self.study(old.replacing("[sshd]", with: "[sshd, su]")))
        #expect(diff.text().contains("proc.pname in: with su"))
    }

    @Test("is JSON with what differs alone") func json() throws {
        let diff = try Self.diff { $0.replacing("cat, head]", with: "cat, tail]").replacing("priority: notice", with: "priority: error") }
        let expected: JSONValue = [
            "added": [], "removed": [],
            "changed": [
                [
                    "rule": "Read",
                    "condition": [
                        ["change": "values", "macros": [], "text": "proc.name in", "added": ["tail"], "removed": ["head"]]
                    ],
                ],
                ["rule": "Gone", "priority": ["old": "Notice", "new": "Error"]],
            ],
        ]
        #expect(diff.json == expected)
    }
}

@Suite("A rule explained") struct ExplainTests {
    @Test("shows condition, event types, macros, lists, exceptions, fields and warnings") func text() throws {
        let text = """
            - list: readers
              items: [cat, head]
            - macro: opened
              condition: evt.type in (open, reboot)
            - rule: Read
              desc: >
                A file
                is read.
              condition: opened and not proc.name in (readers)
              output: read %fd.name
              priority: warning
              exceptions:
                - name: known
                  fields: proc.pname
                  values: [sshd]
            """
        let study = RuleLoader.study([SourceFile(name: "r.yaml", text: text)])
        let explanation = RuleExplanation(try study.rule(named: "Read"), in: study)
        #expect(
            explanation.text(width: 90) == """
                Read
                  Warning, source syscall, at r.yaml:5:9
                  tags: none

                  A file is read.

                run for: open, reboot

                condition, 3 distinct comparisons:
                  all of
                    all of
                      opened: evt.type in (open, reboot)
                      not proc.name in (cat, head)
                    not proc.pname in (sshd)

                macros:
                  opened

                lists:
                  readers (2)

                exceptions:
                  known: proc.pname in: sshd

                fields:
                  FIELD       READ BY    MEANING
                  evt.type    condition  the name of the syscall; a successful execveat is called execve
                  fd.name     output     the path asked for, made absolute; from->to of a connection; a
                                         UNIX path
                  proc.name   condition  the program's name, up to 15 bytes
                  proc.pname  condition  the parent's proc.name

                warnings:
                  no event of type reboot is reported in this version: the rule is run for the others only
                  [LOAD_WARNING_EXTENSION]

                """)
        #expect(throws: RuleToolsError(.unknownRule, "there is no rule 'Red' (did you mean 'Read'?)")) { try study.rule(named: "Red") }
        #expect(throws: RuleToolsError(.unknownRule, "there is no rule 'xyz'; saker rules list shows all")) { try study.rule(named: "xyz") }
    }

    @Test("shows each comparison so that it can be read again as a condition") func comparisons() throws {
        let study = RuleLoader.study(try Place.files(in: "rules"))
        #expect(study.outlines.count >= 12)
        for outline in study.outlines {
            for test in Set(outline.condition.tests) {
                let text = test.text.replacing("'", with: "''")
                let rule = "- rule: r\n  desc: d\n  priority: error\n  output: o\n  warn_evttypes: false\n  condition: '\(text)'\n"
                let again = RuleLoader.study([SourceFile(name: "r.yaml", text: rule)]).outlines
                #expect(again.first?.condition == .test(test), "\(test.text)")
            }
        }
    }
}
