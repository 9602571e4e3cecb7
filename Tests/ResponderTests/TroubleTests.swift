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
import Testing

@Suite("Trouble on the way")
struct TroubleTests {
    @Test(
        "What the API server answers to the act decides the outcome",
        arguments: [
            (401, "failed", "unauthorized"), (403, "failed", "forbidden"), (409, "failed", "conflict"), (422, "failed", "invalid"),
            (429, "failed", "tooManyRequests"), (500, "unknown", ""), (502, "unknown", ""), (503, "failed", "unavailable"),
            (504, "unknown", ""),
        ])
    func answers(status: Int, label: String, code: String) async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.answer(status: status), verb: "patch"))
            await world.line.handle(alert(uid: uid))
            let outcome = try #require(world.book.outcomes.first)
            #expect(outcome.label == label, "\(outcome)")
            if case .failed(let failure) = outcome { #expect(failure.code == code) }
            #expect(outcome.sentence.contains("patch pods shop/web-1"), "\(outcome)")
            #expect(try await world.history.first?.label == label)
            #expect(try await world.labels()["suspicious"] == nil)
        }
    }

    @Test("A connection that is cut after the act was sent leaves it unknown, with what to look at; it is not repeated")
    func cut() async throws {
        try await World.run(World.terminate) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.dropAfterActing, verb: "delete"))
            await world.line.handle(alert(uid: uid))
            let outcome = try #require(world.book.outcomes.first)
            #expect(outcome.label == "unknown" && outcome.sentence.contains("look at pod shop/web-1"), "\(outcome)")
            #expect(world.writes.count == 1)
        }
    }

    @Test("An API server that cannot be reached, or does not allow the reading, leaves all as it is", arguments: [403, 500])
    func reading(status: Int) async throws {
        try await World.run(World.terminate) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.answer(status: status), verb: "get", resource: "pods"))
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["failed"])
            #expect(world.book.outcomes.first?.sentence.contains("Nothing was changed") == true)
            #expect(world.writes.isEmpty)
        }
    }

    @Test("A user without the right is told which right is missing")
    func rights() async throws {
        var options = KubeSimOptions()
        options.users = [.init(name: "saker", token: "t")]
        options.denials = [.init(user: "saker", verb: "patch", resource: "pods")]
        try await World.run(World.label, user: .token(user: "saker"), simulator: options) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            let sentence = world.book.outcomes.first?.sentence ?? ""
            #expect(sentence.contains("'saker' lacks the verb 'patch' on 'pods'") && sentence.contains("RBAC"), "\(sentence)")
        }
    }

    @Test("An act that does not end in time is unknown, and the next alert is answered all the same")
    func slow() async throws {
        try await World.run(World.label, GuardrailSettings(mode: .act, cooldownSeconds: 0), limits: .seconds(5)) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.delay(.seconds(20)), verb: "patch"))
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["unknown"], "\(world.book.outcomes)")
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels.count == 2)
        }
    }

    @Test("When the journal cannot be written nothing is done, nobody is asked, and it is told")
    func journal() async throws {
        try await World.run(World.label + "\n" + World.terminate) { world in
            let uid = try await world.pod()
            await world.parts.journal.close()
            await world.line.handle(alert(uid: uid))
            #expect(world.book.guardrails == [.journal, .journal], "\(world.book.outcomes)")
            #expect(world.sim.requests.isEmpty)
            #expect(world.line.journalTrouble != nil)
        }
    }

    @Test("When the journal fails between the alert and the intention, nothing is done")
    func journalBeforeIntention() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.delay(.seconds(1)), verb: "get"))
            async let handled: Void = world.line.handle(alert(uid: uid))
            let isAccepted = try await eventually { try await world.hasAccepted }
            #expect(isAccepted)
            await world.parts.journal.close()
            await handled
            #expect(world.book.guardrails == [.journal], "\(world.book.outcomes)")
            #expect(world.writes.isEmpty)
        }
    }

    @Test("When the journal fails after the act, the act is told with that trouble, and the next start finds it open")
    func journalAfterAct() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.delay(.seconds(1)), verb: "patch"))
            async let handled: Void = world.line.handle(alert(uid: uid))
            let isIntended = try await eventually { try await world.history.first?.label == "open" }
            #expect(isIntended)
            await world.parts.journal.close()
            await handled
            #expect(world.book.labels == ["done"])
            #expect(world.book.reports.first?.head == nil)
            #expect(world.book.reports.first?.notes.first?.hasPrefix("how it ended is not in the journal") == true)
            let reopened = try Journal(path: world.parts.journal.path, role: .responder)
            let open = try await reopened.openIntentions()
            await reopened.close()
            #expect(open.map(\.act.intention.actuator) == ["kubernetes:label"])
        }
    }

    @Test("A deletion that was taken and cannot be read back is unknown, and no failure")
    func readBack() async throws {
        try await World.run(World.terminate) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.delay(.seconds(1)), verb: "delete"))
            async let handled: Void = world.line.handle(alert(uid: uid))
            let isIntended = try await eventually { try await world.history.first?.label == "open" }
            #expect(isIntended)
            world.sim.inject(Fault(.answer(status: 429), verb: "get", resource: "pods"))
            await handled
            #expect(world.book.labels == ["unknown"], "\(world.book.outcomes)")
            #expect(try await world.object("pods", "web-1") == nil)
        }
    }

    @Test("A release whose policy cannot be deleted frees the pod, says what is left, and can be repeated")
    func halfRelease() async throws {
        try await World.run(World.isolate) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            world.sim.inject(Fault(.answer(status: 403), verb: "delete"))
            let id = world.book.reports.first?.id
            let first = try await world.undo(id)
            #expect(first.label == "failed" && first.sentence.contains("is released, and its network policy"), "\(first)")
            #expect(try await world.labels()["saker.dev/quarantine"] == nil)
            #expect(try await world.undo(id).label == "done")
        }
    }

    @Test("A result that cannot be kept is told, and the act stands in the journal")
    func results() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod()
            try Data().write(to: world.folder.appending(path: "results"))
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["done"])
            #expect(world.book.reports.first?.notes.first?.contains("could not be kept") == true)
            #expect(try await world.history.first?.label == "done")
        }
    }

    @Test("What an earlier run began and did not end is closed as unknown, told, and not repeated")
    func open() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod()
            let alert = alert(uid: uid)
            let target = TargetObject(kind: "Pod", namespace: "shop", name: "web-1", uid: uid)
            let intention = Intention(
                trace: alert.trace, playbook: "Mark", action: "Mark it", actuator: "kubernetes:label", target: target, parameters: [:],
                undo: nil)
            let now = ResponderParts.systemTime()
            _ = try await world.parts.journal.accept(alert, at: now)
            _ = try await world.parts.journal.intend(
                [PlannedAct(intention, kind: .reversible, workload: "shop/Pod/web-1")], rehearsal: false, at: now)
            await world.line.resume(try await world.line.takeUp())
            #expect(world.book.reports.map(\.occasion) == [.foundOpen])
            #expect(world.book.outcomes.first?.sentence.contains("look at pod shop/web-1") == true)
            #expect(try await world.history.map(\.label) == ["unknown"])
            await world.line.resume(try await world.line.takeUp())
            #expect(world.book.reports.count == 1)
            #expect(world.writes.isEmpty)
        }
    }
}

