// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
@testable import KubeSim

/// Server-side apply, by raw requests: who owns what, and what follows from it.
@Suite struct ApplyTests {
    private let path = "/apis/apps/v1/namespaces/default/deployments/web"

    private func deployment(_ containers: JSON, replicas: JSON? = nil, labels: JSON? = nil) -> JSON {
        var object: JSON = [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
            "spec": ["selector": ["matchLabels": ["app": "web"]], "template": ["spec": ["containers": containers]]],
        ]
        object["spec", "replicas"] = replicas
        object["metadata", "labels"] = labels
        return object
    }

    private func apply(_ cluster: TestCluster, _ object: JSON, as manager: String, force: Bool = false) async throws -> Reply {
        try await cluster.request(
            "PATCH", path + "?fieldManager=\(manager)" + (force ? "&force=true" : ""), object, contentType: PatchKind.apply.rawValue)
    }

    private func fields(_ object: JSON, of manager: String) -> JSON? {
        (object["metadata", "managedFields"]?.elements ?? []).first { $0["manager"]?.string == manager }?["fieldsV1"]
    }

    @Test("an apply creates what is not there and notes exactly what was given")
    func creates() async throws {
        try await TestCluster.run { $0.now = { 1_800_000_000_000_000_000 } } _: { cluster in
            let ports: JSON = [["containerPort": 80], ["containerPort": 80, "protocol": "UDP"]]
            let reply = try await apply(
                cluster, deployment([["name": "main", "image": "a", "args": ["x"], "ports": ports]], labels: ["a": "b"]), as: "one")
            #expect(reply.status == 201)
            #expect(reply.json["metadata", "managedFields"] == [
                [
                    "manager": "one", "operation": "Apply", "apiVersion": "apps/v1", "time": "2027-01-15T08:00:00Z",
                    "fieldsType": "FieldsV1",
                    "fieldsV1": [
                        "f:metadata": ["f:labels": ["f:a": [:]]],
                        "f:spec": [
                            "f:selector": [:],
                            "f:template": [
                                "f:spec": [
                                    "f:containers": [
                                        #"k:{"name":"main"}"#: [
                                            ".": [:], "f:args": [:], "f:image": [:], "f:name": [:],
                                            "f:ports": [
                                                #"k:{"containerPort":80,"protocol":"TCP"}"#: [".": [:], "f:containerPort": [:]],
                                                #"k:{"containerPort":80,"protocol":"UDP"}"#: [
                                                    ".": [:], "f:containerPort": [:], "f:protocol": [:],
                                                ],
                                            ],
                                        ],
                                    ],
                                ],
                            ],
                        ],
                    ],
                ],
            ])
            #expect(reply.json["spec", "replicas"] == 1, "the default is filled in and nobody's")
            let again = try await apply(
                cluster, deployment([["name": "main", "image": "a", "args": ["x"], "ports": ports]], labels: ["a": "b"]), as: "one")
            #expect(again.status == 200)
            #expect(again.json["metadata", "resourceVersion"] == reply.json["metadata", "resourceVersion"])
        }
    }

    @Test("a field that another manager owns is a conflict that names both; force takes it; the other no longer owns it")
    func conflicts() async throws {
        try await TestCluster.run { cluster in
            _ = try await apply(cluster, deployment([["name": "main", "image": "a"]], replicas: 2), as: "one")
            let one = try await apply(cluster, deployment([["name": "main", "image": "b"]]), as: "two")
            #expect(one.status == 409)
            #expect(one.json == [
                "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "reason": "Conflict", "code": 409,
                "message": #"Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="main"].image"#,
                "details": [
                    "causes": [[
                        "reason": "FieldManagerConflict", "message": #"conflict with "one""#,
                        "field": #".spec.template.spec.containers[name="main"].image"#,
                    ]],
                ],
            ])
            let two = try await apply(cluster, deployment([["name": "main", "image": "b"]], replicas: 3), as: "two")
            #expect(two.json["message"]?.string == "Apply failed with 2 conflicts: conflicts with \"one\":\n- .spec.replicas\n"
                + "- .spec.template.spec.containers[name=\"main\"].image")
            #expect(two.json["details", "causes"]?.elements.count == 2)
            let forced = try await apply(cluster, deployment([["name": "main", "image": "b"]]), as: "two", force: true)
            #expect(forced.status == 200)
            let containers = "f:containers", main = #"k:{"name":"main"}"#
            #expect(fields(forced.json, of: "one")?["f:spec", "f:template", "f:spec", containers, main, "f:image"] == nil)
            #expect(fields(forced.json, of: "one")?["f:spec", "f:replicas"] == [:])
            #expect(fields(forced.json, of: "two")?["f:spec", "f:template", "f:spec", containers, main, "f:image"] == [:])
            #expect(forced.json["spec", "replicas"] == 2, "what the second does not give stays as the first gave it")
        }
    }

    @Test("the same value from two managers is owned by both, and stays until the last lets it go")
    func shares() async throws {
        try await TestCluster.run { cluster in
            let container: JSON = [["name": "main", "image": "a"]]
            _ = try await apply(cluster, deployment(container, labels: ["shared": "1", "mine": "1"]), as: "one")
            #expect(try await apply(cluster, deployment(container, labels: ["shared": "1"]), as: "two").status == 200)
            let first = try await apply(cluster, deployment(container), as: "one")
            #expect(first.json["metadata", "labels"] == ["shared": "1"])
            let second = try await apply(cluster, deployment(container), as: "two")
            #expect(second.json["metadata", "labels"] == nil)
        }
    }

    @Test("an element that its applier no longer gives goes; what another owns in it stays")
    func removesElements() async throws {
        try await TestCluster.run { cluster in
            let both: JSON = [["name": "a", "image": "1"], ["name": "b", "image": "1"]]
            _ = try await apply(cluster, deployment(both), as: "one")
            let env: JSON = [["name": "b", "env": [["name": "X", "value": "1"]]]]
            #expect(try await apply(cluster, deployment(env), as: "two").status == 200)
            let reply = try await apply(cluster, deployment([["name": "a", "image": "1"]]), as: "one")
            let left = reply.json["spec", "template", "spec", "containers"]?.elements ?? []
            #expect(left == [["name": "a", "image": "1"], ["name": "b", "env": [["name": "X", "value": "1"]]]])
            let alone = try await apply(cluster, deployment([["name": "a"]]), as: "two")
            #expect(alone.json["spec", "template", "spec", "containers"] == [["name": "a", "image": "1"]])
        }
    }

    @Test("an update takes what it changes, without asking, and an apply then conflicts with it")
    func notesUpdates() async throws {
        try await TestCluster.run { cluster in
            _ = try await apply(cluster, deployment([["name": "main", "image": "a"]], replicas: 2), as: "one")
            let scaled = try await cluster.request(
                "PATCH", path + "?fieldManager=scaler", ["spec": ["replicas": 5]], contentType: PatchKind.merge.rawValue)
            #expect(fields(scaled.json, of: "scaler") == ["f:spec": ["f:replicas": [:]]])
            #expect(fields(scaled.json, of: "one")?["f:spec", "f:replicas"] == nil)
            let refused = try await apply(cluster, deployment([["name": "main", "image": "a"]], replicas: 2), as: "one")
            #expect(refused.json["message"] == #"Apply failed with 1 conflict: conflict with "scaler" using apps/v1: .spec.replicas"#)
            let through = try await cluster.request(
                "PATCH", path + "/scale?fieldManager=other", ["spec": ["replicas": 7]], contentType: PatchKind.merge.rawValue)
            #expect(through.json["kind"] == "Scale" && through.json["spec", "replicas"] == 7)
            let again = try await apply(cluster, deployment([["name": "main", "image": "a"]], replicas: 2), as: "one")
            #expect(again.json["message"]?.string
                == #"Apply failed with 1 conflict: conflict with "other" with subresource "scale" using apps/v1: .spec.replicas"#)
        }
    }

    @Test("an object from before anybody was noted belongs to a stand-in")
    func standsIn() async throws {
        try await TestCluster.run { cluster in
            var seeded = deployment([["name": "main", "image": "a"]], replicas: 2)
            seeded["metadata", "namespace"] = "default"
            try await cluster.seed(seeded)
            let reply = try await apply(cluster, deployment([["name": "main", "image": "b"]]), as: "one")
            #expect(reply.json["message"]?.string?.contains(#"conflict with "before-first-apply" using apps/v1: .spec.template"#) == true)
        }
    }

    @Test("what an update made is taken over whole when its entry is folded into the applier's, as kubectl does")
    func takesOverUpdates() async throws {
        try await TestCluster.run { cluster in
            let maps = "/api/v1/namespaces/default/configmaps"
            let map: JSON = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "data": ["x": "1", "y": "2"]]
            let created = try await cluster.request("POST", maps + "?fieldManager=client", map).json
            #expect(fields(created, of: "client") == ["f:data": [".": [:], "f:x": [:], "f:y": [:]]])
            var owners = created["metadata", "managedFields"]?.elements.first ?? .null
            owners["operation"] = "Apply"
            let patch: JSON = [["op": "replace", "path": "/metadata/managedFields", "value": [owners]]]
            let moved = try await cluster.request("PATCH", maps + "/a?fieldManager=client", patch, contentType: PatchKind.json.rawValue)
            #expect(moved.json["metadata", "managedFields"] == [owners])
            var fewer = map
            fewer["data"] = ["x": "1"]
            let applied = try await cluster.request(
                "PATCH", maps + "/a?fieldManager=client", fewer, contentType: PatchKind.apply.rawValue)
            #expect(applied.json["data"] == ["x": "1"])
        }
    }

    @Test("finalizers are a set, merged value by value")
    func mergesSets() async throws {
        try await TestCluster.run { cluster in
            func with(_ finalizers: JSON) -> JSON {
                var object = deployment([["name": "main", "image": "a"]])
                object["metadata", "finalizers"] = finalizers
                return object
            }
            _ = try await apply(cluster, with(["a.b/c"]), as: "one")
            let both = try await apply(cluster, with(["d.e/f"]), as: "two")
            #expect(both.json["metadata", "finalizers"] == ["a.b/c", "d.e/f"])
            #expect(fields(both.json, of: "two")?["f:metadata", "f:finalizers"] == [#"v:"d.e/f""#: [:]])
            let one = try await apply(cluster, with([]), as: "one")
            #expect(one.json["metadata", "finalizers"] == ["d.e/f"])
        }
    }

    @Test("an apply is refused without a manager, with unknown fields, with owners of its own, with another name; dryRun stores nothing")
    func refuses() async throws {
        try await TestCluster.run { cluster in
            let object = deployment([["name": "main", "image": "a"]])
            let nobody = try await cluster.request("PATCH", path, object, contentType: PatchKind.apply.rawValue)
            #expect(nobody.status == 422)
            #expect(nobody.json["message"]
                == #"PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch"#)
            var unknown = object
            unknown["spec", "colour"] = "red"
            let reply = try await apply(cluster, unknown, as: "one")
            #expect(reply.status == 500)
            #expect(reply.json["message"]?.string?.hasSuffix(".spec.colour: field not declared in schema") == true)
            var owned = object
            owned["metadata", "managedFields"] = []
            #expect(try await apply(cluster, owned, as: "one").json["message"] == "metadata.managedFields must be nil")
            var other = object
            other["metadata", "name"] = "other"
            #expect(try await apply(cluster, other, as: "one").status == 400)
            let forced = try await cluster.request("PATCH", path + "?force=true", [:], contentType: PatchKind.merge.rawValue)
            #expect(forced.status == 422)
            let dry = try await cluster.request(
                "PATCH", path + "?fieldManager=one&dryRun=All", object, contentType: PatchKind.apply.rawValue)
            #expect(dry.status == 201)
            #expect(try await cluster.request("GET", path).status == 404)
        }
    }
}
