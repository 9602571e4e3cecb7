// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import KubeSim
import Testing

/// A small cluster in which every action finds what it acts on: a node with pods of all owners, a Deployment with two revisions, a
/// service, and the bindings and the token of a service account.
enum Town {
    /// Pods that an alert may be about, by what manages them.
    static let pods = ["web-1", "lone-1", "db-0", "agent-1"]

    /// Lays it down, or mends what was changed; returns the pods' UIDs by name.
    @discardableResult
    static func build(_ world: World, cordoned: Bool = false) async throws -> [String: String] {
        let sim = world.sim
        try await sim.apply(#"{"kind":"Namespace","metadata":{"name":"shop"}}"#)
        try await sim.apply(#"{"kind":"Node","metadata":{"name":"n"},"spec":{"unschedulable":\#(cordoned)}}"#)
        let selector = #""selector":{"matchLabels":{"app":"web"}}"#
        let deployment = try await uid(sim, "Deployment", "web", "", #""replicas":2,\#(selector),\#(template(2))"#)
        let top = owner("Deployment", "web", deployment)
        _ = try await set(sim, "web-a", revision: 1, top)
        let current = try await set(sim, "web-b", revision: 2, top)
        let lone = try await uid(
            sim, "ReplicaSet", "lone", "", #""replicas":1,"selector":{"matchLabels":{"app":"lone"}},\#(template(1))"#, ready: 1)
        let database = try await uid(sim, "StatefulSet", "db", "", #""replicas":1"#, ready: 1)
        let agent = try await uid(sim, "DaemonSet", "agent", "", "", ready: 1)
        try await account(sim)
        let hash = #""app":"web","pod-template-hash":"b""#
        return [
            "web-1": try await pod(world, "web-1", hash, owner("ReplicaSet", "web-b", current)),
            "web-2": try await pod(world, "web-2", hash, owner("ReplicaSet", "web-b", current)),
            "lone-1": try await pod(world, "lone-1", #""app":"lone""#, owner("ReplicaSet", "lone", lone)),
            "db-0": try await pod(world, "db-0", #""app":"db""#, owner("StatefulSet", "db", database)),
            "agent-1": try await pod(world, "agent-1", #""app":"agent""#, owner("DaemonSet", "agent", agent)),
        ]
    }

    /// What the service account `web` of namespace `shop` may do, and the Secret with its token.
    private static func account(_ sim: KubeSim) async throws {
        let subject = #"{"kind":"ServiceAccount","name":"web","namespace":"shop"}"#
        let other = #"{"kind":"ServiceAccount","name":"other","namespace":"shop"}"#
        let role = #""roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"#
        try await sim.apply("""
            {"kind":"RoleBinding","metadata":{"name":"web-reads","namespace":"shop"},"subjects":[\(subject),\(other)],
            \(role)"Role","name":"reader"}}
            """)
        try await sim.apply("""
            {"kind":"ClusterRoleBinding","metadata":{"name":"web-views"},"subjects":[\(subject)],\(role)"ClusterRole","name":"view"}}
            """)
        try await sim.apply("""
            {"kind":"Secret","metadata":{"name":"web-token","namespace":"shop",
            "annotations":{"kubernetes.io/service-account.name":"web"}},"type":"kubernetes.io/service-account-token"}
            """)
        try await sim.apply(#"{"kind":"Secret","metadata":{"name":"password","namespace":"shop"},"type":"Opaque"}"#)
        try await sim.apply(#"{"kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"selector":{"app":"web"}}}"#)
    }

    private static func template(_ revision: Int) -> String {
        #""template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"web:\#(revision)"}]}}"#
    }

    private static func set(_ sim: KubeSim, _ name: String, revision: Int, _ owner: String) async throws -> String {
        let hash = name.suffix(1)
        let selector = #""selector":{"matchLabels":{"app":"web","pod-template-hash":"\#(hash)"}}"#
        let template = template(revision).replacing(#""app":"web""#, with: #""app":"web","pod-template-hash":"\#(hash)""#)
        let metadata = #","annotations":{"deployment.kubernetes.io/revision":"\#(revision)"},"ownerReferences":[\#(owner)]"#
        let spec = #""replicas":\#(revision == 2 ? 2 : 0),\#(selector),\#(template)"#
        return try await uid(sim, "ReplicaSet", name, metadata, spec, ready: 2)
    }

    private static func owner(_ kind: String, _ name: String, _ uid: String) -> String {
        #"{"apiVersion":"apps/v1","kind":"\#(kind)","name":"\#(name)","uid":"\#(uid)","controller":true}"#
    }

    private static func uid(
        _ sim: KubeSim, _ kind: String, _ name: String, _ metadata: String, _ spec: String, ready: Int = 2
    ) async throws -> String {
        try uid(
            of: await sim.apply("""
                {"kind":"\(kind)","metadata":{"name":"\(name)","namespace":"shop"\(metadata)},"spec":{\(spec)},
                "status":{"readyReplicas":\(ready),"numberReady":\(ready),"desiredNumberScheduled":\(ready)}}
                """))
    }

    private static func pod(_ world: World, _ name: String, _ labels: String, _ owner: String) async throws -> String {
        try uid(
            of: await world.sim.apply("""
                {"kind":"Pod","metadata":{"name":"\(name)","namespace":"shop","labels":{\(labels)},"ownerReferences":[\(owner)]},
                "spec":{"nodeName":"n","serviceAccountName":"web","containers":[{"name":"main","image":"none"}]},
                "status":{"phase":"Running","containerStatuses":[{"name":"main","ready":true,"restartCount":0,
                "containerID":"containerd://\(World.container(name))"}]}}
                """))
    }

    static func uid(of text: String) throws -> String {
        try #require(try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))["metadata"]?["uid"]?.string)
    }
}
