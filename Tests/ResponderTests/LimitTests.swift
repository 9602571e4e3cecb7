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

@Suite("Limits that a cluster and a journal tell of")
struct LimitTests {
    @Test("While the ConfigMap says so nothing is changed, with its words; one that cannot be read stops too, one that is gone does not")
    func stopSwitch() async throws {
        var settings = GuardrailSettings(mode: .act, cooldownSeconds: 0)
        settings.stopConfigMap = GuardrailSettings.ConfigMapKey("saker/switch")
        try await World.run(World.label, settings) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            try await Self.turn(world, #"{"stop":"true","reason":"migration"}"#)
            await world.line.handle(alert(uid: uid))
            try await Self.turn(world, #"{"stop":"false"}"#)
            await world.line.handle(alert(uid: uid))
            world.sim.inject(Fault(.answer(status: 403), verb: "get", resource: "configmaps"))
            await world.line.handle(alert(uid: uid))
            world.sim.clearFaults()
            await world.line.handle(alert(uid: uid))
            #expect(world.book.guardrails == [nil, .stopSwitch, nil, .stopSwitch, nil], "\(world.book.outcomes)")
            let sentences = world.book.outcomes.map(\.sentence)
            #expect(sentences[1].contains("saker/switch/stop says 'true' (migration); set it to 'false'"), "\(sentences[1])")
            #expect(sentences[3].contains("could not be read, so nothing is done"), "\(sentences[3])")
        }
    }

    private static func turn(_ world: World, _ data: String) async throws {
        try await world.sim.apply(#"{"kind":"Namespace","metadata":{"name":"saker"}}"#)
        try await world.sim.apply(#"{"kind":"ConfigMap","metadata":{"name":"switch","namespace":"saker"},"data":\#(data)}"#)
    }

    @Test("Acts that go wrong open the breaker for other pods too, also after a restart, and it closes when one ends well after the pause")
    func breaker() async throws {
        let clock = SteadyClock()
        var settings = GuardrailSettings(mode: .act, cooldownSeconds: 0)
        settings.breaker = Breaker(errors: 2, percent: 50, windowSeconds: 300, pauseSeconds: 60)
        try await World.run(World.label, settings, adjust: { $0.steady = { clock.now } }, { world in
            var uids: [String] = []
            for number in 0..<3 { uids.append(try await world.pod("web-\(number)")) }
            world.sim.inject(Fault(.answer(status: 403), verb: "patch", times: 2))
            for number in 0..<3 { await world.line.handle(alert(uid: uids[number], pod: "web-\(number)")) }
            #expect(world.book.labels == ["failed", "failed", "refused"], "\(world.book.outcomes)")
            #expect(world.book.reports[1].notes.contains { $0.contains("the circuit breaker opened") }, "\(world.book.reports[1].notes)")
            world.sim.clearFaults()
            // Another life reads the same from the journal, by the wall's clock.
            let policy = ResponsePolicy(playbooks: try World.playbookSet(World.label), guardrails: settings)
            let next = ResponseLine(world.parts, policy: policy)
            await next.handle(alert(uid: uids[2], pod: "web-2"))
            #expect(world.book.guardrails.last == .breaker, "\(world.book.outcomes)")
            clock.advance(seconds: 61)
            for number in 0..<2 { await next.handle(alert(uid: uids[number], pod: "web-\(number)")) }
            #expect(world.book.labels.suffix(2) == ["done", "done"], "\(world.book.outcomes)")
        })
    }

    @Test("Setting the wall's clock forward frees no budget")
    func clockSetForward() async throws {
        let offset = Mutex<UInt64>(0)
        var settings = GuardrailSettings(mode: .act, budgetPerCluster: 1)
        settings.budgets = []
        try await World.run(
            World.terminate, settings,
            adjust: { parts in
                parts.now = { Timestamp(nanoseconds: ResponderParts.systemTime().nanoseconds + offset.withLock { $0 }) }
            },
            { world in
                for number in 0..<2 {
                    let uid = try await world.pod("web-\(number)")
                    await world.line.handle(alert(uid: uid, pod: "web-\(number)"))
                    offset.withLock { $0 = 86_400_000_000_000 }
                }
                #expect(world.book.guardrails == [nil, .budget], "\(world.book.outcomes)")
            })
    }

    @Test("A budget for each rule and target holds across a restart")
    func budgetAcrossRestart() async throws {
        var settings = GuardrailSettings(mode: .act, cooldownSeconds: 0)
        settings.budgets = [Budget(per: [.rule, .target], kinds: [.reversible], most: 1, windowSeconds: 3_600)]
        try await World.run(World.label, settings) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            let policy = ResponsePolicy(playbooks: try World.playbookSet(World.label), guardrails: settings)
            await ResponseLine(world.parts, policy: policy).handle(alert(uid: uid))
            #expect(world.book.guardrails == [nil, .budget], "\(world.book.outcomes)")
            #expect(world.book.outcomes.last?.sentence.contains("rule \"Shell in container\" with pod shop/web-1 saw 1") == true)
        }
    }

    @Test("A node of the control plane is not cordoned, and a drain that would reach too many pods is refused before it")
    func nodes() async throws {
        let text = """
            - rule: Node
              actions:
                - {action: Close, actionner: kubernetes:cordon, ignore_errors: true}
                - {action: Empty, actionner: kubernetes:drain}
            """
        var settings = GuardrailSettings(mode: .act)
        settings.blastRadius = 2
        for (label, wanted) in [("node-role.kubernetes.io/control-plane", [.controlPlane, .controlPlane]), ("zone", [nil, .blastRadius])]
            as [(String, [Refusal.Guardrail?])] {
            try await World.run(text, settings) { world in
                try await world.sim.apply(#"{"kind":"Node","metadata":{"name":"n","labels":{"\#(label)":""}}}"#)
                for number in 0..<3 { try await world.pod("web-\(number)", owner: "ReplicaSet") }
                let uid = try #require(try await world.object("pods", "web-0")?["metadata"]?["uid"]?.string)
                await world.line.handle(alert(uid: uid, pod: "web-0"))
                #expect(world.book.guardrails == wanted, "\(world.book.outcomes)")
            }
        }
    }

    @Test("A static pod, one that carries a protected label and one of Saker's own are left alone")
    func neverLists() async throws {
        var settings = GuardrailSettings(mode: .act)
        settings.protectedLabels = [try #require(LabelTerm("team=payments"))]
        settings.ownNamespace = "shop"
        try await World.run(World.terminate, settings) { world in
            let pods = [
                ("a", #""team":"payments""#, nil), ("b", #""app":"x""#, "Node"), ("c", #""app.kubernetes.io/name":"saker-respond""#, nil),
            ] as [(String, String, String?)]
            for (name, labels, owner) in pods {
                let uid = try await world.pod(name, labels: labels, owner: owner)
                await world.line.handle(alert(uid: uid, pod: name))
            }
            #expect(world.book.guardrails == [.protectedLabel, .controlPlane, .ownPods], "\(world.book.outcomes)")
            #expect(world.writes.isEmpty)
        }
    }
}

/// A steady clock that a test moves; it begins with the machine's.
final class SteadyClock: Sendable {
    private let offset = Mutex<UInt64>(0)

    var now: UInt64 { ResponderParts.steadyTime() + offset.withLock { $0 } }

    func advance(seconds: UInt64) { offset.withLock { $0 += seconds * 1_000_000_000 } }
}
