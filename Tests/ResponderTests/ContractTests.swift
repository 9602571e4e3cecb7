// SPDX-License-Identifier: Apache-2.0
import Actions
import EventModel
import Foundation
import Guardrails
import KubeClient
import KubeSim
import Records
import Responder
import ResponseLanguage
import SourceText
import Testing

@Suite("What every action that is an API call keeps to")
struct ContractTests {
    @Test("It does what it says, once; what is so already is left alone", arguments: ContractCase.all)
    func runs(spec: ContractCase) async throws {
        try await World.run(spec.playbooks, GuardrailSettings(mode: .act, cooldownSeconds: 0)) { world in
            let uids = try await Town.build(world, cordoned: spec.isCordoned)
            let place = spec.place(uids)
            let before = try await place.value(world)
            await world.line.handle(spec.event(uids))
            #expect(world.book.labels == ["done"], "\(world.book.outcomes)")
            #expect(try await place.value(world) == spec.after)
            #expect(before != spec.after)
            #expect(world.book.reports.first?.act.intention.undo != nil || !spec.hasUndo)
            let written = world.writes.count
            // A drain ends the event's own pod.
            guard spec.action != "kubernetes:drain", spec.action != "kubernetes:rollback" else { return }
            await world.line.handle(spec.event(uids))
            #expect(world.book.labels.last == "skipped", "\(world.book.outcomes)")
            #expect(world.writes.count == written)
        }
    }

    @Test("It is taken back to what was there before, and only once", arguments: ContractCase.all.filter(\.hasUndo))
    func undo(spec: ContractCase) async throws {
        try await World.run(spec.playbooks) { world in
            let uids = try await Town.build(world, cordoned: spec.isCordoned)
            let place = spec.place(uids)
            let before = try await place.value(world)
            await world.line.handle(spec.event(uids))
            let id = world.book.reports.first?.id
            let outcome = try await world.undo(id)
            #expect(outcome.label == "done", "\(outcome)")
            let now = try await place.value(world)
            let isSame = now == before || now == false && before == nil || Set(now?.array ?? []) == Set(before?.array ?? [.null])
            #expect(isSame, "\(String(describing: now))")
            #expect(try await world.undo(id).sentence.contains("taken back already"))
        }
    }

    @Test("What somebody else changed since is not taken back, and the refusal says what is different",
        arguments: ContractCase.all.filter { $0.foreign != nil })
    func foreign(spec: ContractCase) async throws {
        try await World.run(spec.playbooks) { world in
            let uids = try await Town.build(world, cordoned: spec.isCordoned)
            await world.line.handle(spec.event(uids))
            try await spec.place(uids).change(by: spec.foreign ?? .null, world)
            let found = try await spec.place(uids).value(world)
            let written = world.writes.count
            let outcome = try await world.undo(world.book.reports.first?.id)
            #expect(outcome.label == "refused" && outcome.sentence.contains(spec.difference), "\(outcome)")
            #expect(world.writes.count == written)
            #expect(try await spec.place(uids).value(world) == found)
        }
    }

    @Test(
        "An act that a crash left open is read back from the cluster as done",
        arguments: ContractCase.all.filter { $0.action != "kubernetes:drain" })
    func readBack(spec: ContractCase) async throws {
        try await World.run(spec.playbooks) { world in
            let uids = try await Town.build(world, cordoned: spec.isCordoned)
            await world.line.handle(spec.event(uids))
            let act = try #require(world.book.reports.first?.act)
            let action = try #require(world.parts.catalogue[act.intention.actuator])
            let found = try await action.readBack(act.intention, world.client)
            #expect(found?.label == "done" && found?.sentence.contains("read back after a restart") == true, "\(String(describing: found))")
        }
    }

    @Test(
        "A pod of the same name that is another one is not acted on",
        arguments: ContractCase.all.filter { $0.fields["ka.target.name"] == nil })
    func namesake(spec: ContractCase) async throws {
        try await World.run(spec.playbooks) { world in
            let uids = try await Town.build(world, cordoned: spec.isCordoned)
            await world.sim.remove("pods", namespace: "shop", name: "web-1")
            try await Town.build(world, cordoned: spec.isCordoned)
            await world.line.handle(spec.event(uids))
            #expect(world.book.guardrails == [.identity], "\(world.book.outcomes)")
            #expect(world.writes.isEmpty)
        }
    }

    @Test("In rehearsal every write is a dry run and nothing changes", arguments: ContractCase.all)
    func rehearses(spec: ContractCase) async throws {
        try await World.run(spec.playbooks, GuardrailSettings()) { world in
            let uids = try await Town.build(world, cordoned: spec.isCordoned)
            let before = await world.sim.storeDigest
            await world.line.handle(spec.event(uids))
            #expect(world.book.labels == ["rehearsed"], "\(world.book.outcomes)")
            #expect(!world.writes.isEmpty && world.writes.allSatisfy(\.dryRun))
            #expect(await world.sim.storeDigest == before)
        }
    }
}

@Suite("Talon's example rules", .enabled(if: mayReadTalon, "the corpus is not beside this checkout"))
struct TalonRulesTests {
    @Test("Of Talon's example rules no actionner that is a plain API call is unknown, nor any of its parameters but the dead ones")
    func rules() throws {
        let files = try ["rules.yaml", "rules_override.yaml"].map { name in
            SourceFile(name: name, text: try String(contentsOf: talonFolder.appending(path: name), encoding: .utf8))
        }
        let findings = PlaybookLoader.load(files, cards: ActionCatalogue().cards).diagnostics.all
        let plain = ["annotation", "cordon", "drain", "delete", "label", "terminate", "networkpolicy"]
        let about = findings.filter { finding in plain.contains { finding.message.contains(":" + $0) } }.map(\.message)
        // Talon never read these two either.
        #expect(about.map { $0.prefix { $0 != ";" } } == [
            "kubernetes:networkpolicy has no parameter 'allow'", "kubernetes:drain has no parameter 'force'",
        ], "\(about)")
    }
}

private let talonFolder = URL(filePath: #filePath).appending(path: "../../../../shared/corpus/talon").standardized
private let mayReadTalon = FileManager.default.fileExists(atPath: talonFolder.path)
    || ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1"
