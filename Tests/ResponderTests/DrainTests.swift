// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Guardrails
import KubeClient
import KubeSim
import Records
import Responder
import Testing

@Suite("Draining a node")
struct DrainTests {
    private static func playbook(_ parameters: String = "{}") -> String {
        "- rule: R\n  actions: [{action: A, actionner: 'kubernetes:drain', parameters: \(parameters)}]\n"
    }

    /// What is left of Town's pods.
    private static func left(_ world: World) async throws -> [String] {
        try await world.client.list(.pods, in: "shop", ListOptions()).items.compactMap { $0["metadata"]?["name"]?.string }.sorted()
    }

    private static func budget(_ world: World) async throws {
        try await world.sim.apply("""
            {"kind":"PodDisruptionBudget","metadata":{"name":"web","namespace":"shop"},
            "spec":{"minAvailable":2,"selector":{"matchLabels":{"app":"web"}}}}
            """)
    }

    @Test("The node is cordoned first; DaemonSets', static and protected pods stay, and each is told")
    func drain() async throws {
        try await World.run(Self.playbook()) { world in
            let uids = try await Town.build(world)
            try await world.pod("static", owner: "Node")
            try await world.pod("dns", namespace: "kube-system")
            try await world.pod("scheduler", labels: "\"tier\":\"control-plane\"")
            await world.line.handle(alert(uid: uids["web-1"]))
            #expect(world.book.labels == ["done"], "\(world.book.outcomes)")
            #expect(try await Self.left(world) == ["agent-1", "scheduler", "static"])
            #expect(try await world.object("pods", "dns", namespace: "kube-system") != nil)
            let evictions = Array(repeating: "create pods/eviction", count: 4)
            #expect(world.writes.map { $0.verb + " " + ($0.resource ?? "") } == ["patch nodes"] + evictions)
            #expect(world.writes.dropFirst().allSatisfy { $0.body?.contains("\"uid\"") == true })
            #expect(
                world.book.outcomes[0].sentence == "node n: is cordoned, 4 of 4 pods are evicted; left alone: pod kube-system/dns "
                    + "(in a protected namespace), pod shop/agent-1 (of a DaemonSet), pod shop/scheduler (of tier control-plane), "
                    + "pod shop/static (static)")
            #expect(try await world.undo(world.book.reports[0].id).label == "done")
            #expect(try await world.object("nodes", "n", namespace: "")?["spec"]?["unschedulable"] != true)
        }
    }

    @Test("A pod that its disruption budget keeps is told, the others go, and the drain can be taken back",
        arguments: [("{}", "failed"), ("{ignore_errors: true}", "done")])
    func budget(parameters: String, label: String) async throws {
        try await World.run(Self.playbook(parameters)) { world in
            let uids = try await Town.build(world)
            try await Self.budget(world)
            await world.line.handle(alert(uid: uids["web-1"]))
            #expect(world.book.labels == [label], "\(world.book.outcomes)")
            #expect(world.book.outcomes[0].sentence.contains("not evicted: pod shop/web-1 (a PodDisruptionBudget does not allow it now), "))
            #expect(try await Self.left(world) == ["agent-1", "web-1", "web-2"])
            #expect(try await world.undo(world.book.reports[0].id).label == "done")
        }
    }

    @Test("Within its time a drain waits for a budget to allow more")
    func waits() async throws {
        try await World.run(Self.playbook("{max_wait_period: 20}")) { world in
            let uids = try await Town.build(world)
            try await Self.budget(world)
            async let handled: Void = world.line.handle(alert(uid: uids["web-1"]))
            let isRefused = await eventually { world.sim.requests.contains { $0.status == 429 } }
            #expect(isRefused)
            await world.sim.remove("poddisruptionbudgets", namespace: "shop", name: "web")
            await handled
            #expect(world.book.labels == ["done"], "\(world.book.outcomes)")
            #expect(try await Self.left(world) == ["agent-1"])
        }
    }

    @Test("Evicted pods that take longer than the drain may wait are told")
    func slow() async throws {
        var options = KubeSimOptions()
        options.runtime = SlowRuntime()
        try await World.run(Self.playbook("{max_wait_period: 2, ignore_errors: true}"), simulator: options) { world in
            let uids = try await Town.build(world)
            await world.line.handle(alert(uid: uids["web-1"]))
            #expect(world.book.labels == ["done"])
            let sentence = world.book.outcomes[0].sentence
            #expect(sentence.contains("web-1 (evicted, and not gone within max_wait_period)"), "\(sentence)")
        }
    }

    @Test("Of a workload with too few ready replicas no pod is evicted, and of others only as many as may go")
    func healthy() async throws {
        try await World.run(Self.playbook("{min_healthy_replicas: 2, ignore_statefulsets: true}")) { world in
            let uids = try await Town.build(world)
            await world.line.handle(alert(uid: uids["web-1"]))
            #expect(world.book.labels == ["done"], "\(world.book.outcomes)")
            #expect(try await Self.left(world) == ["agent-1", "db-0", "lone-1", "web-2"])
            let sentence = world.book.outcomes[0].sentence
            #expect(sentence.contains("pod shop/web-2 (1 of 2 replicas are ready and at least 2 must be)"), "\(sentence)")
        }
    }

    @Test("As Talon does it, nothing is cordoned and pods of DaemonSets are evicted too")
    func likeTalon() async throws {
        try await World.run(Self.playbook("{cordon: false, ignore_daemonsets: false}")) { world in
            let uids = try await Town.build(world)
            await world.line.handle(alert(uid: uids["web-1"]))
            #expect(try await Self.left(world) == [])
            #expect(world.writes.allSatisfy { $0.resource == "pods/eviction" })
            #expect(try await world.undo(world.book.reports[0].id).sentence.contains("has nothing to take back"))
        }
    }
}
