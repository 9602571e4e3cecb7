// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import SourceText
import Testing

@testable import RuleTools

@Suite("Why a rule matches, or does not") struct WhyTests {
    private static func why(_ condition: String, _ fields: [String: String?], width: Int = 140) throws -> [String] {
        let text = """
            - macro: in_container
              condition: container.id exists and container.id != host
            - rule: r
              desc: d
              output: o
              priority: notice
              warn_evttypes: false
              condition: \(condition)
            """
        let file = SourceFile(name: "r.yaml", text: text)
        let study = RuleLoader.study([file])
        let outline = try #require(study.outlines.first, "\(study.result.diagnostics.rendered(from: [file]))")
        let event = try WrittenEvent(fields.sorted { $0.key < $1.key }.map { GivenField(try FieldReference($0.key), $0.value) })
        #expect(event.faults.map(\.message) == [])
        let told = Why(outline, .written(event)).text(width: width)
        return told.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    @Test("shows what holds, what does not and what was not asked") func tree() throws {
        #expect(
            try Self.why(
                "evt.type = execve and not (in_container or proc.name = bash) and proc.args contains x",
                ["evt.type": "execve", "proc.name": "bash"])
                == [
                    "rule 'r' does not match this execve", "  because proc.name = bash is true: it is bash", "",
                    "false  all of",
                    "true     evt.type = execve   it is execve",
                    "false    not any of",
                    "false      in_container: all of",
                    "true         container.id exists   it is host (not given)",
                    "false        container.id != host   it is host (not given)",
                    "true       proc.name = bash   it is bash",
                    "-        proc.args contains x",
                ])
    }

    @Test("tells null from empty, and both sides of a comparison of fields") func values() throws {
        let lines = try Self.why(
            "proc.pname exists or proc.args = x or proc.name = val(proc.exe)", ["evt.type": "execve", "proc.exe": "/bin/y"])
        #expect(
            lines == [
                "rule 'r' does not match this execve", "  because proc.pname exists is false: it has no value",
                "  because proc.args = x is false: it is empty (not given)",
                "  because proc.name = val(proc.exe) is false: proc.name is y (not given), proc.exe is /bin/y", "",
                "false  any of", "false    proc.pname exists   it has no value", "false    proc.args = x   it is empty (not given)",
                "false    proc.name = val(proc.exe)   proc.name is y (not given), proc.exe is /bin/y",
            ])
    }

    @Test("cuts long lists to the width, and says by how much") func width() throws {
        let lines = try Self.why(
            "proc.name in (alpha, bravo, charlie, delta, echo, foxtrot, golf)", ["evt.type": "execve", "proc.name": "x"], width: 60)
        #expect(lines.suffix(2) == ["false  proc.name in (alpha, bravo, charlie, and 4 more)", "           it is x"])
    }

    @Test("agrees with the matcher on our own cases") func agrees() throws {
        let study = RuleLoader.study(try Place.files(in: "rules"))
        let set = try #require(study.result.ruleSet)
        var asked = 0
        for source in try Place.files(in: "rules/tests") {
            var diagnostics = DiagnosticBag()
            for test in RuleTestFile(source, into: &diagnostics).cases {
                guard case .fields(let fields) = test.event else { continue }
                let event = try WrittenEvent(fields)
                var matcher = RuleMatcher(set, matching: .all, hostname: event.hostname, userNames: event.userNames)
                var fired: Set<String> = []
                matcher.match(event.owned.event) { fired.insert($0.name.text) }
                for outline in study.outlines {
                    let name = outline.rule.name
                    #expect(Why(outline, .written(event)).matches == fired.contains(name.text), "\(name), \(test.name)")
                    asked += 1
                }
            }
        }
        #expect(asked > 1000)
    }
}

@Suite("Events in files") struct EventReadingTests {
    private static func read(_ text: String, caseNamed name: String? = nil, kinds: [String] = []) -> (WrittenEvent?, String) {
        let source = SourceFile(name: "e", text: text)
        let reading = EventReading(source, caseNamed: name, kinds: kinds)
        guard case .written(let event) = reading.event else { return (nil, reading.diagnostics.rendered(from: [source])) }
        return (event, reading.diagnostics.rendered(from: [source]))
    }

    @Test("are a map of fields, a case by its name, or the only case") func forms() {
        #expect(Self.read("evt.type: openat\nfd.name: /x\n").0?.owned.event.kind == .openat)
        #expect(Self.read("{evt.type: connect}").0?.owned.event.kind == .connect)
        let one = "cases:\n- {name: a, event: {evt.type: open}, quiet: all}\n"
        #expect(Self.read(one).0?.owned.event.kind == .open)
        let two = one + "- {name: b, event: {evt.type: creat}, quiet: all}\n"
        #expect(Self.read(two, caseNamed: "b").0?.owned.event.kind == .creat)
        #expect(Self.read(two).1 == "error: there are several cases; name one of them with --case: 'a', 'b' [EVENT]\n")
        #expect(Self.read(two, caseNamed: "c").1.hasPrefix("error: there is no case 'c'"))
    }

    @Test("are alerts in JSON, of which unknown fields are told and left out") func alerts() throws {
        let alert = """
            {"rule":"x","output_fields":{"fd.name":"/etc/shadow","proc.name":"cat","user.uid":1000,"proc.pname":null,"my.field":"z",\
            "evt.time":1700000000000000000,"container.id":"0123456789ab","evt.is_open_read":true}}
            """
        let (event, said) = Self.read(alert + "\n", kinds: ["openat", "openat2"])
        #expect(event?.owned.event.kind == .openat)
        #expect(event?.tells("fd.name") == true && event?.tells("proc.pname") == false)
        #expect(
            said == """
                warning: 'my.field' is no field of an event, and is not taken [EVENT]
                warning: the alert does not tell its evt.type; it is taken for openat, as the rule's [EVENT]

                """)
    }

    @Test("are refused with a place when they are none", arguments: [
        ("[]", "e:1:1: error: an event is a map of fields, such as {evt.type: execve, proc.name: bash} [EVENT]\n    []\n    ^\n"),
        (
            "evt.type: open\nfd.name: {a: b}\n",
            "e:2:10: error: the value of a field must be a text, a number, true, false or null [EVENT]\n"
                + "    fd.name: {a: b}\n             ^\n"
        ),
        (
            "evt.type: open\nfd.name: /x\nfd.filename: y\n",
            "e:3:1: error: fd.filename is 'x' here, not 'y': what is given contradicts itself [EVENT]\n    fd.filename: y\n    ^\n"
        ),
        ("a: [", "e:2:1: error: this is not YAML: did not find expected node content [TEST_FILE]\n"),
    ])
    func refused(_ text: String, _ said: String) {
        let found = Self.read(text)
        #expect(found.0 == nil)
        #expect(found.1 == said)
    }
}
