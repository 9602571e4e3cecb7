// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import ResponseLanguage
import SourceText
import Testing

@Suite("Playbook files")
struct PlaybookLoaderTests {
    @Test("A faulty file is refused with all its faults, each with its place", arguments: try Spec.all("reject.yaml"))
    func reject(spec: Spec) {
        let result = PlaybookLoader.load(spec.sources, cards: SpecCards.all)
        #expect(result.playbooks == nil)
        #expect(result.diagnostics.rendered(from: spec.sources) == spec.says)
    }

    @Test("A good file comes to these playbooks", arguments: try Spec.all("accept.yaml") + Spec.all("merge.yaml"))
    func accept(spec: Spec) {
        let result = PlaybookLoader.load(spec.sources, cards: SpecCards.all)
        #expect(result.diagnostics.rendered(from: spec.sources) == spec.says ?? "")
        #expect(result.playbooks?.lines == spec.playbooks)
    }

    @Test("A playbook answers these alerts and no others", arguments: try Spec.all("match.yaml") + Spec.all("merge.yaml"))
    func match(spec: Spec) throws {
        let set = try #require(PlaybookLoader.load(spec.sources, cards: SpecCards.all).playbooks)
        for question in spec.match ?? [] {
            #expect(set.plan(for: question.alert.alert).map(\.name.text) == question.answered, "\(question.alert)")
        }
    }

    @Test("A playbook that does not answer an alert says why, with what it found")
    func mismatch() throws {
        let text = """
            - rule: One
              match: {rules: [Shell], output_fields: ['a=1', 'b!=2']}
              actions: [{action: A, actionner: test:any}]
            """
        let file = SourceFile(name: "a.yaml", text: text)
        let playbook = try #require(PlaybookLoader.load([file], cards: SpecCards.all).playbooks?["One"])
        let other = Spec.AlertSpec(rule: "Other"), fields = Spec.AlertSpec(fields: ["b": 2])
        #expect(playbook.mismatch(with: other.alert) == "its rule 'Other' is none of 'Shell'")
        #expect(
            playbook.mismatch(with: fields.alert)
                == "its fields do not fulfil a=1 (the alert has no such field) or b!=2 (found '2')")
        #expect(playbook.mismatch(with: Spec.AlertSpec().alert) == nil)
    }

    @Test(
        "Hostile YAML is refused within a second, with a place, and does not crash",
        arguments: [
            aliasBomb, String(repeating: "[", count: 50_000), String(repeating: "- ", count: 50_000),
            String(repeating: "{a: ", count: 50_000), "- rule: \u{0}\n", "- rule: One\n  ? [a]\n  : b\n",
        ])
    func hostile(text: String) {
        let file = SourceFile(name: "a.yaml", text: text)
        let start = ContinuousClock.now
        let result = PlaybookLoader.load([file], cards: SpecCards.all)
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(result.playbooks == nil)
        #expect(result.diagnostics.all.allSatisfy { $0.location != nil })
    }
}

/// Nine lists, each of ten times the one before: a thousand million values in a few lines.
private let aliasBomb = zip("abcdefghi", "-abcdefgh").map { name, inner in
    let item = name == "a" ? "x" : "*\(inner)"
    return "- &\(name) [\(Array(repeating: item, count: 10).joined(separator: ", "))]\n"
}.joined()
