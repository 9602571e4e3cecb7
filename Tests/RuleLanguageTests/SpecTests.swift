// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import SourceText
import Testing
import Yams

@testable import RuleLanguage

@Suite("The rule language, by cases") struct SpecTests {
    @Test("accepts", arguments: Specs.cases("accept")) func accepts(_ spec: SpecCase) throws {
        let result = RuleLoader.load(spec.files)
        let rendered = result.diagnostics.rendered(from: spec.files)
        if let folder = Specs.updates { Specs.record(spec, rendered, in: folder) }
        #expect(rendered == spec.text("warnings") ?? "")
        let set = try #require(result.ruleSet)
        if let types = spec.node["types"]?.sequence { #expect(set.rules.last?.eventTypes == types.compactMap(\.string)) }
        if let count = spec.text("predicates").flatMap(Int.init) { #expect(set.predicateCount == count) }
    }

    @Test("rejects", arguments: Specs.cases("reject")) func rejects(_ spec: SpecCase) {
        let result = RuleLoader.load(spec.files)
        #expect(result.ruleSet == nil)
        let rendered = result.diagnostics.rendered(from: spec.files)
        if let folder = Specs.updates { Specs.record(spec, rendered, in: folder) }
        #expect(rendered == spec.text("expect") ?? "?")
    }

    @Test("merges", arguments: Specs.cases("merge")) func merges(_ spec: SpecCase) throws {
        let result = RuleLoader.load(spec.files)
        let set = try #require(result.ruleSet, "\(result.diagnostics.rendered(from: spec.files))")
        let codes = Set(result.diagnostics.all.map(\.code)).subtracting(["LOAD_UNUSED_LIST", "LOAD_UNUSED_MACRO"]).sorted()
        #expect(codes == spec.texts("codes"))
        let found = set.rules.map { rule in
            let name = rule.enabled ? rule.name.text : "\(rule.name) (off)"
            return [name, rule.priority.name, rule.condition, rule.output, rule.tags.joined(separator: ",")].joined(separator: ": ")
        }
        #expect(found == spec.texts("expect"))
    }

    @Test("evaluates", arguments: Specs.cases("evaluate")) func evaluates(_ spec: SpecCase) throws {
        let event = try EventSpec.event(spec.node["event"] ?? Node([(Node, Node)]()))
        for (condition, expected) in try conditions(spec) {
            // `with` holds items that stand before the rule, `exceptions` those of the rule.
            let exceptions = spec.text("exceptions").map { "  exceptions:\n" + Self.indented($0) } ?? ""
            let file = SourceFile(name: "rule.yaml", text: (spec.text("with") ?? "") + Self.rule(condition) + exceptions)
            let result = RuleLoader.load([file])
            let set = try #require(result.ruleSet, "\(result.diagnostics.rendered(from: [file]))")
            #expect(Self.matches(set, event) == expected, "\(condition)")
        }
    }

    @Test("means the same whatever blanks it is written with", arguments: Specs.cases("evaluate")) func blanks(_ spec: SpecCase) throws {
        guard spec.node["with"] == nil, spec.node["exceptions"] == nil else { return }
        let event = try EventSpec.event(spec.node["event"] ?? Node([(Node, Node)]()))
        for (condition, expected) in try conditions(spec) where !condition.contains("\"") && !condition.contains("'") {
            for blank in ["\t", "  ", "\n"] {
                let mutated = condition.replacingOccurrences(of: " ", with: blank)
                let start = SourceLocation(file: "", line: 1, column: 1)
                let scalar = Scalar(text: mutated, style: .plain, file: SourceFile(name: "", text: ""), start: start)
                let text = PlacedText(scalar)
                var check = Check()
                var resolve = Resolve([], trees: [])
                let checked = check.check(resolve.resolve(try Parse.condition(text), item: ""))
                #expect(check.errors.isEmpty)
                let planned = [PlannedRule(condition: checked, types: .all)]
                let set = RuleSet(rules: [], planned: planned, environmentNames: [])
                var matcher = RuleMatcher(set, hostname: "node-1", userNames: EventSpec.userNames)
                #expect(matcher.matches(event.event) == expected, "\(mutated)")
            }
        }
    }

    @Test("prints", arguments: Specs.cases("print")) func prints(_ spec: SpecCase) throws {
        let event = try EventSpec.event(spec.node["event"] ?? Node([(Node, Node)]()))
        let outputs = try #require(spec.node["outputs"]?.mapping)
        for pair in outputs {
            let output = pair.key.string ?? ""
            let quoted = output.replacingOccurrences(of: "'", with: "''")
            let text = "- rule: r\n  desc: d\n  priority: ERROR\n  condition: evt.num > 0\n  warn_evttypes: false\n  output: '\(quoted)'\n"
            let file = SourceFile(name: "rule.yaml", text: text)
            let result = RuleLoader.load([file])
            let set = try #require(result.ruleSet, "\(result.diagnostics.rendered(from: [file]))")
            var matcher = RuleMatcher(set, hostname: "node-1", userNames: EventSpec.userNames)
            let rendered = matcher.render(set.rules[0], event.event)
            #expect(rendered.message == pair.value.string, "\(output)")
        }
    }

    private func conditions(_ spec: SpecCase) throws -> [(String, Bool)] {
        let found = spec.texts("holds").map { ($0, true) } + spec.texts("fails").map { ($0, false) }
        try #require(!found.isEmpty)
        return found
    }

    private static func rule(_ condition: String) -> String {
        "- rule: r\n  desc: d\n  priority: ERROR\n  warn_evttypes: false\n  output: o\n  condition: |\n\(indented(condition))"
    }

    private static func indented(_ text: String) -> String { text.split(separator: "\n").map { "    \($0)\n" }.joined() }

    private static func matches(_ set: RuleSet, _ fixture: EventFixture) -> Bool {
        var matcher = RuleMatcher(set, hostname: "node-1", userNames: EventSpec.userNames)
        var count = 0
        matcher.match(fixture.event) { _ in count += 1 }
        return count == 1
    }
}
