// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import SourceText
import Testing
import Yams

@testable import RuleLanguage

/// What Falco 0.34.1's own tests say about loading, validating and exceptions, told by its tables of cases. Where a later Falco
/// says otherwise, or we do, docs/falco-differences.md has a row with the reason, and these tests hold that page to the truth.
@Suite("Falco 0.34.1's own tests") struct ConformanceTests {
    static let folder = CorpusTests.folder.appendingPathComponent("falco-0.34.1")
    static let cases = ["falco_tests.yaml", "falco_tests_exceptions.yaml"].flatMap(FalcoCase.read)
    static let differences = Differences.read()

    @Test(
        "give each rules file the verdict, code and item that they expect",
        .enabled(if: CorpusTests.isThere, "the corpus is not beside the checkout"), arguments: cases)
    func verdict(_ test: FalcoCase) throws {
        let found = try test.found()
        guard let difference = Self.differences[test.name] else {
            #expect(found == test.expected)
            return
        }
        #expect(test.expected == difference.expected, "docs/falco-differences.md quotes the case wrongly")
        #expect(found == difference.found, "docs/falco-differences.md says otherwise of us")
        #expect(found != test.expected, "docs/falco-differences.md names a difference that there is not")
    }

    @Test(
        "detect what they detect, where all they need is a cat of /dev/null",
        .enabled(if: CorpusTests.isThere, "the corpus is not beside the checkout"), arguments: cases.filter { $0.detects != nil })
    func detection(_ test: FalcoCase) throws {
        guard Self.differences[test.name] == nil else { return }
        let result = RuleLoader.load(try test.files(), minimumPriority: test.minimumPriority)
        let set = try #require(result.ruleSet)
        var matcher = RuleMatcher(set, hostname: "node-1", userNames: EventSpec.userNames)
        let process = ProcessFixture.node("cat", arguments: ["/dev/null"], parent: ProcessFixture.node("bash"))
        let fixture = EventFixture(
            kind: .open, result: 3, process: process,
            detail: .open(rawPath: "/dev/null", path: "/dev/null", flags: 0, mode: 0, directory: -100, isDirectory: false))
        var names: [String] = []
        matcher.match(fixture.event) { names.append($0.name.text) }
        #expect(names.isEmpty != test.detects, "\(names)")
    }

    @Test("are all there, and each row of the page names one", .enabled(if: CorpusTests.isThere, "the corpus is not beside the checkout"))
    func counted() {
        #expect(Self.cases.count > 100)
        #expect(Self.cases.filter { $0.detects != nil }.count > 40)
        #expect(Set(Self.differences.keys).subtracting(Self.cases.map(\.name)) == [])
    }
}

/// One case of the tables.
struct FalcoCase: CustomTestStringConvertible, Sendable {
    let name: String
    let paths: [String]
    /// The verdict as text: `loads`, or the codes with their items.
    let expected: String
    let warningCodes: Set<String>
    let expectsWarnings: Bool
    let minimumPriority: Priority
    /// Whether an alert comes of opening /dev/null; nil where that alone does not say it.
    let detects: Bool?

    var testDescription: String { name }

    // The options of these are of Falco's command line, not of the rules.
    private static let options = [
        "disable_tags", "run_tags", "disabled_rules", "conf_file", "output_strictly_contains", "grpc", "detect_counts", "all_events",
    ]

    static func read(_ name: String) -> [FalcoCase] {
        let place = ConformanceTests.folder.appendingPathComponent(name)
        guard let text = try? String(contentsOf: place, encoding: .utf8), let root = try? Yams.compose(yaml: text),
            let entries = root["trace_files"]?.mapping
        else { return [] }
        return entries.compactMap { FalcoCase($0.key.string ?? "", $0.value) }
    }

    private init?(_ name: String, _ node: Node) {
        let value = node["validate_rules_file"] ?? node["rules_file"]
        paths = value.map { $0.sequence.map { $0.compactMap(\.string) } ?? [$0.string ?? ""] } ?? []
        let errors = node["validate_errors"]?.sequence.map { $0.map(Self.words) } ?? []
        let warnings = node["validate_warnings"]?.sequence.map { $0.map(Self.words) } ?? []
        // A case without rules tests the default ones; one that fails without a rules error tests options.
        guard !paths.isEmpty, node["exit_status"]?.string ?? "0" == "0" || !errors.isEmpty else { return nil }
        self.name = name
        let all = errors + warnings.map { "warning " + $0 }
        expected = all.isEmpty ? "loads" : all.joined(separator: "; ")
        warningCodes = Set(node["validate_warnings"]?.sequence?.compactMap { $0["code"]?.string } ?? [])
        expectsWarnings = !warnings.isEmpty
        minimumPriority = node["priority"]?.string.flatMap(Priority.init(name:)) ?? .debug
        let isPlain = node["trace_file"]?.string == "trace_files/cat_write.scap" && !Self.options.contains { node[$0] != nil }
        let detected = node["detect"]?.string.map { $0 == "True" }
        detects = isPlain && node["validate_rules_file"] == nil ? detected : nil
    }

    private static func words(_ node: Node) -> String {
        let type = node["item_type"]?.string ?? "", name = node["item_name"]?.string ?? ""
        let item: String =
            switch type {
            case "rules content", "rules content item": ""
            case "required_engine_version": type
            case _: "\(type) \"\(name)\""
            }
        return "\(node["code"]?.string ?? "") \(item)".trimmingCharacters(in: .whitespaces)
    }

    func files() throws -> [SourceFile] {
        try paths.flatMap { path -> [SourceFile] in
            let place = ConformanceTests.folder.appendingPathComponent(path)
            let inner = try? FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
            return try (inner.map { $0.map { path + "/" + $0 } } ?? [path]).map { path in
                let place = ConformanceTests.folder.appendingPathComponent(path)
                return SourceFile(name: path, text: try String(contentsOf: place, encoding: .utf8))
            }
        }
    }

    /// What we say of the files, in the words of `expected`.
    func found() throws -> String {
        let result = RuleLoader.load(try files(), minimumPriority: minimumPriority)
        let errors = result.diagnostics.all.filter { $0.severity == .error }
        var words = errors.map(Self.words)
        if expectsWarnings {
            let aside: Set = ["LOAD_WARNING_EXTENSION", "LOAD_UNUSED_LIST", "LOAD_UNUSED_MACRO"]
            let warnings = result.diagnostics.all.filter {
                $0.severity == .warning && !aside.subtracting(warningCodes).contains($0.code)
            }
            words += warnings.map { "warning " + Self.words($0) }
        }
        return words.isEmpty ? "loads" : words.joined(separator: "; ")
    }

    private static func words(_ diagnostic: Diagnostic) -> String {
        let item = diagnostic.item.components(separatedBy: " of rule ").first ?? ""
        return "\(diagnostic.code) \(item)".trimmingCharacters(in: .whitespaces)
    }
}

/// The rows of the table in docs/falco-differences.md.
struct Differences: Sendable {
    let expected: String
    let found: String

    static func read() -> [String: Differences] {
        let place = Specs.root.appendingPathComponent("docs/falco-differences.md")
        let text = (try? String(contentsOf: place, encoding: .utf8)) ?? ""
        let rows = text.split(separator: "\n").map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        let cases = rows.filter { $0.count == 4 && $0[0].hasPrefix("`") }
        let bare = { (text: String) in text.filter { $0 != "`" } }
        return Dictionary(
            cases.map { (bare($0[0]), Differences(expected: bare($0[1]), found: bare($0[2]))) }, uniquingKeysWith: { first, _ in first })
    }
}
