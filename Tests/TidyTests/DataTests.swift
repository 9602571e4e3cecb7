// SPDX-License-Identifier: Apache-2.0
import Actions
import EventModel
import ResponseLanguage
import RuleLanguage
import SourceText
import Testing

@Suite("Our own rules and playbooks")
struct DataTests {
    private let repository = Repository.shared

    @Test("All rules load without a finding, each with an ATT&CK tag")
    func rules() throws {
        let files = files(in: "rules/")
        let result = RuleLoader.load(files)
        #expect(result.diagnostics.rendered(from: files) == "")
        let rules = try #require(result.ruleSet).rules
        #expect(rules.count >= 12)
        #expect(rules.filter { rule in !rule.tags.contains { $0.hasPrefix("mitre_") } }.map(\.name) == [])
    }

    @Test("All playbooks load without a finding")
    func playbooks() throws {
        let files = files(in: "responses/")
        let result = PlaybookLoader.load(files, cards: ActionCatalogue().cards)
        #expect(result.diagnostics.rendered(from: files) == "")
        #expect(try #require(result.playbooks).playbooks.isEmpty == false)
    }

    @Test("Every rule that a playbook answers is one of our rules")
    func answered() throws {
        let names = Set(try #require(RuleLoader.load(files(in: "rules/")).ruleSet).rules.map(\.name.text))
        let texts = files(in: "responses/").flatMap { $0.text.split(separator: "\n") }.map(\.trimmingSpaces)
        let listed = texts.filter { $0.hasPrefix("- ") && !$0.contains(":") }.map { String($0.dropFirst(2)) }
        #expect(!listed.isEmpty)
        #expect(listed.filter { !names.contains($0) } == [])
    }

    private func files(in folder: String) -> [SourceFile] {
        // What lies deeper is no rule file: rules/tests/ holds their cases.
        repository.files { $0.hasPrefix(folder) && $0.hasSuffix(".yaml") && !$0.dropFirst(folder.count).contains("/") }
            .map { SourceFile(name: $0.path, text: $0.text) }
    }
}
