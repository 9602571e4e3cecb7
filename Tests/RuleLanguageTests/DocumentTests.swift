// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import SourceText
import Testing
import Yams

@testable import RuleLanguage

@Suite("Rules about documents") struct DocumentTests {
    private static func document(_ spec: SpecCase) throws -> Document {
        let source = try #require(EventSource(rawValue: spec.text("source") ?? ""))
        return try document(JSONValue(try #require(spec.node["json"])), of: source)
    }

    private static func document(_ body: JSONValue, of source: EventSource = .kubernetesAudit) throws -> Document {
        try Document(
            body, of: source, receivedAt: Timestamp(nanoseconds: 1_767_225_600_000_000_000),
            began: Timestamp(nanoseconds: 1_767_225_599_750_000_000), by: "node-1")
    }

    private static func rule(_ name: String, _ condition: String, output: String = "o", source: EventSource) -> String {
        let text = condition.replacingOccurrences(of: "'", with: "''"), written = output.replacingOccurrences(of: "'", with: "''")
        return "- {rule: \(name), desc: d, priority: ERROR, source: \(source.rawValue), output: '\(written)', condition: '\(text)'}\n"
    }

    private static func load(_ rules: String) throws -> RuleSet {
        let file = SourceFile(name: "rules.yaml", text: rules)
        let result = RuleLoader.load([file])
        return try #require(result.ruleSet, "\(result.diagnostics.rendered(from: [file]))")
    }

    @Test("evaluates", arguments: Specs.cases("documents")) func evaluates(_ spec: SpecCase) throws {
        let document = try Self.document(spec)
        let conditions = spec.texts("holds").map { ($0, true) } + spec.texts("fails").map { ($0, false) }
        try #require(!conditions.isEmpty)
        for (condition, expected) in conditions {
            let set = try Self.load(Self.rule("r", condition, source: document.source))
            var found = false
            DocumentMatcher(set).match(document) { _ in found = true }
            #expect(found == expected, "\(condition)")
        }
    }

    @Test("answers all conditions of a case in one set as it does one by one", arguments: Specs.cases("documents"))
    func together(_ spec: SpecCase) throws {
        let document = try Self.document(spec)
        let conditions = spec.texts("holds") + spec.texts("fails")
        let set = try Self.load(conditions.enumerated().map { Self.rule("r\($0)", $1, source: document.source) }.joined())
        var found: [String] = []
        DocumentMatcher(set, matching: .all).match(document) { found.append($0.name.text) }
        #expect(found == spec.texts("holds").indices.map { "r\($0)" })
    }

    @Test("reads each field that documents have") func fields() {
        let facts = FieldTable.all.filter { $0.sources.contains(.kubernetesAudit) || $0.sources.contains(.cloudTrail) }
        #expect(facts.filter { !$0.isComputed }.map(\.name) == [])
        let known = Set(facts.map(\.name))
        #expect(DocumentFields.readers.keys.filter { !known.contains($0) }.isEmpty)
    }

    @Test("goes through the rules of its source alone, those that are on, in order") func order() throws {
        let set = try Self.load(
            Self.rule("trail", "evt.num > 0", source: .cloudTrail) + Self.rule("a", "evt.num > 0", source: .kubernetesAudit)
                + Self.rule("b", "evt.num > 0", source: .kubernetesAudit) + Self.rule("c", "evt.num = 0", source: .kubernetesAudit)
                + "- {rule: off, desc: d, priority: ERROR, source: k8s_audit, output: o, condition: evt.num > 0, enabled: false}\n")
        var first: [String] = [], all: [String] = []
        let document = try Self.document(["auditID": "1"])
        DocumentMatcher(set).match(document) { first.append($0.name.text) }
        DocumentMatcher(set, matching: .all).match(document) { all.append($0.name.text) }
        #expect(first == ["a"])
        #expect(all == ["a", "b"])
    }

    @Test("prints lists in parentheses, nulls as <NA>, and masks secrets") func output() throws {
        let output = "%ka.user.name %ka.user.groups %ka.target.name %ka.req.configmap.obj %evt.time %6ka.verb| %toupper(ka.user.groups)"
            + " %join(\"-\", ka.user.groups) %len(ka.user.groups) %evt.time.iso8601 %ka.uri"
        let set = try Self.load(Self.rule("r", "ka.verb exists", output: output, source: .kubernetesAudit))
        let document = try Self.document([
            "auditID": "1", "stageTimestamp": "2026-01-02T03:04:05.5Z", "verb": "get", "user": ["username": "eve\n", "groups": ["a", "b"]],
            "requestURI": "/x?token=abc", "requestObject": ["data": ["password": "hunter2", "file": "aws_secret_access_key=abc", "n": "x"]],
        ])
        let rendered = DocumentMatcher(set).render(set.rules[0], document)
        #expect(
            rendered.message
                == "eve\\n (a,b) <NA> {\"file\":\"aws_secret_access_key=***\",\"n\":\"x\",\"password\":\"***\"} 03:04:05.500000000"
                + " get   | (A,B) a-b 2 2026-01-02T03:04:05.500000000Z /x?token=***")
        #expect(rendered.fields["ka.user.groups"] == ["a", "b"])
        #expect(rendered.fields["ka.target.name"] == .null)
        #expect(rendered.fields["len(ka.user.groups)"] == 2)
        #expect(rendered.fields["evt.time"] == 1_767_323_045_500_000_000)
        #expect(DocumentMatcher(set).render(set.rules[0], document, redaction: .none).message.contains("hunter2"))
    }

    @Test("takes JSON objects alone, of sources that are documents") func refused() throws {
        #expect(throws: DocumentError.self) { try Self.document([1, 2]) }
        #expect(throws: DocumentError.self) { try Self.document(["evt.type": "open"], of: .syscall) }
        #expect(try Self.document(["eventTime": "never"], of: .cloudTrail).time.nanoseconds == 1_767_225_600_000_000_000)
    }

    @Test("evaluates every rule of the field on any document, and each of them holds for nothing in an empty one",
        .enabled(if: CorpusTests.isThere, "the corpus is not beside the checkout"))
    func corpus() throws {
        for (name, source, alwaysOn) in [
            ("plugin-rules/k8s_audit_rules.yaml", EventSource.kubernetesAudit, 0),
            ("plugin-rules/aws_cloudtrail_rules.yaml", .cloudTrail, 0),
        ] {
            let text = try String(contentsOf: CorpusTests.folder.appendingPathComponent(name), encoding: .utf8)
            let set = try Self.load(text)
            #expect(set.documents.rules[source]?.count == set.rules.count { $0.enabled })
            #expect(set.predicateCount > 20)
            var found = 0
            DocumentMatcher(set, matching: .all).match(try Self.document([:], of: source)) { _ in found += 1 }
            #expect(found == alwaysOn, "\(name)")
            let unread = Set(set.rules.flatMap(\.fields)).compactMap { try? FieldReference($0, of: source) }.filter { !$0.isRead }
            #expect(unread.map(\.name) == [])
        }
    }
}

extension JSONValue {
    /// A node of YAML as JSON: plain words and digits mean what they mean there.
    fileprivate init(_ node: Node) {
        switch node {
        case .sequence(let entries): self = .array(entries.map { JSONValue($0) })
        case .mapping(let members):
            self = .object(Dictionary(members.map { ($0.key.string ?? "", JSONValue($0.value)) }, uniquingKeysWith: { $1 }))
        case .scalar(let scalar):
            let plain = scalar.style == .plain ? try? JSONParser.parse(Array(scalar.string.utf8)) : nil
            self = plain ?? .string(scalar.string)
        case .alias: self = .null
        }
    }
}
