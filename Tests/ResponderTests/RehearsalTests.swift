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

@Suite("Rehearsals")
struct RehearsalTests {
    static let all = """
        - rule: All
          actions:
            - {action: Mark, actionner: kubernetes:label, parameters: {labels: {suspicious: true}}}
            - {action: Cut, actionner: kubernetes:networkpolicy}
            - {action: End, actionner: kubernetes:terminate}
        """

    @Test("Unless the settings say act, every write is a dry run, no object changes, no result is kept, and the journal says rehearsed")
    func mode() async throws {
        try await World.run(Self.all, GuardrailSettings()) { world in
            let uid = try await world.pod()
            let before = try await world.object("pods", "web-1")
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["rehearsed", "rehearsed", "rehearsed"], "\(world.book.outcomes)")
            #expect(world.book.outcomes.last?.sentence.hasPrefix("would end with: pod shop/web-1 is gone") == true)
            #expect(world.writes.map(\.verb) == ["patch", "create", "patch", "delete"])
            #expect(world.writes.allSatisfy { $0.dryRun })
            #expect(try await world.object("pods", "web-1") == before)
            #expect(world.resultFiles.isEmpty)
            let history = try await world.history
            #expect(history.count == 3 && history.allSatisfy { $0.rehearsal && $0.label == "rehearsed" })
            #expect(try await world.undo(world.book.reports.first?.id).label == "refused")
        }
    }

    @Test("A playbook that says dry_run only rehearses, while others act")
    func dryRun() async throws {
        let text = "- rule: Dry\n  dry_run: true\n  actions: [{action: E, actionner: kubernetes:terminate}]\n" + World.label
        try await World.run(text) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["rehearsed", "done"])
            #expect(world.writes.map(\.dryRun) == [true, false])
        }
    }

    @Test("A rehearsal shows the refusal that the act itself would meet")
    func refusals() async throws {
        var options = KubeSimOptions()
        options.users = [.init(name: "saker", token: "t")]
        options.denials = [.init(user: "saker", verb: "delete", resource: "pods")]
        try await World.run(World.terminate, GuardrailSettings(), user: .token(user: "saker"), simulator: options) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            await world.line.handle(alert(uid: "another"))
            #expect(world.book.labels == ["failed", "refused"], "\(world.book.outcomes)")
        }
    }

    @Test("A playbook is rehearsed about an alert from a file: what each action would do, why not, and what is not reached")
    func playbook() async throws {
        try await World.run(Self.all) { world in
            let uid = try await world.pod(hostNetwork: true)
            let set = try World.playbookSet(Self.all.replacingOccurrences(of: "  actions:", with: "  match: {rules: [Other]}\n  actions:"))
            let rehearsal = Rehearsal(kube: DryRunKube(world.client), settings: GuardrailSettings(mode: .act))
            let answer = await rehearsal.rehearse(try #require(set["All"]), about: alert(uid: uid))
            #expect(answer.mismatch == "its rule 'Shell in container' is none of 'Other'")
            #expect(answer.steps.map(\.outcome.label) == ["rehearsed", "refused"])
            #expect(answer.steps.last?.outcome.sentence.hasPrefix("hostNetwork: ") == true)
            #expect(answer.unreached == ["End"])
            #expect(world.writes.allSatisfy { $0.dryRun })
            let history = try await world.history
            #expect(history.isEmpty)
        }
    }
}

@Suite("Whether an isolation holds")
struct EnforcementTests {
    private let isolated = Timestamp(nanoseconds: 1_000_000_000_000)

    private func watch(_ parameters: [String: JSONValue] = [:]) -> EnforcementWatch {
        var watch = EnforcementWatch()
        let target = TargetObject(kind: "Pod", namespace: "shop", name: "web-1", uid: "u")
        let intention = Intention(
            trace: "t", playbook: "p", action: "a", actuator: "kubernetes:networkpolicy", target: target, parameters: parameters, undo: nil)
        watch.add(
            IntentionID(5), alert(uid: "u"), PlannedAct(intention, kind: .reversible, workload: "w"),
            .done(Proof("isolated", readBack: ["enforcement": "stored"])), at: isolated)
        return watch
    }

