// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import KubeClient
import struct KubeClient.Pod

private func json(_ text: String) throws -> JSONValue { try #require(JSONText.read(Array(text.utf8))) }

@Suite struct ObjectTests {
    @Test("A pod is read with its owner, its containers without the runtime's prefix, and its readiness")
    func pod() throws {
        let pod = try Pod(json: json("""
            {"kind":"Pod","metadata":{"name":"web-1","namespace":"shop","uid":"u-1","resourceVersion":"7","labels":{"app":"web"},
             "deletionTimestamp":"2026-01-02T03:04:05Z",
             "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"u-2","controller":true}]},
             "spec":{"nodeName":"n1","hostNetwork":true,"serviceAccountName":"web","containers":[{"name":"c","image":"nginx:1"}]},
             "status":{"phase":"Running","podIP":"10.0.0.9","conditions":[{"type":"Ready","status":"True"}],
              "initContainerStatuses":[{"name":"i","containerID":"containerd://aaa","image":"x","ready":true}],
              "containerStatuses":[{"name":"c","containerID":"containerd://bbb","ready":true},{"name":"d","ready":false}]}}
            """))
        #expect(pod.metadata.uid == "u-1" && pod.metadata.controller?.kind == "ReplicaSet" && pod.metadata.labels == ["app": "web"])
        #expect(pod.metadata.deletionTimestamp == Timestamp("2026-01-02T03:04:05Z"))
        #expect(pod.nodeName == "n1" && pod.isHostNetwork && pod.phase == .running && pod.podIP == "10.0.0.9" && pod.isReady)
        #expect(pod.containerStatuses.map(\.id) == ["aaa", "bbb", nil])
        #expect(pod.has("bbb") && !pod.has("ccc"))
        #expect(pod.reference == ObjectReference(.pods, "web-1", in: "shop"))
    }

    @Test("A pod that is only asked for has no node, no address and no container id")
    func barePod() throws {
        let pod = try Pod(json: json(#"{"metadata":{"name":"a"},"spec":null}"#))
        #expect(pod.nodeName == nil && pod.podIP == nil && pod.containerStatuses.isEmpty && pod.phase == .unknown && !pod.isReady)
    }

    @Test("A field of the wrong kind is a decode error that names its path", arguments: [
        (#"{"metadata":{"name":7}}"#, "metadata.name"), (#"{"spec":{}}"#, "metadata"), (#"{"metadata":{"name":""}}"#, "metadata.name"),
        (#"{"metadata":{"name":"a","labels":{"x":1}}}"#, "metadata.labels.x"),
        (#"{"metadata":{"name":"a"},"spec":{"containers":{}}}"#, "spec.containers"),
        (#"{"metadata":{"name":"a"},"status":{"containerStatuses":["x"]}}"#, "status.containerStatuses[0]"), ("[]", "an object"),
    ])
    func wrongKind(_ text: String, _ path: String) throws {
        let value = try json(text)
        let error = try #require(throws: KubeError.self) { _ = try Pod(json: value) }
        #expect(error.code == .decode && error.message.contains(path))
    }

    @Test("Wanted and ready pods are read from the fields of each kind; a left-out number of replicas means 1")
    func replicas() throws {
        let text = #"{"metadata":{"name":"a"},"spec":{"replicas":3},"status":{"readyReplicas":2}}"#
        #expect(try Workload(.deployment, json: json(text)).replicas == Workload.Replicas(desired: 3, ready: 2))
        #expect(try Workload(.statefulSet, json: json(text)).replicas == Workload.Replicas(desired: 3, ready: 2))
        #expect(try Workload(.replicaSet, json: json(#"{"metadata":{"name":"a"}}"#)).replicas == Workload.Replicas(desired: 1, ready: 0))
        let daemon = #"{"metadata":{"name":"a"},"status":{"desiredNumberScheduled":5,"numberReady":4}}"#
        #expect(try Workload(.daemonSet, json: json(daemon)).replicas == Workload.Replicas(desired: 5, ready: 4))
    }

    @Test("A NetworkPolicy keeps every field of its JSON, those that are not read too")
    func policy() throws {
        let value = try json("""
            {"kind":"NetworkPolicy","metadata":{"name":"p","namespace":"shop"},"futureField":{"a":[1,2.5,null]},
             "spec":{"podSelector":{"matchLabels":{"app":"web"}},"policyTypes":["Ingress","Egress"],
              "ingress":[{"from":[{"podSelector":{}},{"namespaceSelector":{"matchLabels":{"team":"a"}},"podSelector":{}}],
                          "ports":[{"port":80},{"protocol":"UDP","port":"dns","endPort":60}]}],
              "egress":[{"to":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}]}]}}
            """)
        let policy = try NetworkPolicy(json: value)
        #expect(policy.json == value)
        #expect(JSONText.read(JSONText.write(policy.json)) == value)
        #expect(policy.selects(labels: ["app": "web", "x": "y"], in: "shop"))
        #expect(!policy.selects(labels: ["app": "web"], in: "other") && !policy.selects(labels: [:], in: "shop"))
        #expect(policy.ingress.first?.peers.count == 2 && policy.ingress.first?.ports.map(\.protocolName) == ["TCP", "UDP"])
        #expect(policy.egress.first?.peers == [.addresses("10.0.0.0/8", except: ["10.1.0.0/16"])])
        #expect(policy.limitsIngress && policy.limitsEgress)
    }

    @Test("Without policyTypes a policy limits ingress, and egress only when it has egress rules", arguments: [
        (#"{}"#, true, false), (#"{"egress":[{}]}"#, true, true), (#"{"policyTypes":["Egress"]}"#, false, true),
    ])
    func policyTypes(_ spec: String, _ ingress: Bool, _ egress: Bool) throws {
        let policy = try NetworkPolicy(json: json(#"{"metadata":{"name":"p"},"spec":\#(spec)}"#))
        #expect(policy.limitsIngress == ingress && policy.limitsEgress == egress)
    }

    @Test("Selectors in text select what the server would", arguments: [
        ("app=web", true), ("app==web", true), ("app = db", false), ("app!=db", true), ("tier!=x", true), ("app", true), ("tier", false),
        ("!tier", true), ("!app", false), ("app in (db, web)", true), ("app notin (db,web)", false), ("tier notin (a)", true),
        ("app=web,!tier,env in (a,b)", true), ("app=web,env=c", false), ("", true),
    ])
    func selectors(_ text: String, _ isSelected: Bool) throws {
        #expect(try LabelSelector(text: text).matches(["app": "web", "env": "a"]) == isSelected)
    }

    @Test("A selector that cannot be read is refused, never taken for everything", arguments: ["app in web)", "a b", "a=b,,c", "in (a)"])
    func badSelectors(_ text: String) {
        #expect(throws: KubeError.self) { try LabelSelector(text: text) }
    }
}
