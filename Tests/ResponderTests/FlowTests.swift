// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Guardrails
import KubeSim
import Records
import Responder
import ResponseLanguage
import Testing

@Suite("Flow")
struct FlowTests {
    private static let branch = """
        - rule: Branch
          actions:
            - {action: cut, actionner: kubernetes:networkpolicy}
            - {action: after, actionner: kubernetes:label, parameters: {labels: {after: "1"}}}
            - {action: fallback, actionner: kubernetes:label, parameters: {labels: {fallback: "1"}}, when: cut.failed|unknown}
            - {action: praise, actionner: kubernetes:label, parameters: {labels: {praise: "1"}}, when: cut.done}
          finally:
            - {action: last, actionner: kubernetes:label, parameters: {labels: {last: "1"}}}
        """

    @Test("Actions with a condition follow the outcome that they name, others follow Talon's stop, and what is final is always done")
    func branches() async throws {
        try await World.run(Self.branch, GuardrailSettings(mode: .act, cooldownSeconds: 0)) { world in
            let first = try await world.pod("web-1"), second = try await world.pod("web-2")
            await world.line.handle(alert(uid: first, pod: "web-1"))
            #expect(Set(try await world.labels("web-1").keys).isSuperset(of: ["after", "praise", "last"]))
            #expect(try await world.labels("web-1")["fallback"] == nil)
            world.sim.inject(Fault(.answer(status: 403), verb: "create", resource: "networkpolicies"))
            await world.line.handle(alert(uid: second, pod: "web-2"))
            let labels = Set(try await world.labels("web-2").keys)
            #expect(labels.isSuperset(of: ["fallback", "last"]) && labels.isDisjoint(with: ["after", "praise"]), "\(labels)")
            let left = try await world.history.filter { $0.label == "skipped" }.map(\.sentence)
            #expect(left.contains("it is done when cut.done, and cut ended as failed"), "\(left)")
        }
    }

    @Test("The rehearsal walks the same flow and changes nothing")
    func rehearsed() async throws {
        try await World.run(Self.branch, GuardrailSettings(mode: .rehearse)) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["rehearsed", "rehearsed", "skipped", "rehearsed", "rehearsed"], "\(world.book.outcomes)")
            #expect(try await world.labels()["last"] == nil)
        }
    }

    @Test("The actions of a group run at the same time")
    func parallel() async throws {
        let text = """
            - rule: Group
              actions:
                - parallel:
                    - {action: a, actionner: kubernetes:label, parameters: {labels: {a: "1"}}}
                    - {action: b, actionner: kubernetes:label, parameters: {labels: {b: "1"}}}
                    - {action: c, actionner: kubernetes:label, parameters: {labels: {c: "1"}}}
                - {action: d, actionner: kubernetes:label, parameters: {labels: {d: "1"}}, when: [a.done, c.done]}
            """
        try await World.run(text, GuardrailSettings(mode: .act, cooldownSeconds: 0)) { world in
            let uid = try await world.pod()
            for _ in 0..<3 { world.sim.inject(Fault(.delay(.seconds(1)), verb: "patch")) }
            let began = ContinuousClock.now
            await world.line.handle(alert(uid: uid))
            #expect(ContinuousClock.now - began < .seconds(2.5))
            #expect(world.book.labels == ["done", "done", "done", "done"], "\(world.book.outcomes)")
            #expect(Set(try await world.labels().keys).isSuperset(of: ["a", "b", "c", "d"]))
        }
    }

    @Test("A failure that passes is tried again as often as said, each try in the history; what may have happened is not")
    func retry() async throws {
        let text = """
            - rule: Again
              actions:
                - action: Mark
                  actionner: kubernetes:label
                  parameters: {labels: {x: "1"}}
                  retry: {times: 2, backoff: 0s, on: [forbidden]}
            """
        try await World.run(text) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.answer(status: 403), verb: "patch", times: 2))
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["failed", "failed", "done"], "\(world.book.outcomes)")
            let other = try await world.pod("web-2")
            world.sim.inject(Fault(.dropAfterActing, verb: "patch"))
            await world.line.handle(alert(uid: other, pod: "web-2"))
            #expect(world.book.labels.suffix(1) == ["unknown"], "\(world.book.outcomes)")
        }
    }

    @Test("Evidence that hangs is given up after its time, and containment goes on; another target is not held up meanwhile")
    func evidence() async throws {
        let text = """
            - rule: Contain
              evidence_within: 1s
              actions:
                - {action: Keep, actionner: kubernetes:log, output: {target: "local:file", parameters: {destination: /nowhere}}}
                - {action: Cut, actionner: kubernetes:networkpolicy}
            """
        try await World.run(text) { world in
            let hanging = try await world.pod("web-1"), other = try await world.pod("web-2")
            world.sim.inject(Fault(.delay(.seconds(20)), verb: "get", resource: "pods", name: "web-1"))
            let began = ContinuousClock.now
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await world.line.handle(alert(uid: hanging, pod: "web-1")) }
                group.addTask { await world.line.handle(alert(uid: other, pod: "web-2")) }
            }
            #expect(ContinuousClock.now - began < .seconds(10))
            let cut = world.book.reports.filter { $0.act.intention.action == "Cut" }
            #expect(cut.map(\.outcome.label) == ["done", "done"], "\(world.book.outcomes)")
        }
    }

    @Test("A timeout of an action ends it early")
    func timeout() async throws {
        let text = """
            - rule: Slow
              actions: [{action: Mark, actionner: kubernetes:label, parameters: {labels: {x: "1"}}, timeout: 1s}]
            """
        try await World.run(text) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.delay(.seconds(15)), verb: "patch"))
            let began = ContinuousClock.now
            await world.line.handle(alert(uid: uid))
            #expect(ContinuousClock.now - began < .seconds(8))
            #expect(world.book.labels == ["unknown"] && world.book.outcomes[0].sentence.contains("1.0 seconds"), "\(world.book.outcomes)")
        }
    }

    @Test("The third alert about one workload within an hour meets the step for repeated offenders, also when its pods are other ones")
    func offenders() async throws {
        let text = """
            - rule: Escalate
              actions:
                - {action: Mark, actionner: kubernetes:label, parameters: {labels: {marked: "1"}}}
                - {action: Cut, actionner: kubernetes:networkpolicy, when: {times: 3, within: 1h}}
            """
        try await World.run(text, GuardrailSettings(mode: .act, cooldownSeconds: 0)) { world in
            for number in 0..<3 {
                let uid = try await world.pod("web-\(number)", owner: "ReplicaSet")
                await world.line.handle(alert(uid: uid, pod: "web-\(number)"))
            }
            #expect(world.book.labels == ["done", "skipped", "done", "skipped", "done", "done"], "\(world.book.outcomes)")
        }
    }
}
