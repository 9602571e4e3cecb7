// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import SourceText
import Testing

@testable import RuleTools

@Suite("Coverage") struct CoverageTests {
    // lstat is an event type of the field that no rule of the field waits for: nothing here reports it.
    private static let rules = """
        - {rule: seen, desc: d, condition: evt.type = open, output: o, priority: INFO, tags: [T1059.004, mitre_execution]}
        - {rule: half, desc: d, condition: "evt.type in (open, lstat)", output: o, priority: INFO, tags: [T1003, mitre_execution]}
        - {rule: blind, desc: d, condition: evt.type = lstat, output: o, priority: INFO, tags: [T1003, T1610]}
        - {rule: audit, source: k8s_audit, desc: d, condition: ka.verb = get, output: o, priority: INFO, tags: [T1611]}
        - {rule: off, desc: d, condition: evt.type = open, output: o, priority: INFO, tags: [T1485], enabled: false}
        - {rule: plain, desc: d, condition: evt.type = open, output: o, priority: INFO, tags: [host, T99, T1059x]}
        """

    private static func coverage() throws -> RuleCoverage {
        RuleCoverage(try #require(RuleLoader.load([SourceFile(name: "r", text: rules)]).ruleSet))
    }

    @Test("of a technique is what its best rule sees") func techniques() throws {
        let coverage = try Self.coverage()
        #expect(coverage.techniques.map(\.name) == ["T1003", "T1059.004", "T1485", "T1610", "T1611"])
        #expect(coverage.techniques.map(\.sight) == [.partly, .whole, .off, .none, .none])
        #expect(coverage.techniques[0].watchers.map(\.rule) == ["half", "blind"])
        #expect(coverage.tactics.map(\.name) == ["mitre_execution"] && coverage.tactics[0].sight == .whole)
        #expect(coverage.untagged.map(\.rule) == ["plain"])
    }

    @Test("of an event type is whether it is reported, whatever else its rules wait for") func eventTypes() throws {
        let coverage = try Self.coverage()
        #expect(coverage.eventTypes.map(\.name) == ["lstat", "open"])
        #expect(coverage.eventTypes.map(\.sight) == [.none, .whole])
        #expect(coverage.eventTypes[1].watchers.map(\.sight) == [.whole, .whole, .off, .whole])
    }

    @Test("is told as tables with a sum, and as JSON") func rendering() throws {
        let coverage = try Self.coverage(), text = coverage.text()
        #expect(text.hasPrefix("""
            TECHNIQUE  SEEN    RULES
            T1003      partly  half (partly), blind (none)
            T1059.004  whole   seen
            T1485      off     off (off)

            """), "\(text)")
        #expect(text.hasSuffix(
            "2 of 5 techniques and 1 of 2 event types that rules name are seen; 1 rules name no technique and no tactic\n"), "\(text)")
        let group = coverage.json["techniques"]?.array?.first
        #expect(group?["name"] == "T1003" && group?["seen"] == "partly")
        #expect(group?["rules"]?.array?.last == ["name": "blind", "seen": "none"])
    }
}
