// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import ResponseLanguage
import SourceText
import Testing

/// Talon's own files, which stay as they are upstream; see `shared/corpus/README.md`.
enum TalonCorpus {
    static let folder = Spec.folder.appending(path: "../../../../shared/corpus/talon").standardized
    static let isAbsent = !FileManager.default.fileExists(atPath: folder.path)
    static let mustBeThere = ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1"
    /// When every test is demanded, an absent corpus is a failure and no reason to skip.
    static let mayRun = !isAbsent || mustBeThere

    static func file(_ name: String) throws -> SourceFile {
        SourceFile(name: name, text: try String(contentsOf: folder.appending(path: name), encoding: .utf8))
    }
}

@Suite("Talon's own files", .enabled(if: TalonCorpus.mayRun, "the corpus is not beside this checkout"))
struct CorpusTests {
    @Test("Of Talon's example rules everything is understood but the actionners that this version lacks")
    func rules() throws {
        let files = [try TalonCorpus.file("rules.yaml"), try TalonCorpus.file("rules_override.yaml")]
        let result = PlaybookLoader.load(files, cards: SpecCards.all)
        #expect(result.playbooks == nil)
        let errors = result.diagnostics.all.filter { $0.severity == .error }
        #expect(errors.allSatisfy { $0.code == "PLAYBOOK_ERR_UNKNOWN_ACTIONNER" && $0.message.contains("one of Talon's") })
        #expect(
            Set(errors.map { $0.message.split(separator: "'")[1] }) == [
                "cilium:networkpolicy", "kubernetes:delete", "calico:networkpolicy", "kubernetes:cordon", "kubernetes:drain",
                "kubernetes:exec", "kubernetes:log", "kubernetes:download", "kubernetes:tcpdump", "kubernetes:sysdig",
            ])
        let rendered = result.diagnostics.rendered(from: files)
        #expect(rendered.contains("rules.yaml:10:5: warning: kubernetes:networkpolicy has no parameter 'allow'"))
    }

    @Test("Talon's example rules load as eleven playbooks where all their actionners exist, and the override is merged in")
    func complete() throws {
        let files = [try TalonCorpus.file("rules.yaml"), try TalonCorpus.file("rules_override.yaml")]
        let set = try #require(PlaybookLoader.load(files, cards: SpecCards.all + lacking).playbooks)
        #expect(set.playbooks.count == 11)
        let terminate = try #require(set["Terminal shell in container"]?.steps.actions.first)
        #expect(terminate.parameters == [
            "grace_period_seconds": 2, "ignore_daemonsets": true, "ignore_statefulsets": true, "ignore_standalone_pods": true,
        ])
    }

    private var lacking: [ActionCard] {
        [
            "cilium:networkpolicy", "kubernetes:delete", "calico:networkpolicy", "kubernetes:cordon", "kubernetes:drain",
            "kubernetes:exec", "kubernetes:log", "kubernetes:download", "kubernetes:tcpdump", "kubernetes:sysdig",
        ].map {
            ActionCard(
                name: $0, summary: "", kind: .observe, defaultContinue: true, parameters: [], permissions: [], requiredFields: [])
        }
    }
}
