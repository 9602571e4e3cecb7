// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Guardrails
import KubeClient
import KubeSim
import Records
import Responder
import Testing

@Suite("Actions on workloads and accounts")
struct WorkloadActionTests {
    private static func playbook(_ action: String, _ parameters: String = "{}") -> String {
        "- rule: R\n  actions: [{action: A, actionner: '\(action)', parameters: \(parameters)}]\n"
    }

    /// The pods of the namespace that a ReplicaSet owns, by name.
    private static func pods(of set: String, _ world: World) async throws -> [String] {
        try await world.client.list(.pods, in: "shop", ListOptions()).items.filter { pod in
            (pod["metadata"]?["ownerReferences"]?.array ?? []).contains { $0["name"]?.string == set }
        }.compactMap { $0["metadata"]?["name"]?.string }
    }

    @Test("A detached pod leaves its ReplicaSet and its service and stays, and the ReplicaSet starts another one")
    func detach() async throws {
        try await World.run(Self.playbook("kubernetes:detach")) { world in
            let uids = try await Town.build(world)
            try await world.foreignPolicy("all")
            try await world.sim.apply("""
                {"kind":"NetworkPolicy","metadata":{"name":"web","namespace":"shop"},"spec":{"podSelector":{"matchLabels":{"app":"web"}}}}
                """)
            await world.line.handle(alert(uid: uids["web-1"]))
            #expect(world.book.labels == ["done"], "\(world.book.outcomes)")
            let sentence = world.book.outcomes.first?.sentence ?? ""
            #expect(sentence.contains("no more requests of service web") && sentence.contains("the network policy web holds it no more"))
            #expect(try await world.labels() == ["saker.dev/detached-from": "web-b"])
            let pods = try await Self.pods(of: "web-b", world)
            #expect(pods.count == 2 && pods.contains("web-2") && !pods.contains("web-1"), "\(pods)")
            #expect(try await world.object("pods", "web-1")?["metadata"]?["uid"]?.string == uids["web-1"])
        }
    }

    @Test("A detached pod comes back only where its ReplicaSet would end none for it")
    func attach() async throws {
        try await World.run(Self.playbook("kubernetes:detach")) { world in
            let uids = try await Town.build(world)
            await world.line.handle(alert(uid: uids["web-1"]))
            let id = world.book.reports.first?.id
            let refused = try await world.undo(id)
            #expect(refused.label == "refused" && refused.sentence.contains("has 2 of the 2 pods that it wants"), "\(refused)")
            let scale = ObjectReference(.replicaSets, "web-b", in: "shop", subresource: "scale")
            _ = try await world.client.patch(scale, .merge(["spec": ["replicas": 3]]), WriteOptions())
            let done = try await world.undo(id)
            #expect(done.label == "done", "\(done)")
            #expect(try await world.labels() == ["app": "web", "pod-template-hash": "b"])
        }
    }

    @Test("What nothing would take over from is not detached, and what has no rollout or replicas is left alone",
        arguments: [
            ("kubernetes:detach", "db-0", "would take over"), ("kubernetes:pause", "lone-1", "no Deployment"),
            ("kubernetes:rollback", "agent-1", "no Deployment"), ("kubernetes:scale", "agent-1", "nothing that has replicas"),
        ])
    func owners(action: String, pod: String, why: String) async throws {
        try await World.run(Self.playbook(action)) { world in
            let uids = try await Town.build(world)
            await world.line.handle(alert(uid: uids[pod], pod: pod))
            #expect(world.book.guardrails == [.owner] && world.book.outcomes[0].sentence.contains(why), "\(world.book.outcomes)")
            #expect(world.writes.isEmpty)
        }
    }

