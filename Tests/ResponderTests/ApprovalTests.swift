// SPDX-License-Identifier: Apache-2.0
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

@Suite("Approval")
struct ApprovalTests {
    private static func playbook(_ approval: String) -> String {
        """
        - rule: Ask
          actions:
            - {action: End, actionner: kubernetes:terminate, continue: true, approval: \(approval)}
            - {action: Mark, actionner: kubernetes:label, parameters: {labels: {marked: "1"}}, when: End.refused|skipped}
        """
    }

    private func vote(_ world: World, _ by: String, _ yes: Bool = true, at time: Timestamp? = nil) async throws -> ApprovalState {
        let pending = try #require(try await JournalReader(path: world.parts.journal.path).pending().first)
        return try await world.parts.journal.vote(
            ApprovalVote(by: by, approves: yes, reason: yes ? "" : "a drill", at: time ?? world.parts.now()), on: pending.id)
    }

    @Test("An act waits until two different people have approved it, and is done then, with their names")
    func two() async throws {
        try await World.run(Self.playbook("{people: 2, expires: 15m}")) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["awaiting"], "\(world.book.outcomes)")
            await world.line.lookOnce()
            #expect(world.writes.isEmpty && world.book.reports.count == 1)
            guard case .waiting(missing: 1, _) = try await vote(world, "ann") else { throw Unexpected() }
            await #expect(throws: JournalError.self) { _ = try await vote(world, "ANN") }
            await world.line.lookOnce()
            #expect(world.writes.isEmpty)
            guard case .approved = try await vote(world, "bob") else { throw Unexpected() }
            await world.line.lookOnce()
            #expect(world.book.labels == ["awaiting", "done", "skipped"], "\(world.book.outcomes)")
            #expect(world.book.reports[1].act.intention.approvedBy == ["ann", "bob"])
            #expect(world.writes.map(\.verb) == ["delete"])
            #expect(try await JournalReader(path: world.parts.journal.path).pending().isEmpty)
            #expect(try await world.line.takeUp().isEmpty)
        }
    }

    private struct Unexpected: Error {}

    @Test("One No ends it, with the name and the reason, and what follows a refusal is done")
    func denied() async throws {
        try await World.run(Self.playbook("{people: 2}")) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            _ = try await vote(world, "ann", false)
            await world.line.lookOnce()
            #expect(world.book.guardrails == [nil, .approval, nil], "\(world.book.outcomes)")
            #expect(world.book.outcomes[1].sentence.hasPrefix("approval: ann denied number"))
            #expect(try await world.labels()["marked"] == "1")
        }
    }

    @Test("Without an answer in time the stated default counts, also when nobody ran meanwhile", arguments: ["skip", "act"])
    func expired(otherwise: String) async throws {
        let offset = Mutex<UInt64>(0)
        try await World.run(
            Self.playbook("{expires: 10m, otherwise: \(otherwise)}"),
            adjust: { parts in
                parts.now = { Timestamp(nanoseconds: ResponderParts.systemTime().nanoseconds + offset.withLock { $0 }) }
            },
            { world in
                let uid = try await world.pod()
                await world.line.handle(alert(uid: uid))
                offset.withLock { $0 = 601_000_000_000 }
                let policy = ResponsePolicy(
                    playbooks: try World.playbookSet(Self.playbook("{expires: 10m}")), guardrails: GuardrailSettings(mode: .act))
                let next = ResponseLine(world.parts, policy: policy)
                await next.resume(try await next.takeUp())
                #expect(world.book.labels == ["awaiting"] + (otherwise == "act" ? ["done", "skipped"] : ["skipped", "done"]))
                #expect(try await world.line.takeUp().isEmpty)
            })
    }

    @Test("The wait outlives a restart, and guardrails are asked again when it is over")
    func restart() async throws {
        try await World.run(Self.playbook("{people: 1}")) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            var settings = GuardrailSettings(mode: .act)
            settings.protectedNodes = ["n"]
            let policy = ResponsePolicy(playbooks: try World.playbookSet(Self.playbook("{people: 1}")), guardrails: settings)
            let next = ResponseLine(world.parts, policy: policy)
            let backlog = try await next.takeUp()
            #expect(backlog.count == 1)
            await next.resume(backlog)
            #expect(world.book.labels == ["awaiting"], "\(world.book.outcomes)")
            _ = try await vote(world, "ann")
            await next.lookOnce()
            #expect(world.book.guardrails.prefix(2) == [nil, .protectedNode], "\(world.book.outcomes)")
            #expect(!world.writes.contains { $0.verb == "delete" })
        }
    }

    @Test("The limits ask about every act of a kind, and an approved one may be late")
    func byKind() async throws {
        var settings = GuardrailSettings(mode: .act, actWithinSeconds: 60)
        settings.approvalKinds = [.destructive]
        let offset = Mutex<UInt64>(0)
        try await World.run(
            World.terminate, settings,
            adjust: { parts in
                parts.now = { Timestamp(nanoseconds: ResponderParts.systemTime().nanoseconds + offset.withLock { $0 }) }
            },
            { world in
                let uid = try await world.pod()
                await world.line.handle(alert(uid: uid))
                offset.withLock { $0 = 300_000_000_000 }
                _ = try await vote(world, "ann")
                await world.line.lookOnce()
                #expect(world.book.labels == ["awaiting", "done"], "\(world.book.outcomes)")
            })
    }
}

