// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import RuleLanguage
import SourceText
import Testing

@testable import RuleTools

/// Where tests find their data.
enum Place {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let corpus = root.deletingLastPathComponent().appendingPathComponent("shared/corpus")
    static let hasCorpus = FileManager.default.fileExists(atPath: corpus.path) || isAllRequired
    static let isAllRequired = ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1"

    static func text(_ path: String, in folder: URL = root) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }

    /// The `*.yaml` of a folder of the repository, in order of name.
    static func files(in folder: String) throws -> [SourceFile] {
        let names = try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path).sorted()
        return try names.filter { $0.hasSuffix(".yaml") }.map { SourceFile(name: "\(folder)/\($0)", text: try text("\(folder)/\($0)")) }
    }
}

/// Rules for tests, from text.
func loaded(_ text: String) throws -> RuleSet {
    let file = SourceFile(name: "rules.yaml", text: text)
    let result = RuleLoader.load([file])
    return try #require(result.ruleSet, "\(result.diagnostics.rendered(from: [file]))")
}

@Suite("The list of rules") struct ListingTests {
    private static let rules = """
        - macro: opened
          condition: evt.type in (openat, open)
        - rule: Shadow read
          desc: d
          condition: opened and fd.name = /etc/shadow and proc.aname[2] != sshd
          output: file=%fd.name by=%proc.cmdline
          priority: warning
          tags: [host, a_tag]
        - rule: Off
          desc: d
          condition: proc.name = x
          output: o
          priority: info
          enabled: false
          warn_evttypes: false
        """

    @Test("names for each rule its name, source, priority, state, tags, fields and sorted event types") func entries() throws {
        let listing = RuleListing(try loaded(Self.rules))
        #expect(listing.entries.map(\.name) == ["Shadow read", "Off"])
        let expected: JSONValue = [
            "name": "Shadow read", "source": "syscall", "priority": "Warning", "enabled": true, "tags": ["a_tag", "host"],
            "fields": ["evt.type", "fd.name", "proc.aname[2]", "proc.cmdline"], "event_types": ["open", "openat"],
        ]
        #expect(listing.json.array?.first == expected)
        #expect(listing.json.array?.last?["event_types"] == [])
        #expect(listing.json.array?.last?["enabled"] == false)
    }

    @Test("is a table whose long cells go on below themselves") func table() throws {
        let listing = RuleListing(try loaded(Self.rules))
        #expect(
            listing.text() == """
                PRIORITY       ENABLED  SOURCE   RULE         EVENT TYPES
                Warning        yes      syscall  Shadow read  open, openat
                Informational  no       syscall  Off          all

                """)
        #expect(
            listing.text(width: 57) == """
                PRIORITY       ENABLED  SOURCE   RULE         EVENT TYPES
                Warning        yes      syscall  Shadow read  open,
                                                              openat
                Informational  no       syscall  Off          all

                """)
    }

    @Test("never cuts a word that fits, and cuts one that does not") func wrapping() {
        #expect(TextWrap.lines("one two three", width: 7) == ["one two", "three"])
        #expect(TextWrap.lines("abcdefghij k", width: 4) == ["abcd", "efgh", "ij k"])
        #expect(TextWrap.lines("", width: 4) == [""])
    }

    @Test(
        "has the event types that Falco runs the rules of the field for",
        .enabled(if: Place.hasCorpus, "the corpus is not beside the checkout"))
    func corpus() throws {
        let names = ["falco-rules/falco_rules.yaml", "falco-rules/falco-incubating_rules.yaml"]
        let expected = try Place.text("expected/event-types.txt", in: Place.corpus).split(separator: "\n")
            .map { $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init) }
        var checked = 0
        for name in names {
            let file = SourceFile(name: name, text: try Place.text(name, in: Place.corpus))
            let set = try #require(RuleLoader.load([file]).ruleSet, "\(RuleLoader.load([file]).diagnostics.rendered(from: [file]))")
            let found = Dictionary(uniqueKeysWithValues: RuleListing(set).entries.map { ($0.name, $0) })
            for row in expected where name.hasSuffix("/" + row[0]) {
                #expect(found[row[1]]?.eventTypes.joined(separator: ",") == row[4], "\(row[1])")
                #expect(found[row[1]]?.priority == Priority(name: row[2]), "\(row[1])")
                checked += 1
            }
        }
        #expect(checked == 56)
    }
}
