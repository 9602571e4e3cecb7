// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Guardrails
import KubeSim
import Records
import Responder
import Testing

@Suite("Actions on a cluster")
struct ActionTests {
    @Test("A label is set and another removed on the event's pod by one patch that names its UID, and the result is kept")
    func label() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["done"], "\(world.book.outcomes)")
            #expect(try await world.labels() == ["app": "web", "suspicious": "true"])
            #expect(world.writes.map(\.verb) == ["patch"])
            #expect(world.writes.first?.body?.contains(uid) == true)
            let entry = try #require(try await world.history.first)
            #expect(entry.label == "done" && entry.act.intention.undo?.sentence.contains("suspicious is removed") == true)
            #expect(world.resultFiles.count == 1)
            #expect(world.book.reports.first?.notes.first?.contains("result kept in") == true)
        }
    }

    @Test("Labels that are there already are left alone, and that is said")
    func labelTwice() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod(labels: #""suspicious":"true""#)
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["skipped"])
            #expect(world.writes.isEmpty)
        }
    }

    @Test("Undoing a label restores what was there before; a second undo is refused")
    func undoLabel() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            let id = world.book.reports.first?.id
            #expect(try await world.undo(id).label == "done")
            #expect(try await world.labels() == ["app": "web", "old": "1"])
            let second = try await world.undo(id)
            #expect(second.label == "refused" && second.sentence.contains("taken back already"), "\(second)")
            #expect(world.writes.count == 2)
            #expect(try await world.history.first?.undoState == .undone)
        }
    }

    @Test("A label that somebody else changed since is not undone")
    func undoForeignLabel() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            try await world.pod(labels: #""app":"web","suspicious":"cleared-by-bob""#)
            let outcome = try await world.undo(world.book.reports.first?.id)
            #expect(outcome.label == "refused" && outcome.sentence.contains("'cleared-by-bob'"), "\(outcome)")
            #expect(try await world.labels()["suspicious"] == "cleared-by-bob")
        }
    }

    @Test("Undoing a label of a pod that is gone changes nothing on its namesake")
    func undoOnNamesake() async throws {
        try await World.run(World.label) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            await world.sim.remove("pods", namespace: "shop", name: "web-1")
            try await world.pod(labels: #""suspicious":"true""#)
            #expect(try await world.undo(world.book.reports.first?.id).label == "skipped")
            #expect(try await world.labels() == ["suspicious": "true"])
        }
    }

    @Test("An isolation cuts one pod in both directions, by a label that no other pod has, and is reported as stored")
    func isolate() async throws {
        try await World.run(World.isolate) { world in
            let uid = try await world.pod()
            try await world.pod("web-2")
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["done"], "\(world.book.outcomes)")
            #expect(world.book.outcomes.first?.sentence.contains("stored and not yet seen enforced") == true)
            #expect(try await world.labels()["saker.dev/quarantine"] == uid)
            #expect(try await world.labels("web-2")["saker.dev/quarantine"] == nil)
            let policy = try #require(try await world.object("networkpolicies", "saker-quarantine-\(uid)"))
            #expect(policy["spec"]?["podSelector"] == ["matchLabels": ["saker.dev/quarantine": .string(uid)]])
            #expect(policy["spec"]?["policyTypes"] == ["Ingress", "Egress"])
            #expect((policy["spec"]?["egress"]?.array ?? []).isEmpty && (policy["spec"]?["ingress"]?.array ?? []).isEmpty)
            #expect(policy["metadata"]?["labels"]?["app.kubernetes.io/managed-by"] == "saker")
            #expect(world.writes.map(\.verb) == ["create", "patch"])
        }
    }

    @Test("What an isolation still allows is in its policy, under the label that Kubernetes gives to namespaces")
    func allowances() async throws {
        let playbook = """
            - rule: Cut off
              actions:
                - action: Cut it off
                  actionner: kubernetes:networkpolicy
                  parameters: {allow_cidr: [10.0.0.0/8], allow_namespaces: [dns]}
            """
        try await World.run(playbook) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            let policy = try await world.object("networkpolicies", "saker-quarantine-\(uid)")
            #expect(policy?["spec"]?["egress"] == [
                [
                    "to": [
                        ["ipBlock": ["cidr": "10.0.0.0/8"]],
                        ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "dns"]]],
                    ]
                ]
            ])
        }
    }

    @Test("The proof names the other policies that select the pod and what they still allow")
    func otherPolicies() async throws {
        try await World.run(World.isolate) { world in
            let uid = try await world.pod()
            try await world.sim.apply("""
                {"kind":"NetworkPolicy","metadata":{"name":"web","namespace":"shop"},"spec":{"podSelector":{"matchLabels":{"app":"web"}},
                "policyTypes":["Egress"],"egress":[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0"}}],"ports":[{"port":443}]}]}}
                """)
            try await world.sim.apply("""
                {"kind":"NetworkPolicy","metadata":{"name":"db","namespace":"shop"},"spec":{"podSelector":{"matchLabels":{"app":"db"}}}}
                """)
            await world.line.handle(alert(uid: uid))
            let sentence = world.book.outcomes.first?.sentence ?? ""
            let other = "Not all is cut, because policies add up: policy web allows out to 0.0.0.0/0 on TCP 443"
            #expect(sentence.contains(other), "\(sentence)")
            #expect(!sentence.contains("policy db"))
        }
    }

    @Test("Undoing an isolation removes label and policy; a second undo is refused")
    func undoIsolation() async throws {
        try await World.run(World.isolate) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            let id = world.book.reports.first?.id
            let outcome = try await world.undo(id)
            #expect(outcome.label == "done", "\(outcome)")
            #expect(try await world.labels()["saker.dev/quarantine"] == nil)
            #expect(try await world.object("networkpolicies", "saker-quarantine-\(uid)") == nil)
            #expect(try await world.undo(id).label == "refused")
        }
    }

    @Test("An isolation's policy that is no more marked as ours is not deleted")
    func undoForeignPolicy() async throws {
        try await World.run(World.isolate) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            let name = "saker-quarantine-\(uid)"
            try await world.foreignPolicy(name)
            let outcome = try await world.undo(world.book.reports.first?.id)
            #expect(outcome.label == "refused" && outcome.sentence.hasPrefix("ownership: "), "\(outcome)")
            #expect(try await world.object("networkpolicies", name) != nil)
        }
    }

    @Test("A policy of another owner under our name is not overwritten")
    func foreignPolicy() async throws {
        try await World.run(World.isolate) { world in
            let uid = try await world.pod()
            let name = "saker-quarantine-\(uid)"
            try await world.foreignPolicy(name)
            await world.line.handle(alert(uid: uid))
            #expect(world.book.guardrails == [.ownership])
            #expect(world.writes.isEmpty)
        }
    }

    @Test("A pod on the host's network is not isolated, because no policy would hold")
    func hostNetwork() async throws {
        try await World.run(World.isolate) { world in
            let uid = try await world.pod(hostNetwork: true)
            await world.line.handle(alert(uid: uid))
            #expect(world.book.guardrails == [.hostNetwork])
            #expect(world.writes.isEmpty)
        }
    }

    @Test("When the label is refused, the policy that was made for it is swept away")
    func halfIsolation() async throws {
        try await World.run(World.isolate) { world in
            let uid = try await world.pod()
            world.sim.inject(Fault(.answer(status: 403), verb: "patch"))
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["failed"])
            #expect(try await world.object("networkpolicies", "saker-quarantine-\(uid)") == nil)
        }
    }

    @Test("A termination deletes the pod by its UID and reads back that it is gone")
    func terminate() async throws {
        try await World.run(World.terminate) { world in
            let uid = try await world.pod()
            await world.line.handle(alert(uid: uid))
            #expect(world.book.outcomes.map(\.sentence) == ["pod shop/web-1 is gone"])
            #expect(try await world.object("pods", "web-1") == nil)
            #expect(world.writes.map(\.verb) == ["delete"])
            let body = world.writes.first?.body ?? ""
            #expect(body.contains(#""uid":"\#(uid)""#) && !body.contains("gracePeriodSeconds"), "\(body)")
            #expect(try await world.undo(world.book.reports.first?.id).sentence.contains("nothing to take back"))
        }
    }

    @Test(
        "Pods are left alone as the playbook says, with the reason",
        arguments: [("DaemonSet", "ignore_daemonsets"), ("StatefulSet", "ignore_statefulsets"), (nil, "ignore_standalone_pods")])
    func ignored(owner: String?, parameter: String) async throws {
        let playbook = "- rule: End\n  actions: [{action: E, actionner: kubernetes:terminate, parameters: {\(parameter): true}}]\n"
        try await World.run(playbook) { world in
            let uid = try await world.pod(owner: owner)
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["skipped"])
            #expect(world.book.outcomes.first?.sentence.contains(parameter) == true)
            #expect(world.writes.isEmpty)
        }
    }

    @Test("A static pod is not deleted, because its node would start it again")
    func staticPod() async throws {
        var settings = GuardrailSettings(mode: .act)
        settings.protectsControlPlane = false
        try await World.run(World.terminate, settings) { world in
            let uid = try await world.pod(owner: "Node")
            await world.line.handle(alert(uid: uid))
            #expect(world.book.guardrails == [.owner])
        }
    }

    @Test(
        "min_healthy_replicas counts ready of desired replicas of the owner",
        arguments: [("3", false), ("2", true), ("67%", false), ("66%", true)])
    func minimumHealthy(wanted: String, isAllowed: Bool) async throws {
        let playbook = """
            - rule: End
              actions: [{action: E, actionner: kubernetes:terminate, parameters: {min_healthy_replicas: \(wanted)}}]
            """
        try await World.run(playbook) { world in
            let uid = try await world.pod(owner: "ReplicaSet")
            try await world.sim.apply("""
                {"kind":"ReplicaSet","metadata":{"name":"web","namespace":"shop"},"spec":{"replicas":3},"status":{"readyReplicas":2}}
                """)
            await world.line.handle(alert(uid: uid))
            #expect(world.book.guardrails == [isAllowed ? nil : .minHealthy], "\(world.book.outcomes)")
            #expect(world.writes.count == (isAllowed ? 1 : 0))
        }
    }

    @Test("When the owner's replicas cannot be read, a pod that depends on them is not deleted")
    func unreadableOwner() async throws {
        let playbook = "- rule: End\n  actions: [{action: E, actionner: kubernetes:terminate, parameters: {min_healthy_replicas: 1}}]\n"
        try await World.run(playbook) { world in
            let uid = try await world.pod(owner: "ReplicaSet")
            await world.line.handle(alert(uid: uid))
            #expect(world.book.labels == ["failed"])
            #expect(world.writes.isEmpty)
        }
    }
}
