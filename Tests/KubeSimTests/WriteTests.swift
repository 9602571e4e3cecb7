// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
@testable import KubeSim

@Suite struct WriteTests {
    private let merge = PatchKind.merge.rawValue

    @Test("a create gives uid, version and time, and a second one of the same name is refused")
    func creates() async throws {
        try await TestCluster.run { $0.now = { 1_800_000_000_000_000_000 } } _: { cluster in
            let body: JSON = ["metadata": ["generateName": "web-"], "spec": ["nodeName": "n", "custom": [.number(1.5), .null]]]
            let reply = try await cluster.request("POST", pods, body)
            #expect(reply.status == 201)
            let metadata = reply.json["metadata"] ?? .null
            let name = try #require(metadata["name"]?.string)
            #expect(name.hasPrefix("web-") && name.count == 9)
            #expect(metadata["uid"]?.string?.count == 36)
            #expect(metadata["creationTimestamp"] == "2027-01-15T08:00:00Z")
            #expect(metadata["generation"] == 1)
            #expect(reply.json["spec"] == ["nodeName": "n"])
            #expect(reply.headers.contains(#"299 - "unknown field \"spec.custom\"""#))
            let again = try await cluster.request("POST", pods, ["metadata": ["name": .string(name)]])
            #expect(again.status == 409)
            #expect(again.json["reason"] == "AlreadyExists")
            #expect(again.json["message"] == .string("pods \"\(name)\" already exists"))
        }
    }

