// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import SourceText
import Testing
import Yams

@testable import RuleLanguage

@Suite("Our own rules") struct OwnRulesTests {
    static func files() throws -> [SourceFile] {
        let folder = Specs.root.appendingPathComponent("rules")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }.sorted()
        return try names.map { SourceFile(name: $0, text: try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)) }
    }

    @Test("load without a single finding") func loadCleanly() throws {
        let files = try Self.files()
        let result = RuleLoader.load(files)
        #expect(result.diagnostics.rendered(from: files) == "")
        let set = try #require(result.ruleSet)
        #expect(set.rules.count >= 12)
        #expect(set.environmentNames == ["LD_AUDIT", "LD_PRELOAD"])
    }

    @Test("each say what they are for, name pod, container and command, and carry an ATT&CK technique") func eachIsComplete() throws {
        let set = try #require(RuleLoader.load(try Self.files()).ruleSet)
        for rule in set.rules {
            #expect(rule.description.count > 40, "\(rule.name)")
            for field in ["%k8s.pod.name", "%container.id", "%proc.cmdline"] { #expect(rule.output.contains(field), "\(rule.name)") }
            #expect(rule.tags.contains { $0.wholeMatch(of: /T\d{4}(\.\d{3})?/) != nil }, "\(rule.name)")
            #expect(rule.tags.contains { $0.hasPrefix("mitre_") }, "\(rule.name)")
            #expect(!rule.eventTypes.isEmpty, "\(rule.name) would be run for every event")
        }
    }

    @Test("fire on what they are for, and not on what looks like it", arguments: Specs.cases("attacks"))
    func attacks(_ spec: SpecCase) throws {
        let set = try #require(RuleLoader.load(try Self.files()).ruleSet)
        let name = try #require(spec.text("rule"))
        try #require(set.rules.contains { $0.name.text == name })
        let fires = spec.node["fires"]?.sequence.map(Array.init) ?? [], quiet = spec.node["quiet"]?.sequence.map(Array.init) ?? []
        try #require(!fires.isEmpty)
        for event in fires { #expect(try Self.matched(set, EventSpec.event(event)).contains(name), "\(event)") }
        for event in quiet { #expect(try !Self.matched(set, EventSpec.event(event)).contains(name), "\(event)") }
    }

    @Test("are each tried by a case") func allAreTried() throws {
        let set = try #require(RuleLoader.load(try Self.files()).ruleSet)
        let tried = Specs.cases("attacks").compactMap { $0.text("rule") }
        #expect(set.rules.map(\.name.text).filter { !tried.contains($0) } == [])
    }

    @Test("leave ordinary work alone", arguments: Specs.cases("ordinary")) func ordinary(_ spec: SpecCase) throws {
        let set = try #require(RuleLoader.load(try Self.files()).ruleSet)
        #expect(try Self.matched(set, EventSpec.event(try #require(spec.node["event"]))) == [])
    }

    private static func matched(_ set: RuleSet, _ fixture: EventFixture) -> [String] {
        var matcher = RuleMatcher(set, matching: .all)
        var names: [String] = []
        matcher.match(fixture.event) { names.append($0.name.text) }
        return names
    }
}
