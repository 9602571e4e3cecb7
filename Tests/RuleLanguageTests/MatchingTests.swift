// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText
import Testing

@testable import RuleLanguage

@Suite("A matcher") struct MatchingTests {
    private static let rules = #"""
        - {rule: off, desc: d, condition: evt.type=open, output: o, priority: INFO, enabled: false}
        - {rule: first, desc: d, condition: evt.type=open, output: o, priority: INFO}
        - {rule: second, desc: d, condition: "evt.type in (open, connect)", output: o, priority: CRITICAL}
        - {rule: third, desc: d, condition: evt.type=connect, output: o, priority: DEBUG}
        """#

    private func names(_ matching: RuleMatching, minimum: Priority = .debug, path: String = "/x") throws -> [String] {
        let set = try #require(RuleLoader.load([SourceFile(name: "r", text: Self.rules)], minimumPriority: minimum).ruleSet)
        let fixture = EventFixture(
            kind: .open, result: 3, process: ProcessFixture.node("x"),
            detail: .open(rawPath: path, path: path, flags: 0, mode: 0, directory: -100, isDirectory: false))
        var matcher = RuleMatcher(set, matching: matching)
        var names: [String] = []
        matcher.match(fixture.event) { names.append($0.name.text) }
        return names
    }

    @Test("stops at the first rule, in definition order, or goes on to all; a rule that is off is never run") func order() throws {
        #expect(try names(.first) == ["first"])
        #expect(try names(.all) == ["first", "second"])
    }

    @Test("has no rule that is less grave than asked for") func minimumPriority() throws {
        #expect(try names(.all, minimum: .critical) == ["second"])
    }

    @Test("asks the kernel only for kinds that a rule is run for") func kinds() throws {
        let set = try #require(RuleLoader.load([SourceFile(name: "r", text: Self.rules)]).ruleSet)
        #expect(set.kinds == [.open, .connect])
        #expect(set.rules.map(\.enabled) == [false, true, true, true])
    }

    @Test("forgets what it knew of the event before") func forgets() throws {
        let text = "- {rule: r, desc: d, condition: evt.type=open and fd.name=/a/b, output: o, priority: INFO}"
        let set = try #require(RuleLoader.load([SourceFile(name: "r", text: text)]).ruleSet)
        var matcher = RuleMatcher(set)
        var found: [String] = []
        for path in ["/a/b", "/a/c", "/a/./b", "/a/b/../b"] {
            let fixture = EventFixture(
                kind: .open, result: -2, process: ProcessFixture.node("x"),
                detail: .open(rawPath: path, path: "", flags: 0, mode: 0, directory: -100, isDirectory: false))
            matcher.match(fixture.event) { _ in found.append(path) }
        }
        #expect(found == ["/a/b", "/a/./b", "/a/b/../b"])
    }

    @Test("says of every field what it is, once") func fieldTable() {
        #expect(FieldTable.all.count == Set(FieldTable.all.map(\.name)).count)
        #expect(Set(FieldTable.all.compactMap(\.field)) == Set(Field.allCases))
        for facts in FieldTable.all {
            #expect(!facts.meaning.isEmpty && facts.meaning.count <= 80 && !facts.sources.isEmpty, "\(facts.name)")
        }
    }

    @Test("prints an address as the event model does", arguments: [
        "0.0.0.0", "255.10.0.9", "::", "::1", "1::", "2001:db8::1", "2001:db8:0:1::2", "fe80::1:0:0:5", "1:2:3:4:5:6:7:8", "0:1::",
    ])
    func addresses(_ text: String) throws {
        let address = try #require(IPAddress(text))
        let buffer = ByteBuffer(capacity: 4)
        buffer.append(address)
        #expect(buffer.view.string == address.description)
    }

    @Test("bounds what lists and macros can grow to") func bombs() {
        var lists = "- {list: l0, items: [aaaaaaaaaa, bbbbbbbbbb]}\n", macros = "- {macro: m0, condition: proc.name=x}\n"
        for step in 1...30 {
            lists += "- {list: l\(step), items: [l\(step - 1), l\(step - 1)]}\n"
            macros += "- {macro: m\(step), condition: m\(step - 1) or m\(step - 1)}\n"
        }
        let rule = { (condition: String) in "- {rule: r, desc: d, condition: \"\(condition)\", output: o, priority: INFO}\n" }
        let deep = String(repeating: "(", count: 5000) + "proc.name=x" + String(repeating: ")", count: 5000)
        var chain = "- {macro: c0, condition: proc.name=x}\n"
        for step in 1...2000 { chain += "- {macro: c\(step), condition: not c\(step - 1)}\n" }
        for text in [lists + rule("proc.name in (l30)"), macros + rule("m30"), rule(deep), chain + rule("c2000")] {
            let result = RuleLoader.load([SourceFile(name: "r", text: text)])
            #expect(result.ruleSet == nil)
            #expect(result.diagnostics.hasErrors)
        }
    }
}