    @Test("A rollback goes to the revision that is asked for, and says which there are where that one is not", arguments: [1, 9])
    func revision(number: Int) async throws {
        try await World.run(Self.playbook("kubernetes:rollback", "{to_revision: \(number)}")) { world in
            let uids = try await Town.build(world)
            await world.line.handle(alert(uid: uids["web-1"]))
            let image = try await world.object("deployments", "web")?["spec"]?["template"]?["spec"]?["containers"]?.array?[0]["image"]
            #expect(image == (number == 1 ? "web:1" : "web:2"))
            let found = world.book.outcomes[0].sentence
            #expect(found.contains(number == 1 ? "the one with image web:1" : "its revisions: 1, 2"), "\(found)")
        }
    }

    @Test("A service account's suspension keeps the other subjects, tells what groups still give, and leaves protected namespaces alone")
    func suspension() async throws {
        try await World.run(Self.playbook("kubernetes:suspend-serviceaccount")) { world in
            let uids = try await Town.build(world)
            try await world.sim.apply(#"{"kind":"Namespace","metadata":{"name":"kube-system"}}"#)
            let role = #""roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"}"#
            try await world.sim.apply("""
                {"kind":"RoleBinding","metadata":{"name":"far","namespace":"kube-system"},\(role),
                "subjects":[{"kind":"ServiceAccount","name":"web","namespace":"shop"}]}
                """)
            try await world.sim.apply("""
                {"kind":"ClusterRoleBinding","metadata":{"name":"everybody"},\(role),
                "subjects":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"system:serviceaccounts:shop"}]}
                """)
            await world.line.handle(alert(uid: uids["web-1"]))
            let sentence = world.book.outcomes[0].sentence
            #expect(world.book.labels == ["done"] && sentence.contains("kube-system/far (ClusterRole edit) is in a protected namespace"))
            let group = "everybody still gives it ClusterRole edit, through the group system:serviceaccounts:shop"
            #expect(sentence.contains(group), "\(sentence)")
            #expect(try await world.object("rolebindings", "web-reads")?["subjects"]?.array?.count == 1)
            #expect(try await world.object("rolebindings", "far", namespace: "kube-system")?["subjects"]?.array?.count == 1)
        }
    }

    @Test("A suspension is not taken back into a binding that somebody made anew")
    func suspensionForeign() async throws {
        try await World.run(Self.playbook("kubernetes:suspend-serviceaccount")) { world in
            let uids = try await Town.build(world)
            await world.line.handle(alert(uid: uids["web-1"]))
            await world.sim.remove("rolebindings", namespace: "shop", name: "web-reads")
            try await world.sim.apply("""
                {"kind":"RoleBinding","metadata":{"name":"web-reads","namespace":"shop"},"subjects":[],
                "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"}}
                """)
            let written = world.writes.count
            let outcome = try await world.undo(world.book.reports.first?.id)
            #expect(outcome.label == "refused", "\(outcome)")
            #expect(outcome.sentence.contains("gave Role reader and is another one that gives ClusterRole cluster-admin now"), "\(outcome)")
            #expect(world.writes.count == written)
        }
    }

    @Test("Only the account's token Secrets go, their content is written down nowhere, and what cannot be revoked is said")
    func tokens() async throws {
        try await World.run(Self.playbook("kubernetes:revoke-tokens")) { world in
            let uids = try await Town.build(world)
            await world.line.handle(alert(uid: uids["web-1"]))
            #expect(world.book.outcomes[0].sentence.contains("live until that pod is gone"), "\(world.book.outcomes)")
            #expect(try await world.object("secrets", "web-token") == nil)
            #expect(try await world.object("secrets", "password") != nil)
            #expect(world.writes.allSatisfy { $0.body?.contains("\"uid\"") == true })
        }
    }

    @Test("An object of the event is deleted only where that is asked for and safe",
        arguments: [
            ("namespaces", "kube-system", nil, "protectedNamespace: "), ("clusterroles", "system:node", nil, "Kubernetes' own"),
            ("rolebindings", "web-reads", "shop", "lets no rolebindings be deleted"), ("secrets", "password", nil, "names no namespace"),
            ("nodes", "n", nil, "cannot be deleted"), ("configmaps", "absent", "shop", "is gone already"),
        ] as [(String, String, String?, String)])
    func delete(plural: String, name: String, namespace: String?, why: String) async throws {
        try await World.run(Self.playbook("kubernetes:delete")) { world in
            try await Town.build(world)
            var event = alert(pod: nil, namespace: nil)
            event.fields = ["ka.target.resource": .string(plural), "ka.target.name": .string(name)]
            event.fields["ka.target.namespace"] = namespace.map { .string($0) }
            await world.line.handle(event)
            #expect(world.book.outcomes.first?.sentence.contains(why) == true, "\(world.book.outcomes)")
            #expect(world.writes.isEmpty)
        }
    }

    @Test("An object that was made after the event is another one of that name")
    func reborn() async throws {
        try await World.run(Self.playbook("kubernetes:delete")) { world in
            try await Town.build(world)
            var event = alert(pod: nil, namespace: nil)
            event.time = Timestamp(nanoseconds: event.time.nanoseconds - 3_600_000_000_000)
            event.fields = ["ka.target.resource": "secrets", "ka.target.name": "password", "ka.target.namespace": "shop"]
            await world.line.handle(event)
            #expect(world.book.guardrails == [.identity], "\(world.book.outcomes)")
        }
    }

    @Test("A sender of some namespaces cannot have a node changed")
    func stranger() async throws {
        try await World.run(Self.playbook("kubernetes:cordon")) { world in
            let uids = try await Town.build(world)
            var event = alert(uid: uids["web-1"])
            event.sender = Sender(name: "shop", nodes: nil, namespaces: ["shop"])
            await world.line.handle(event)
            #expect(world.book.guardrails == [.sender], "\(world.book.outcomes)")
            #expect(world.writes.isEmpty)
        }
    }

    @Test("A second remote address is added to the pod's policy, and taken out of it alone")
    func addresses() async throws {
        try await World.run(Self.playbook("cilium:networkpolicy"), GuardrailSettings(mode: .act, cooldownSeconds: 0)) { world in
            let uids = try await Town.build(world)
            let name = "saker-egress-" + (uids["web-1"] ?? "")
            for address in ["203.0.113.1", "203.0.113.2"] {
                var event = alert(uid: uids["web-1"])
                event.fields["fd.rip"] = .string(address)
                await world.line.handle(event)
            }
            #expect(world.book.labels == ["done", "done"], "\(world.book.outcomes)")
            let both = try await world.object("ciliumnetworkpolicies", name)?["spec"]?["egressDeny"]
            #expect(both == [["toCIDR": ["203.0.113.1/32", "203.0.113.2/32"]]])
            #expect(try await world.undo(world.book.reports.last?.id).label == "done")
            let one = try await world.object("ciliumnetworkpolicies", name)?["spec"]?["egressDeny"]
            #expect(one == [["toCIDR": ["203.0.113.1/32"]]])
        }
    }

    @Test("Without a remote address there is nothing to block, and a policy of another owner is not overwritten")
    func noAddress() async throws {
        try await World.run(Self.playbook("cilium:networkpolicy"), GuardrailSettings(mode: .act, cooldownSeconds: 0)) { world in
            let uids = try await Town.build(world)
            await world.line.handle(alert(uid: uids["web-1"]))
            try await world.sim.apply(
                #"{"kind":"CiliumNetworkPolicy","metadata":{"name":"saker-egress-\#(uids["web-1"] ?? "")","namespace":"shop"},"spec":{}}"#)
            var event = alert(uid: uids["web-1"])
            event.fields["fd.rip"] = "203.0.113.1"
            await world.line.handle(event)
            #expect(world.book.labels == ["failed", "refused"], "\(world.book.outcomes)")
            #expect(world.writes.isEmpty)
        }
    }
}
