// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import SourceText
import Testing

@testable import RuleLanguage

/// Rule files as they are in the field: the dialect is what these say.
@Suite("Rules of the field") struct CorpusTests {
    static let folder = Specs.root.deletingLastPathComponent().appendingPathComponent("shared/corpus")
    static let isThere = FileManager.default.fileExists(atPath: folder.path)
        || ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1"

    private func load(_ names: [String]) throws -> (result: RuleLoadResult, files: [SourceFile]) {
        let files = try names.map {
            SourceFile(name: $0, text: try String(contentsOf: Self.folder.appendingPathComponent($0), encoding: .utf8))
        }
        return (RuleLoader.load(files), files)
    }

    static let upstream = [
        "falco-rules/falco_rules.yaml", "falco-rules/falco-incubating_rules.yaml", "plugin-rules/k8s_audit_rules.yaml",
        "plugin-rules/aws_cloudtrail_rules.yaml",
    ]

    @Test("load without an error, all together", .enabled(if: isThere, "the corpus is not beside the checkout"))
    func allLoad() throws {
        let (result, files) = try load(Self.upstream)
        #expect(!result.diagnostics.hasErrors, "\(result.diagnostics.rendered(from: files))")
        let set = try #require(result.ruleSet)
        let counts = Dictionary(grouping: set.rules, by: \.source).mapValues(\.count)
        #expect(counts == ["syscall": 56, "k8s_audit": 48, "aws_cloudtrail": 22])
        #expect(!result.diagnostics.all.contains { $0.code == "LOAD_UNKNOWN_SOURCE" || $0.code == "LOAD_UNKNOWN_FILTER" })
    }

    @Test("wait for no event type that is never reported", .enabled(if: isThere, "the corpus is not beside the checkout"))
    func allReported() throws {
        let (result, _) = try load(Array(Self.upstream.prefix(2)))
        #expect(result.diagnostics.all.filter { $0.message.contains("no event of type") }.map(\.message) == [])
    }

    @Test("load without an error, each alone", .enabled(if: isThere, "the corpus is not beside the checkout"), arguments: upstream)
    func eachLoads(_ name: String) throws {
        let (result, files) = try load([name])
        #expect(!result.diagnostics.hasErrors, "\(result.diagnostics.rendered(from: files))")
        #expect(result.ruleSet?.rules.isEmpty == false)
    }

    @Test("of another source are checked and listed, never run, and that is said once")
    func otherSources() throws {
        let rules = ["a", "b"].map { name in
            "- {rule: \(name), desc: d, source: k8s_audit, condition: ka.verb exists or jevt.rawtime exists, output: o, priority: INFO}\n"
        }
        let result = RuleLoader.load([SourceFile(name: "r.yaml", text: rules.joined())])
        let set = try #require(result.ruleSet)
        #expect(set.rules.map(\.source) == ["k8s_audit", "k8s_audit"])
        #expect(set.kinds.isEmpty)
        #expect(result.diagnostics.all.map(\.code) == ["LOAD_WARNING_EXTENSION"])
        #expect(result.diagnostics.all.first?.message.contains("k8s_audit") == true)
    }

    @Test("match the event types that Falco runs them for", .enabled(if: isThere, "the corpus is not beside the checkout"))
    func eventTypes() throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent("expected/event-types.txt"), encoding: .utf8)
        let expected = text.split(separator: "\n").map { $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init) }
        var checked = 0
        for name in Self.upstream {
            let rules = try #require(load([name]).result.ruleSet).rules
            let file = name.split(separator: "/").last.map(String.init) ?? name
            for line in expected where line[0] == file {
                let rule = try #require(rules.first { $0.name.text == line[1] }, "\(line[1])")
                #expect(rule.eventTypes.joined(separator: ",") == line[4], "\(line[1])")
                checked += 1
            }
        }
        #expect(checked == expected.count)
    }
}