    private func seen(
        _ answer: ConnectionSeen.Answer, after seconds: UInt64, pod: PodUID = "u", to address: String = "198.51.100.7"
    ) -> ConnectionSeen {
        ConnectionSeen(
            pod: pod, time: Timestamp(nanoseconds: isolated.nanoseconds + seconds * 1_000_000_000),
            address: IPAddress(address) ?? IPAddress(v4: 0), port: 443, answer: answer)
    }

    @Test("A connection that finds no way after the isolation shows that it holds, once")
    func enforced() {
        var watch = watch()
        let finding = watch.absorb(seen(.failed("EHOSTUNREACH"), after: 1))
        #expect(finding?.isEnforced == true && finding?.id == IntentionID(5))
        #expect(
            finding?.proof.sentence
                == "the isolation of pod shop/web-1 is enforced: a connection to 198.51.100.7:443 failed with EHOSTUNREACH")
        #expect(watch.absorb(seen(.failed("ETIMEDOUT"), after: 2)) == nil)
    }

    @Test("A connection that stands well after the isolation shows that it does not hold, also when it held before")
    func notEnforced() {
        var watch = watch()
        _ = watch.absorb(seen(.failed("ENETUNREACH"), after: 1))
        #expect(watch.absorb(seen(.succeeded, after: 60))?.isEnforced == false)
        #expect(watch.absorb(seen(.succeeded, after: 61)) == nil)
    }

    @Test("What proves nothing is passed over")
    func nothing() {
        var watch = watch(["allow_cidr": ["10.0.0.0/8"]])
        for quiet in [
            seen(.succeeded, after: 2), seen(.failed("ECONNREFUSED"), after: 9), seen(.failed("ETIMEDOUT"), after: 9, pod: "other"),
            seen(.failed("ETIMEDOUT"), after: 0), seen(.succeeded, after: 60, to: "10.1.2.3"), seen(.succeeded, after: 60, to: "127.0.0.1"),
        ] {
            #expect(watch.absorb(quiet) == nil, "\(quiet)")
        }
    }

    @Test("Only isolations that were stored are watched")
    func others() {
        var watch = EnforcementWatch()
        let target = TargetObject(kind: "Pod", namespace: "shop", name: "web-1", uid: "u")
        let intention = Intention(
            trace: "t", playbook: "p", action: "a", actuator: "kubernetes:label", target: target, parameters: [:], undo: nil)
        watch.add(IntentionID(1), alert(), PlannedAct(intention, kind: .reversible, workload: "w"), .done(Proof("labelled")), at: isolated)
        #expect(watch.isEmpty)
    }

    @Test("What is seen of an isolation is journalled and told; after its release a connection that stands says nothing")
    func observed() async throws {
        try await World.run(World.isolate) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            #expect(world.line.watchesConnections)
            let later = ResponderParts.systemTime().nanoseconds
            func connection(_ answer: ConnectionSeen.Answer, _ seconds: UInt64) -> ConnectionSeen {
                ConnectionSeen(
                    pod: PodUID(uid), time: Timestamp(nanoseconds: later + seconds * 1_000_000_000), address: IPAddress(v4: 0xc633_6407),
                    port: 443, answer: answer)
            }
            await world.line.observe(connection(.failed("EHOSTUNREACH"), 1))
            #expect(world.book.reports.map(\.occasion) == [.ended, .observed])
            #expect(try await world.history.first?.observations.first?.proof.readBack["enforcement"] == "enforced")
            _ = try await world.undo(world.book.reports.first?.id)
            await world.line.observe(connection(.succeeded, 60))
            #expect(world.book.reports.map(\.occasion) == [.ended, .observed, .undone])
            #expect(!world.line.watchesConnections)
        }
    }
}
