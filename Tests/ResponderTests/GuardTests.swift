// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Guardrails
import KubeSim
import Records
import Responder
import ResponseLanguage
import Synchronization
import Testing

@Suite("Who may be acted on, and how often")
struct GuardTests {
    @Test(
        "A pod of the same name that was reborn between alert and act is left alone",
        arguments: [World.label, World.isolate, World.terminate])
    func reborn(playbook: String) async throws {
        try await World.run(playbook) { world in
            let uid = try await world.pod()
            await world.sim.remove("pods", namespace: "shop", name: "web-1")
            let reborn = try await world.pod()
            #expect(reborn != uid)
            await world.line.handle(alert(uid: uid))
            #expect(world.book.guardrails == [.identity], "\(world.book.outcomes)")
            #expect(world.writes.isEmpty)
            #expect(try await world.object("pods", "web-1") != nil)
        }
    }

    @Test(
        "A pod that is reborn between the reading and the act is left alone, by the precondition",
        arguments: [World.label, World.terminate])
    func rebornMeanwhile(playbook: String) async throws {
        try await World.run(playbook) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.delay(.seconds(1)), verb: playbook == World.label ? "patch" : "delete"))
            async let handled: Void = world.line.handle(alert(uid: uid))
            let isIntended = try await eventually { try await world.history.first?.label == "open" }
            #expect(isIntended)
            await world.sim.remove("pods", namespace: "shop", name: "web-1")
            try await world.pod()
            await handled
            #expect(world.book.guardrails == [.identity], "\(world.book.outcomes)")
            #expect(try await world.labels() == ["app": "web", "old": "1"])
        }
    }

    @Test("Without a UID the event's container must be in the pod")
    func container() async throws {
        try await World.run(World.label) { world in
            try await world.pod()
            await world.line.handle(alert(container: String(repeating: "f", count: 64)))
            await world.line.handle(alert(container: World.container("web-1")))
            await world.line.handle(alert())
            #expect(world.book.guardrails == [.identity, nil, .identity], "\(world.book.outcomes)")
            #expect(world.writes.count == 1)
        }
    }

    @Test("A pod whose name is not known yet is found by UID or by container")
    func nameless() async throws {
        try await World.run(World.label) { world in
            try await world.pod("other")
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid, pod: nil, namespace: nil))
            #expect(world.book.labels == ["done"], "\(world.book.outcomes)")
            #expect(try await world.labels()["suspicious"] == "true")
            #expect(try await world.labels("other")["suspicious"] == nil)
            await world.line.handle(alert(pod: nil, namespace: nil, container: World.container("other")))
            #expect(try await world.labels("other")["suspicious"] == "true")
        }
    }

    @Test("An event of the host, and one of a pod that is gone, have no pod to act on")
    func nobody() async throws {
        try await World.run(World.terminate) { world in
            await world.line.handle(alert(pod: nil, namespace: nil))
            await world.line.handle(alert(uid: "gone"))
            #expect(world.book.guardrails == [.identity, .identity])
            #expect(world.book.outcomes.map { $0.sentence.contains("is gone; nothing is left to act on") } == [true, true])
        }
    }

    @Test("Nothing in a protected namespace is changed")
    func protected() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod("dns", namespace: "kube-system")
            await world.line.handle(alert(uid: uid, pod: "dns", namespace: "kube-system"))
            #expect(world.book.guardrails == [.protectedNamespace])
            #expect(world.writes.isEmpty)
        }
    }

    @Test("The budget of destructive acts is kept also when alerts come at once")
    func budget() async throws {
        try await World.run(World.terminate, GuardrailSettings(mode: .act, budgetPerCluster: 2)) { world in
            var alerts: [Alert] = []
            for index in 0..<6 { alerts.append(alert(uid: try await world.pod("web-\(index)"), pod: "web-\(index)")) }
            await withTaskGroup(of: Void.self) { group in
                for alert in alerts { group.addTask { await world.line.handle(alert) } }
            }
            #expect(world.writes.count == 2)
            #expect(world.book.guardrails.filter { $0 == .budget }.count == 4, "\(world.book.outcomes)")
        }
    }

    @Test("Two steps of one playbook both run within the cooldown, which a second alert meets")
    func steps() async throws {
        let text = """
            - rule: Mark
              actions:
                - {action: First, actionner: kubernetes:label, parameters: {labels: {first: "1"}}}
                - {action: Second, actionner: kubernetes:label, parameters: {labels: {second: "2"}}}
            """
        try await World.run(text, GuardrailSettings(mode: .act, cooldownSeconds: 600)) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["done", "done"], "\(world.book.outcomes)")
            let labels = try await world.labels()
            #expect(labels["first"] == "1" && labels["second"] == "2")
            await world.line.handle(alert(uid: uid))
            #expect(world.book.guardrails == [nil, nil, .cooldown])
            let recent = try await world.parts.journal.recentActs(since: Timestamp(nanoseconds: 0))
            #expect(recent.map(\.playbook) == ["Mark", "Mark"] && Set(recent.map(\.trace)).count == 1)
        }
    }

    @Test("One actuator leaves a target alone for the cooldown")
    func cooldown() async throws {
        try await World.run(World.label, GuardrailSettings(mode: .act, cooldownSeconds: 600)) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            await world.line.handle(alert(uid: uid))
            #expect(world.book.guardrails == [nil, .cooldown])
            #expect(world.writes.count == 1)
        }
    }

    @Test("While the stop file is there nothing is changed; without it acts go on")
    func stopFile() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "saker-stop-" + UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try await World.run(World.label, GuardrailSettings(mode: .act, stopFile: file.path)) { world in
            let uid = try await world.pod()
            try Data().write(to: file)
            await world.line.handle(alert(uid: uid))
            try FileManager.default.removeItem(at: file)
            await world.line.handle(alert(uid: uid))
            #expect(world.book.guardrails == [.stopFile, nil])
            #expect(world.writes.count == 1)
        }
    }

    @Test("Two alerts about one pod at once end it once, and the second learns that it is gone or was just acted on")
    func twoAtOnce() async throws {
        try await World.run(World.terminate) { world in
            let uid = try await world.pod()
            async let first: Void = world.line.handle(alert(uid: uid))
            async let second: Void = world.line.handle(alert(uid: uid))
            _ = await (first, second)
            #expect(world.writes.map(\.verb) == ["delete"])
            #expect(world.book.labels.sorted() == ["done", "refused"])
        }
    }

    @Test("An alert that was taken in before does nothing again")
    func duplicate() async throws {
        try await World.run(World.label, GuardrailSettings(mode: .act, cooldownSeconds: 0)) { world in
            let uid = try await world.pod()
            let one = alert(uid: uid)
            await world.line.handle(one)
            await world.line.handle(one)
            #expect(world.book.labels == ["done"])
        }
    }
}

/// Looks until the condition holds; false when it did not within the time.
func eventually(within limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return false
}