@Suite("Acts that take themselves back")
struct ExpiryTests {
    private static let text = """
        - rule: Cut off
          actions: [{action: Cut, actionner: kubernetes:networkpolicy, for: 30m}]
        """

    private func run(_ body: (World, Shifted) async throws -> Void) async throws {
        let offset = Shifted()
        try await World.run(
            Self.text,
            adjust: { parts in
                parts.now = { Timestamp(nanoseconds: ResponderParts.systemTime().nanoseconds + offset.nanoseconds.withLock { $0 }) }
            },
            { world in try await body(world, offset) })
    }

    private final class Shifted: Sendable {
        let nanoseconds = Mutex<UInt64>(0)

        func set(seconds: UInt64) { nanoseconds.withLock { $0 = seconds * 1_000_000_000 } }
    }

    @Test("An isolation is lifted when its time is over, not before, and once; the history says who and why")
    func lifted() async throws {
        try await run { world, offset in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            offset.set(seconds: 1_790)
            await world.line.lookOnce()
            #expect(world.book.reports.count == 1)
            offset.set(seconds: 1_801)
            for _ in 0..<2 { await world.line.lookOnce() }
            #expect(world.book.reports.map(\.occasion) == [.ended, .undone], "\(world.book.outcomes)")
            let entry = try #require(try await world.history.first)
            #expect(entry.undoState == .undone && entry.undos.first?.by == "saker, since its 1800 s were over")
            #expect(try await world.labels()["saker.dev/quarantine"] == nil)
        }
    }

    @Test("It is lifted by the next start too; what a person took back before is left alone")
    func restart() async throws {
        try await run { world, offset in
            let first = try await world.pod("web-1"), second = try await world.pod("web-2")
            await world.line.handle(alert(uid: first, pod: "web-1"))
            await world.line.handle(alert(uid: second, pod: "web-2"))
            _ = try await world.undo(world.book.reports.first?.id)
            offset.set(seconds: 1_801)
            let policy = ResponsePolicy(playbooks: try World.playbookSet(Self.text), guardrails: GuardrailSettings(mode: .act))
            let next = ResponseLine(world.parts, policy: policy)
            _ = try await next.takeUp()
            await next.lookOnce()
            #expect(try await world.history.map { $0.undos.count } == [1, 1])
            await world.line.lookOnce()
            #expect(try await world.history.map { $0.undos.count } == [1, 1])
        }
    }

    @Test("What somebody else changed since is left alone, told once; an API server that fails is asked again later")
    func changed() async throws {
        try await run { world, offset in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            offset.set(seconds: 1_801)
            world.sim.inject(Fault(.answer(status: 500), verb: "get"))
            await world.line.lookOnce()
            world.sim.clearFaults()
            let pod = ObjectReference(.pods, "web-1", in: "shop")
            _ = try await world.client.patch(pod, .labels(["saker.dev/quarantine": "mine"], uid: nil), WriteOptions())
            offset.set(seconds: 1_862)
            for _ in 0..<2 { await world.line.lookOnce() }
            let undone = world.book.reports.filter { $0.occasion == .undone }.map(\.outcome.label)
            #expect(undone.last == "refused" && undone.filter { $0 == "refused" }.count == 1, "\(world.book.outcomes)")
        }
    }

    @Test("An undo can be shown first, and nothing is changed or recorded then")
    func dryRun() async throws {
        try await run { world, _ in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            let id = try #require(world.book.reports.first?.id)
            let reader = JournalReader(path: world.parts.journal.path)
            let before = await world.sim.storeDigest, entries = try await reader.verify(anchors: []).count
            let outcome = try await UndoRun(world.parts).rehearse(id)
            #expect(outcome?.label == "rehearsed" && outcome?.sentence.contains("is released") == true, "\(String(describing: outcome))")
            #expect(await world.sim.storeDigest == before)
            #expect(try await reader.verify(anchors: []).count == entries)
        }
    }
}
