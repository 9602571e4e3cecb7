// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
@testable import KubeSim

@Suite struct EvictionTests {
    private let budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"

    private func eviction(_ name: String, version: String = "policy/v1", options: JSON? = nil) -> JSON {
        var body: JSON = ["apiVersion": .string(version), "kind": "Eviction", "metadata": ["name": .string(name), "namespace": "default"]]
        body["deleteOptions"] = options
        return body
    }

    private func budget(_ spec: JSON) -> JSON {
        var whole = spec
        whole["selector"] = ["matchLabels": ["app": "web"]]
        return ["metadata": ["name": "web"], "spec": whole]
    }

    @Test("an eviction deletes its pod, by either version of its kind", arguments: ["policy/v1", "policy/v1beta1"])
    func evicts(version: String) async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            let reply = try await cluster.request("POST", pods + "/web-1/eviction", eviction("web-1", version: version))
            #expect(reply.status == 201)
            #expect(reply.json == ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201])
            #expect(try await cluster.request("GET", pods + "/web-1").status == 404)
            let record = cluster.sim.requests.first { $0.resource == "pods/eviction" }
            #expect(record?.verb == "create" && record?.name == "web-1" && record?.dryRun == false)
        }
    }

    @Test(
        "an eviction that would break a budget is refused with 429 and the budget's figures",
        arguments: [
            (["minAvailable": 2], 2, 0), (["minAvailable": "51%"], 2, 0), (["maxUnavailable": 0], 2, 0), (["maxUnavailable": 1], 1, 1),
            (["minAvailable": 1], 1, 1), (["minAvailable": "50%"], 1, 1),
        ] as [(JSON, Int, Int)])
    func keepsBudgets(spec: JSON, desired: Int, allowed: Int) async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed([
                "kind": "ReplicaSet", "metadata": ["name": "web", "namespace": "default"], "spec": ["replicas": 2],
            ])
            for name in ["web-1", "web-2"] {
                var owned = pod(name, labels: ["app": "web"])
                owned["metadata", "ownerReferences"] = [["kind": "ReplicaSet", "name": "web", "uid": "1", "controller": true]]
                try await cluster.seed(owned)
            }
            #expect(try await cluster.request("POST", budgets, budget(spec)).status == 201)
            let stored = try await cluster.request("GET", budgets + "/web").json
            #expect(stored["status", "disruptionsAllowed"] == .integer(Int64(allowed)))
            #expect(stored["status", "currentHealthy"] == 2 && stored["status", "desiredHealthy"] == .integer(Int64(desired)))
            let dry = try await cluster.request("POST", pods + "/web-1/eviction", eviction("web-1", options: ["dryRun": ["All"]]))
            #expect(dry.status == (allowed > 0 ? 201 : 429))
            #expect(try await cluster.request("GET", pods + "/web-1").status == 200)
            let replies = try await [
                cluster.request("POST", pods + "/web-1/eviction", eviction("web-1")),
                cluster.request("POST", pods + "/web-2/eviction", eviction("web-2")),
            ]
            #expect(replies.map(\.status) == (allowed > 0 ? [201, 429] : [429, 429]))
            let refusal = replies[1].json
            #expect(refusal["reason"] == "TooManyRequests")
            #expect(refusal["message"] == "Cannot evict pod as it would violate the pod's disruption budget.")
            let cause = refusal["details", "causes"]?.elements.first
            #expect(cause?["reason"] == "DisruptionBudget")
            #expect(cause?["message"]?.string == "The disruption budget web needs \(desired) healthy pods and has \(2 - allowed) currently")
        }
    }

    @Test("a pod that is not ready may go while its budget is met, one that has ended always")
    func letsUnhealthyGo() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1", labels: ["app": "web"]))
            for (name, phase) in [("sick", "Running"), ("done", "Succeeded")] {
                var other = pod(name, labels: ["app": "web"])
                other["status"] = ["phase": .string(phase), "conditions": [["type": "Ready", "status": "False"]]]
                try await cluster.seed(other)
            }
            #expect(try await cluster.request("POST", budgets, budget(["minAvailable": 1])).status == 201)
            for (name, status) in [("sick", 201), ("done", 201), ("web-1", 429)] {
                #expect(try await cluster.request("POST", pods + "/" + name + "/eviction", eviction(name)).status == status)
            }
        }
    }

    @Test("an eviction is refused for a wrong name, a missing pod, another uid, and two budgets over one pod")
    func refuses() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1", labels: ["app": "web"]))
            let path = pods + "/web-1/eviction"
            #expect(try await cluster.request("POST", path, eviction("web-2")).status == 400)
            #expect(try await cluster.request("POST", pods + "/none/eviction", eviction("none")).status == 404)
            let other: JSON = ["preconditions": ["uid": "another"]]
            #expect(try await cluster.request("POST", path, eviction("web-1", options: other)).status == 409)
            for name in ["a", "b"] {
                var one = budget(["minAvailable": 0])
                one["metadata", "name"] = .string(name)
                #expect(try await cluster.request("POST", budgets, one).status == 201)
            }
            let twice = try await cluster.request("POST", path, eviction("web-1"))
            #expect(twice.status == 500 && twice.json["reason"] == "InternalError")
            #expect(try await cluster.request("GET", path).status == 405)
        }
    }
}
