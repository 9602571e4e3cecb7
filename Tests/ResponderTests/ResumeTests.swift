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
import Synchronization
import Testing

/// What a start makes of what an earlier run left in the journal.
@Suite("Resuming")
struct ResumeTests {
    static let two = """
        - rule: Two
          actions:
            - {action: Mark, actionner: kubernetes:label, parameters: {labels: {suspicious: true}}}
            - {action: End, actionner: kubernetes:terminate}
        """

    @Test("An alert that was accepted and not planned is answered at the next start, once")
    func accepted() async throws {
        try await World.run(Self.two) { world in
            let uid = try await world.pod()
            _ = try await world.parts.journal.accept(alert(uid: uid), at: ResponderParts.systemTime())
            await world.line.resume(try await world.line.takeUp())
            #expect(world.book.labels == ["done", "done"], "\(world.book.outcomes)")
            #expect(world.writes.map(\.verb) == ["patch", "delete"])
            #expect(try await world.line.takeUp().isEmpty)
        }
    }

    @Test("An alert whose answer is cut short by the end of the program is answered by the next start, and is told as no failure")
    func cutShort() async throws {
        try await World.run(Self.two) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.delay(.seconds(20)), verb: "get"))
            let answering = Task { await world.line.handle(alert(uid: uid)) }
            while try await world.parts.journal.unfinishedAlerts().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            try await Task.sleep(for: .milliseconds(50))
            answering.cancel()
            await answering.value
            #expect(!world.book.labels.contains("failed") && world.writes.isEmpty, "\(world.book.outcomes)")
            let unfinished = try await world.line.takeUp()
            #expect(unfinished.count == 1)
            await world.line.resume(unfinished)
            #expect(world.book.labels.suffix(2) == ["done", "done"], "\(world.book.outcomes)")
        }
    }

    @Test("An alert that was answered to the end is not taken up again, and neither is one that nothing answers")
    func finished() async throws {
        try await World.run("- rule: R\n  match: {rules: [Other]}\n  actions: [{action: E, actionner: kubernetes:terminate}]") { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            #expect(try await world.line.takeUp().isEmpty)
        }
        try await World.run(Self.two) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            #expect(try await world.line.takeUp().isEmpty)
            #expect(try await world.waiting(OutboxMessage.results).isEmpty)
        }
    }

    @Test("An open act that is proven by what is there now ends as done with that proof, and the rest of the plan follows")
    func proven() async throws {
        try await World.run(Self.two) { world in
            let uid = try await world.pod(labels: #""app":"web""#)
            let alert = alert(uid: uid)
            try await world.leaveOpen(alert, "Mark", "kubernetes:label", uid)
            _ = try await world.client.patch(
                ObjectReference(.pods, "web-1", in: "shop"), .labels(["suspicious": "true"], uid: nil), WriteOptions())
            let before = world.writes.count
            await world.line.resume(try await world.line.takeUp())
            #expect(world.book.labels == ["done", "done"], "\(world.book.outcomes)")
            #expect(world.book.reports.map(\.occasion) == [.foundOpen, .ended])
            #expect(world.book.outcomes.first?.sentence.hasSuffix("(read back after a restart)") == true)
            #expect(world.writes.dropFirst(before).map(\.verb) == ["delete"])
            #expect(world.resultFiles.count == 2)
        }
    }

    @Test("An open act that nothing proves ends as unknown, once, and what follows it is not done")
    func unproven() async throws {
        try await World.run(Self.two) { world in
            let uid = try await world.pod()
            try await world.leaveOpen(alert(uid: uid), "Mark", "kubernetes:label", uid)
            for _ in 0..<2 { await world.line.resume(try await world.line.takeUp()) }
            #expect(world.book.labels == ["unknown"], "\(world.book.outcomes)")
            #expect(world.book.outcomes.first?.sentence.contains("look at pod shop/web-1") == true)
            #expect(world.writes.isEmpty)
        }
    }

    @Test("An act that had ended is not repeated, and the next one of its playbook is judged by facts of now")
    func next() async throws {
        try await World.run(Self.two) { world in
            let uid = try await world.pod()
            let id = try await world.leaveOpen(alert(uid: uid), "Mark", "kubernetes:label", uid)
            _ = try await world.parts.journal.close(id, outcome: .done(Proof("marked")), at: ResponderParts.systemTime())
            // The pod was replaced while nobody ran.
            _ = await world.sim.remove("pods", namespace: "shop", name: "web-1")
            try await world.pod()
            await world.line.resume(try await world.line.takeUp())
            #expect(world.book.guardrails == [.identity], "\(world.book.outcomes)")
            #expect(world.writes.isEmpty)
        }
    }

    @Test("An alert that waited longer than act_within is refused as stale also when it is resumed")
    func stale() async throws {
        try await World.run(World.terminate, GuardrailSettings(mode: .act, actWithinSeconds: 60)) { world in
            let uid = try await world.pod()
            var old = alert(uid: uid)
            old.time = Timestamp(nanoseconds: old.time.nanoseconds - 61_000_000_000)
            _ = try await world.parts.journal.accept(old, at: ResponderParts.systemTime())
            await world.line.resume(try await world.line.takeUp())
            #expect(world.book.guardrails == [.stale], "\(world.book.outcomes)")
            #expect(world.writes.isEmpty)
        }
    }

    @Test("An isolation of an earlier run is watched again, and what was told of it is not told again")
    func isolation() async throws {
        try await World.run(World.isolate) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            let policy = ResponsePolicy(playbooks: try World.playbookSet(World.isolate), guardrails: GuardrailSettings(mode: .act))
            for count in [2, 2] {
                let next = ResponseLine(world.parts, policy: policy)
                _ = try await next.takeUp()
                #expect(next.watchesConnections)
                let time = Timestamp(nanoseconds: ResponderParts.systemTime().nanoseconds + 1_000_000_000)
                await next.observe(
                    ConnectionSeen(
                        pod: PodUID(uid), time: time, address: IPAddress(v4: 0xc633_6407), port: 443, answer: .failed("EHOSTUNREACH")))
                #expect(world.book.reports.count == count)
            }
            _ = try await world.undo(world.book.reports.first?.id)
            let last = ResponseLine(world.parts, policy: policy)
            _ = try await last.takeUp()
            #expect(!last.watchesConnections)
        }
    }

    @Test("An undo that was cut short is closed as unknown, and can be asked for again")
    func undo() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            let id = try #require(world.book.reports.first?.id)
            _ = try await world.parts.journal.intendUndo(of: id, by: "a test", at: ResponderParts.systemTime())
            _ = try await world.line.takeUp()
            #expect(world.book.labels == ["done", "unknown"])
            #expect(try await world.undo(id).label == "done")
        }
    }

    @Test("A budget counts the acts of an earlier run")
    func budget() async throws {
        var settings = GuardrailSettings(mode: .act)
        settings.budgetPerCluster = 1
        try await World.run(World.terminate, settings) { world in
            let first = try await world.pod("web-1"), second = try await world.pod("web-2")
            await world.line.handle(alert(uid: first))
            let policy = ResponsePolicy(playbooks: try World.playbookSet(World.terminate), guardrails: settings)
            await ResponseLine(world.parts, policy: policy).handle(alert(uid: second, pod: "web-2"))
            #expect(world.book.guardrails == [nil, .budget], "\(world.book.outcomes)")
        }
    }

    @Test("Of many alerts at once no more are acted on than the budget lets")
    func crowd() async throws {
        var settings = GuardrailSettings(mode: .act)
        settings.budgetPerCluster = 3
        try await World.run(World.terminate, settings) { world in
            var alerts: [Alert] = []
            for number in 0..<12 { alerts.append(alert(uid: try await world.pod("web-\(number)"), pod: "web-\(number)")) }
            await withTaskGroup { group in
                for alert in alerts { group.addTask { await world.line.handle(alert) } }
            }
            #expect(world.book.labels.filter { $0 == "done" }.count == 3, "\(world.book.outcomes)")
            #expect(world.writes.count == 3)
        }
    }
}

