// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
@testable import KubeSim

/// Kinds that others than Kubernetes define, and what follows from labels and bindings, by raw requests.
@Suite struct CustomTests {
    private let cilium = "/apis/cilium.io/v2/namespaces/default/ciliumnetworkpolicies"
    private let calico = "/apis/projectcalico.org/v3/namespaces/default/networkpolicies"

    @Test("custom resources take any spec, merge patches and JSON patches, and no strategic ones")
    func custom() async throws {
        try await TestCluster.run { cluster in
            let kinds = [(cilium, "cilium.io/v2", "CiliumNetworkPolicy"), (calico, "projectcalico.org/v3", "NetworkPolicy")]
            for (path, version, kind) in kinds {
                let body: JSON = [
                    "apiVersion": .string(version), "kind": .string(kind), "metadata": ["name": "a"],
                    "spec": ["what": ["ever": [1, 2]], "order": 7],
                ]
                let made = try await cluster.request("POST", path, body)
                #expect(made.status == 201 && made.json["apiVersion"]?.string == version, "\(made.body)")
                let patch: JSON = ["spec": ["what": ["ever": [3]], "order": .null]]
                let merged = try await cluster.request("PATCH", path + "/a", patch, contentType: "application/merge-patch+json")
                #expect(merged.json["spec"] == ["what": ["ever": [3]]], "\(merged.body)")
                let strategic = try await cluster.request(
                    "PATCH", path + "/a", patch, contentType: "application/strategic-merge-patch+json")
                #expect(strategic.status == 415, "\(strategic.body)")
                let other = path.replacing("/v2/", with: "/v1/").replacing("/v3/", with: "/v1/")
                #expect(try await cluster.request("GET", other).status == 404)
                let listed = try await cluster.request("GET", path)
                #expect(listed.json["items"]?.elements.count == 1)
            }
            let core = try await cluster.request("GET", "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies")
            #expect(core.json["items"]?.elements.isEmpty == true)
        }
    }

    @Test("kubectl finds custom resources by discovery")
    func kubectl() async throws {
        try await TestCluster.run { cluster in
            let body: JSON = ["kind": "CiliumNetworkPolicy", "metadata": ["name": "a"], "spec": [:]]
            #expect(try await cluster.request("POST", cilium, body).status == 201)
            let found = try await cluster.kubectl("get", "ciliumnetworkpolicies.cilium.io", "-o", "name")
            #expect(found.output.contains("ciliumnetworkpolicy.cilium.io/a"), "\(found.output) \(found.errors)")
        }
    }

    @Test("a pod whose labels leave its replicaset is released and replaced, and no other is")
    func release() async throws {
        try await TestCluster.run { cluster in
            let template: JSON = ["metadata": ["labels": ["app": "web"]], "spec": ["containers": [["name": "m", "image": "i"]]]]
            let manifest: JSON = [
                "kind": "ReplicaSet", "metadata": ["name": "web", "namespace": "default"],
                "spec": ["replicas": 2, "selector": ["matchLabels": ["app": "web"]], "template": template],
            ]
            let set = try JSON(parsing: Data(try await cluster.sim.apply(manifest.text).utf8))
            for name in ["web-1", "web-2"] {
                var member = pod(name, labels: ["app": "web"])
                member["metadata", "ownerReferences"] = [
                    [
                        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": set["metadata", "uid"] ?? "",
                        "controller": true,
                    ]
                ]
                try await cluster.seed(member)
            }
            let patch: JSON = ["metadata": ["labels": ["app": .null]]]
            let dry = try await cluster.request(
                "PATCH", pods + "/web-1?dryRun=All", patch, contentType: "application/merge-patch+json")
            #expect(dry.status == 200)
            #expect(try await cluster.request("GET", pods).json["items"]?.elements.count == 2)
            _ = try await cluster.request("PATCH", pods + "/web-1", patch, contentType: "application/merge-patch+json")
            let all = try await cluster.request("GET", pods).json["items"]?.elements ?? []
            let owned = all.filter { $0["metadata", "ownerReferences"] != nil }.compactMap { $0["metadata", "name"]?.string }
            #expect(all.count == 3 && owned.count == 2 && owned.contains("web-2") && !owned.contains("web-1"), "\(owned)")
        }
    }

    @Test("who writes a binding must be allowed to bind its role")
    func bind() async throws {
        try await TestCluster.run {
            $0.enforcesRoles = true
            $0.users = [.init(name: "carol", token: "secret")]
        } _: { cluster in
            let group = "rbac.authorization.k8s.io"
            func grant(_ extra: [JSON]) async throws {
                let rules: [JSON] = [["apiGroups": [.string(group)], "resources": ["rolebindings"], "verbs": ["patch", "create"]]]
                try await cluster.seed(["kind": "ClusterRole", "metadata": ["name": "given"], "rules": .array(rules + extra)])
            }
            try await grant([])
            try await cluster.seed([
                "kind": "ClusterRoleBinding", "metadata": ["name": "given"], "roleRef": ["kind": "ClusterRole", "name": "given"],
                "subjects": [["kind": "User", "name": "carol"]],
            ])
            let binding: JSON = [
                "kind": "RoleBinding", "metadata": ["name": "b", "namespace": "default"], "subjects": [],
                "roleRef": ["kind": "ClusterRole", "name": "view"],
            ]
            let path = "/apis/\(group)/v1/namespaces/default/rolebindings"
            let refused = try await cluster.request("POST", path, binding, token: "secret")
            #expect(refused.status == 403 && refused.body.contains("cannot bind resource"), "\(refused.body)")
            try await cluster.seed(binding)
            let patch: JSON = ["metadata": ["labels": ["a": "b"]]]
            let merge = "application/merge-patch+json"
            #expect(try await cluster.request("PATCH", path + "/b", patch, contentType: merge, token: "secret").status == 403)
            try await grant([
                ["apiGroups": [.string(group)], "resources": ["clusterroles"], "verbs": ["bind"], "resourceNames": ["view"]]
            ])
            #expect(try await cluster.request("PATCH", path + "/b", patch, contentType: merge, token: "secret").status == 200)
        }
    }
}