    @Test("a create in a namespace that does not exist is refused")
    func needsNamespace() async throws {
        try await TestCluster.run { cluster in
            let reply = try await cluster.request("POST", "/api/v1/namespaces/nowhere/pods", ["metadata": ["name": "a"]])
            #expect(reply.json == [
                "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "code": 404, "reason": "NotFound",
                "message": "namespaces \"nowhere\" not found", "details": ["name": "nowhere", "kind": "namespaces"],
            ])
        }
    }

    @Test("an update with an old resourceVersion, or another uid, is a conflict; without either it is taken")
    func conflicts() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            let old = try await cluster.request("GET", pods + "/web-1").json
            try await cluster.seed(pod("web-1", labels: ["a": "b"]))
            let late = try await cluster.request("PUT", pods + "/web-1", old)
            #expect(late.status == 409)
            #expect(late.json["reason"] == "Conflict")
            #expect(late.json["message"]?.string == #"Operation cannot be fulfilled on pods "web-1": the object has been modified; "#
                + "please apply your changes to the latest version and try again")
            var reborn = old
            reborn["metadata", "resourceVersion"] = nil
            reborn["metadata", "uid"] = "another"
            let other = try await cluster.request("PUT", pods + "/web-1", reborn)
            #expect(other.status == 409)
            #expect(other.json["message"]?.string?.contains("UID in precondition: another, UID in object meta: ") == true)
            reborn["metadata", "uid"] = nil
            #expect(try await cluster.request("PUT", pods + "/web-1", reborn).status == 200)
        }
    }

    @Test("a patch that names an old resourceVersion is a conflict, one that names another uid is invalid")
    func patchPreconditions() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            let late = try await cluster.request("PATCH", pods + "/web-1", ["metadata": ["resourceVersion": "1"]], contentType: merge)
            #expect(late.status == 409)
            let other = try await cluster.request("PATCH", pods + "/web-1", ["metadata": ["uid": "another"]], contentType: merge)
            #expect(other.status == 422)
            #expect(other.json["reason"] == "Invalid")
            #expect(other.json["message"] == "Pod \"web-1\" is invalid: metadata.uid: Invalid value: \"another\": field is immutable")
        }
    }

    @Test("labels that Kubernetes would refuse are refused", arguments: ["a b", "-a", "a/b", String(repeating: "x", count: 64)])
    func refusesLabels(value: String) async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            let patch: JSON = ["metadata": ["labels": ["key": .string(value)]]]
            let reply = try await cluster.request("PATCH", pods + "/web-1", patch, contentType: merge)
            #expect(reply.status == 422)
            #expect(reply.json["details", "causes"]?.elements.first?["field"] == "metadata.labels")
        }
    }

    @Test("a status changes only through its subresource, which changes nothing else")
    func keepsStatusApart() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            let patch: JSON = ["metadata": ["labels": ["a": "b"]], "status": ["phase": "Failed"]]
            let main = try await cluster.request("PATCH", pods + "/web-1", patch, contentType: merge).json
            #expect(main["status", "phase"] == "Running")
            #expect(main["metadata", "labels"] == ["a": "b"])
            let status = try await cluster.request(
                "PATCH", pods + "/web-1/status", ["metadata": ["labels": ["c": "d"]], "status": ["phase": "Failed"]], contentType: merge)
            #expect(status.json["status", "phase"] == "Failed")
            #expect(status.json["metadata", "labels"] == ["a": "b"])
        }
    }

    @Test("generation counts changes of the spec only")
    func countsGenerations() async throws {
        try await TestCluster.run { cluster in
            let path = "/apis/apps/v1/namespaces/default/deployments"
            _ = try await cluster.request("POST", path, ["metadata": ["name": "web"], "spec": ["replicas": 1]])
            let patches: [(JSON, JSON)] = [(["metadata": ["labels": ["a": "b"]]], 1), (["spec": ["replicas": 2]], 2)]
            for (patch, generation) in patches {
                let reply = try await cluster.request("PATCH", path + "/web", patch, contentType: merge)
                #expect(reply.json["metadata", "generation"] == generation)
            }
        }
    }

    @Test("dryRun=All answers like the real write and stores nothing", arguments: ["POST", "PUT", "PATCH", "DELETE"])
    func rehearses(method: String) async throws {
        let runtime = HeldRuntime()
        try await TestCluster.run { $0.runtime = runtime } _: { cluster in
            try await cluster.seed(pod("web-1"))
            let before = try await cluster.request("GET", pods).json
            let body: JSON? =
                switch method {
                case "POST": ["metadata": ["name": "web-2"]]
                case "PUT": pod("web-1", labels: ["a": "b"])
                case "PATCH": ["metadata": ["labels": ["a": "b"]]]
                case _: nil
                }
            let path = method == "POST" ? pods : pods + "/web-1"
            let contentType = method == "PATCH" ? merge : "application/json"
            let reply = try await cluster.request(method, path + "?dryRun=All", body, contentType: contentType)
            #expect(reply.status == (method == "POST" ? 201 : 200))
            switch method {
            case "POST": #expect(reply.json["metadata", "uid"] != nil)
            case "DELETE": #expect(reply.json["metadata", "deletionTimestamp"] != nil)
            case _: #expect(reply.json["metadata", "labels"] == ["a": "b"])
            }
            #expect(try await cluster.request("GET", pods).json == before)
            #expect(runtime.terminated.isEmpty)
            let record = try #require(cluster.sim.requests.last { $0.method == method })
            #expect(record.dryRun)
            #expect(try await cluster.request(method, path + "?dryRun=Some", body).status == 400)
        }
    }

    @Test("a dry run is refused for the same reasons as the write itself")
    func rehearsesRefusals() async throws {
        try await TestCluster.run { cluster in
            #expect(try await cluster.request("DELETE", pods + "/none?dryRun=All").status == 404)
            try await cluster.seed(pod("web-1"))
            let stale: JSON = ["preconditions": ["uid": "another"], "dryRun": ["All"]]
            #expect(try await cluster.request("DELETE", pods + "/web-1", stale).status == 409)
        }
    }

    @Test("a delete with another uid or an old resourceVersion is a conflict that says both values")
    func deletePreconditions() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            let object = try await cluster.request("GET", pods + "/web-1").json
            let uid = try #require(object["metadata", "uid"]?.string)
            let wrong = try await cluster.request("DELETE", pods + "/web-1", ["preconditions": ["uid": "another"]])
            #expect(wrong.status == 409)
            #expect(wrong.json["message"]?.string == #"Operation cannot be fulfilled on pods "web-1": Precondition failed: "#
                + "UID in precondition: another, UID in object meta: \(uid)")
            let old = try await cluster.request("DELETE", pods + "/web-1", ["preconditions": ["resourceVersion": "1"]])
            #expect(old.status == 409)
            let right = try await cluster.request("DELETE", pods + "/web-1", ["preconditions": ["uid": .string(uid)]])
            #expect(right.status == 200)
            #expect(try await cluster.request("GET", pods + "/web-1").status == 404)
        }
    }

    @Test("a pod that is deleted is terminating until its runtime has ended it")
    func terminates() async throws {
        let runtime = HeldRuntime(isHeld: true)
        try await TestCluster.run { $0.runtime = runtime } _: { cluster in
            try await cluster.seed(pod("web-1"))
            let reply = try await cluster.request("DELETE", pods + "/web-1", ["gracePeriodSeconds": 5])
            #expect(reply.json["metadata", "deletionGracePeriodSeconds"] == 5)
            #expect(try await cluster.request("GET", pods + "/web-1").json["metadata", "deletionTimestamp"] != nil)
            runtime.release()
            #expect(await eventually { await cluster.sim.object("pods", namespace: "default", name: "web-1") == nil })
        }
    }

    @Test("the end of a pod does not touch a pod that was born under its name since")
    func sparesTheReborn() async throws {
        let runtime = HeldRuntime(isHeld: true)
        try await TestCluster.run { $0.runtime = runtime } _: { cluster in
            try await cluster.seed(pod("web-1"))
            let reply = try await cluster.request("DELETE", pods + "/web-1")
            await cluster.sim.remove("pods", namespace: "default", name: "web-1")
            try await cluster.seed(pod("web-1"))
            #expect(await eventually { runtime.terminated.count == 1 })
            runtime.release()
            #expect(await eventually { await cluster.sim.pendingTerminations == 0 })
            #expect(try await cluster.request("GET", pods + "/web-1").status == 200)
            #expect(runtime.terminated.first?.uid == reply.json["metadata", "uid"]?.string)
        }
    }

    @Test("a second delete of a pod that is ending ends it no second time")
    func deletesTwice() async throws {
        let runtime = HeldRuntime(isHeld: true)
        try await TestCluster.run { $0.runtime = runtime } _: { cluster in
            try await cluster.seed(pod("web-1"))
            for _ in 1...2 { #expect(try await cluster.request("DELETE", pods + "/web-1").status == 200) }
            runtime.release()
            let isGone = await eventually { await cluster.sim.object("pods", namespace: "default", name: "web-1") == nil }
            #expect(isGone && runtime.terminated.count == 1)
        }
    }

    @Test("a grace period of 0 removes the pod at once and still tells the runtime")
    func killsAtOnce() async throws {
        let runtime = HeldRuntime()
        try await TestCluster.run { $0.runtime = runtime } _: { cluster in
            try await cluster.seed(pod("web-1"))
            #expect(try await cluster.request("DELETE", pods + "/web-1?gracePeriodSeconds=0").status == 200)
            #expect(try await cluster.request("GET", pods + "/web-1").status == 404)
            #expect(await eventually { runtime.terminated.map(\.name) == ["web-1"] })
        }
    }

    @Test("a deleted object waits for its finalizers and goes with the last of them", arguments: ["pods", "configmaps"])
    func waitsForFinalizers(resource: String) async throws {
        let runtime = HeldRuntime()
        try await TestCluster.run { $0.runtime = runtime } _: { cluster in
            let path = "/api/v1/namespaces/default/\(resource)"
            let body: JSON = ["metadata": ["name": "a", "finalizers": ["x.y/z", "x.y/w"]]]
            #expect(try await cluster.request("POST", path, body).status == 201)
            let reply = try await cluster.request("DELETE", path + "/a", ["gracePeriodSeconds": 1])
            #expect(reply.status == 200 && reply.json["metadata", "deletionTimestamp"] != nil)
            let waits = await eventually { await cluster.sim.pendingTerminations == 0 }
            #expect(waits)
            for (finalizers, status) in [(["x.y/z"], 200), ([], 404)] as [(JSON, Int)] {
                let patch: JSON = ["metadata": ["finalizers": finalizers]]
                #expect(try await cluster.request("PATCH", path + "/a", patch, contentType: merge).status == 200)
                #expect(try await cluster.request("GET", path + "/a").status == status)
            }
            #expect(runtime.terminated.count == (resource == "pods" ? 1 : 0))
        }
    }
}