@Suite("A result store that is down")
struct SlowStoreTests {
    /// Takes nothing until it is told to.
    final class SlowStore: ResultStore {
        private let isUp = Mutex(false)
        private let kept = Mutex<[IntentionID]>([])

        var keys: [IntentionID] { kept.withLock { $0 } }

        func rise() { isUp.withLock { $0 = true } }

        func put(_ record: ResultRecord) async throws(JournalError) -> ResultPlacement {
            while !isUp.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(20)) }
            kept.withLock { $0.append(record.id) }
            return .stored(at: record.key)
        }
    }

    @Test("Answers do not wait for it, and it gets every result when it is back")
    func slow() async throws {
        try await World.run(World.label, GuardrailSettings(mode: .act, cooldownSeconds: 0)) { world in
            let uid = try await world.pod()
            let store = SlowStore()
            var parts = world.parts
            parts.results = store
            let policy = ResponsePolicy(playbooks: try World.playbookSet(World.label), guardrails: GuardrailSettings(mode: .act))
            let line = ResponseLine(parts, policy: policy)
            let first = alert(uid: uid)
            async let handled: Void = line.handle(first)
            let isDone = try await eventually { try await world.history.first?.label == "done" }
            #expect(isDone && store.keys.isEmpty)
            await handled
            let began = ContinuousClock.now
            for number in 0..<5 { await line.handle(alert(uid: try await world.pod("web-x\(number)"), pod: "web-x\(number)")) }
            #expect(ContinuousClock.now - began < .seconds(5))
            #expect(world.book.labels.filter { $0 == "done" }.count == 6 && store.keys.isEmpty)
            let notes = world.book.reports.last?.notes ?? []
            #expect(notes.first?.contains("waits in the journal") == true, "\(notes)")
            store.rise()
            var settings = Courier.Settings(now: ResponderParts.systemTime)
            settings.firstWait = .milliseconds(10)
            let courier = Courier(parts.journal, to: OutboxMessage.results, settings, say: { _ in }) { await line.deliverResult($0) }
            let delivering = Task { await courier.run() }
            let isKept = try await eventually { try await world.waiting(OutboxMessage.results).isEmpty }
            #expect(isKept)
            delivering.cancel()
            await delivering.value
            #expect(Set(store.keys).count == 6)
        }
    }
}

extension World {
    /// Messages that wait for a destination.
    func waiting(_ destination: String) async throws -> [WaitingMessage] { try await parts.journal.waiting(for: destination) }

    /// Leaves an alert with one act that was begun, as a crash would; returns the act's number.
    @discardableResult
    func leaveOpen(_ alert: Alert, _ action: ActionName, _ actuator: ActuatorName, _ uid: String) async throws -> IntentionID {
        let target = TargetObject(kind: "Pod", namespace: "shop", name: "web-1", uid: uid)
        let change: JSONValue = ["suspicious": "true"], before: JSONValue = ["suspicious": .null]
        let intention = Intention(
            trace: alert.trace, playbook: "Two", action: action, actuator: actuator, target: target, parameters: [:],
            undo: UndoRecipe("remove the label", facts: ["after": change, "before": before]))
        let now = ResponderParts.systemTime()
        _ = try await parts.journal.accept(alert, at: now)
        let act = PlannedAct(intention, kind: .reversible, workload: "shop/Pod/web-1")
        return try #require(try await parts.journal.intend([act], rehearsal: false, at: now).first)
    }
}