@Suite("The order of actions")
struct OrderTests {
    private static func two(_ flags: String) -> String {
        """
        - rule: Two
          actions:
            - {action: First, actionner: kubernetes:terminate\(flags)}
            - {action: Second, actionner: kubernetes:label, parameters: {labels: {a: b}}}
        """
    }

    @Test(
        "After an action the next one runs as continue and ignore_errors say",
        arguments: [
            ("", 200, 1), (", continue: true", 200, 2), (", continue: true", 403, 1), (", continue: true, ignore_errors: true", 403, 2),
            (", ignore_errors: true", 403, 1),
        ])
    func order(flags: String, status: Int, count: Int) async throws {
        try await World.run(Self.two(flags)) { world in
            let uid = try await world.pod()
            if status != 200 { world.sim.inject(Fault(.answer(status: status), verb: "delete")) }
            await world.line.handle(alert(uid: uid))
            #expect(world.book.reports.count == count, "\(world.book.outcomes)")
        }
    }

    @Test("All playbooks that answer are carried out, up to one that lets no other follow")
    func playbooks() async throws {
        let text = """
            - rule: One
              actions: [{action: A, actionner: kubernetes:label, parameters: {labels: {one: a}}}]
            - rule: Two
              continue: false
              actions: [{action: A, actionner: kubernetes:label, parameters: {labels: {two: a}}}]
            - rule: Three
              actions: [{action: A, actionner: kubernetes:label, parameters: {labels: {three: a}}}]
            """
        try await World.run(text, GuardrailSettings(mode: .act, cooldownSeconds: 0)) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            #expect(world.book.reports.map(\.act.intention.playbook) == ["One", "Two"])
        }
    }

    @Test("Playbooks and limits can be exchanged while it runs")
    func replace() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod()
            world.line.replace(ResponsePolicy(playbooks: try World.playbookSet(World.terminate), guardrails: GuardrailSettings(mode: .act)))
            await world.line.handle(alert(uid: uid))
            #expect(world.writes.map(\.verb) == ["delete"])
        }
    }
}
