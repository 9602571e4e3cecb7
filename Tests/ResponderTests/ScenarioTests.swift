// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Guardrails
import KubeClient
import KubeSim
import Records
import Responder
import ResponseLanguage
import Testing

@Suite("What is rehearsed is what happens")
struct ScenarioTests {
    @Test("In every scenario the rehearsal foretells each outcome of the run from the same state, and changes no stored byte")
    func scenarios() async throws {
        let scenarios = try Scenario.all()
        #expect(scenarios.count >= 100 && Set(scenarios.map(\.case)).count == scenarios.count)
        var tally = Tally()
        for scenario in scenarios {
            try await compare(scenario, &tally)
        }
        #expect(tally.differences == [])
        // Scenarios that all end alike would prove little.
        let labels: Set = ["done", "skipped", "refused", "failed", "unknown"]
        let guardrails: Set<Refusal.Guardrail> = [
            .identity, .protectedNamespace, .hostNetwork, .budget, .cooldown, .stopFile, .minHealthy, .controlPlane, .ownership,
        ]
        #expect(labels.subtracting(tally.labels) == [], "\(tally.labels)")
        #expect(guardrails.subtracting(tally.guardrails) == [], "\(tally.guardrails)")
    }

    /// What all scenarios came to.
    private struct Tally {
        var differences: [String] = []
        var labels: Set<String> = []
        var guardrails: Set<Refusal.Guardrail> = []
    }

    private func compare(_ scenario: Scenario, _ tally: inout Tally) async throws {
        var options = KubeSimOptions()
        options.now = { Int64(Scenario.now.nanoseconds) }
        options.runtime = scenario.runtime == true ? SlowRuntime() : nil
        var differences: [String] = [], labels: Set<String> = [], guardrails: Set<Refusal.Guardrail> = []
        try await World.run(
            try scenario.playbooks(), scenario.settings, simulator: options,
            adjust: { parts in
                parts.now = { Scenario.now }
                parts.steady = { Scenario.now.nanoseconds }
                parts.stopFileIsPresent = { $0 == "/stop" }
            },
            { world in
                let alert = try await scenario.set(up: world)
                let known = world.book.reports.count
                let recent = try await JournalReader(path: world.parts.journal.path).recentActs(since: Timestamp(nanoseconds: 0))
                let before = try await Stored(world)
                let answer = try await Self.rehearse(scenario, alert, after: recent, world)
                if try await Stored(world) != before { differences.append("\(scenario.case): the rehearsal changed what is stored") }
                if let trouble = scenario.trouble { world.sim.inject(trouble) }
                await world.line.handle(alert)
                let reports = world.book.reports.dropFirst(known)
                differences += Self.differences(answer, Array(reports)).map { "\(scenario.case): \($0)" }
                labels = Set(reports.map(\.outcome.label))
                guardrails = Set(reports.compactMap(\.outcome.guardrail))
            })
        tally.differences += differences
        tally.labels.formUnion(labels)
        tally.guardrails.formUnion(guardrails)
    }

    private static func rehearse(
        _ scenario: Scenario, _ alert: Alert, after recent: [PastAct], _ world: World
    ) async throws -> Rehearsal.Answer {
        let playbook = try #require(try World.playbookSet(try scenario.playbooks()).playbooks.first)
        let rehearsal = Rehearsal(
            kube: DryRunKube(world.client), settings: scenario.settings, recent: recent, now: { Scenario.now },
            stopFileIsPresent: { $0 == "/stop" })
        if let trouble = scenario.trouble { world.sim.inject(trouble) }
        let answer = await rehearsal.rehearse(playbook, about: alert)
        world.sim.clearFaults()
        return answer
    }

    private static func differences(_ answer: Rehearsal.Answer, _ reports: [ActionReport]) -> [String] {
        var differences: [String] = []
        if answer.steps.count != reports.count {
            differences.append("\(answer.steps.count) actions rehearsed, \(reports.count) run")
        }
        for (step, report) in zip(answer.steps, reports) {
            if step.act != report.act { differences.append("planned \(step.act), then \(report.act)") }
            let foretold = foretelling(step.outcome), found = plain(report.outcome.label + ": " + report.outcome.sentence)
            if foretold != found { differences.append("foretold '\(foretold)', found '\(found)'") }
        }
        return differences
    }

    /// The outcome that a rehearsal says the act would have.
    private static func foretelling(_ outcome: Outcome) -> String {
        let prefix = "would end with: ", suffix = " (the mode is rehearse; say `mode: act` in saker.yaml to act)"
        guard case .rehearsed(let would) = outcome, would.hasPrefix(prefix), would.hasSuffix(suffix) else {
            return plain(outcome.label + ": " + outcome.sentence)
        }
        return "done: " + would.dropFirst(prefix.count).dropLast(suffix.count)
    }

    // An error says that it was a dry run that met it.
    private static func plain(_ text: String) -> String { text.replacing(" (dry run)", with: "") }
}

/// Every byte that a rehearsal could change: the cluster's store, the journal and the results.
private struct Stored: Equatable {
    let cluster: String
    let files: [String: Data]

    init(_ world: World) async throws {
        cluster = await world.sim.storeDigest
        let names = FileManager.default.enumerator(atPath: world.folder.path)?.allObjects as? [String] ?? []
        let pairs = names.map { ($0, (try? Data(contentsOf: world.folder.appending(path: $0))) ?? Data()) }
        files = Dictionary(uniqueKeysWithValues: pairs)
    }
}

extension Outcome {
    fileprivate var guardrail: Refusal.Guardrail? {
        guard case .refused(let refusal) = self else { return nil }
        return refusal.guardrail
    }
}
