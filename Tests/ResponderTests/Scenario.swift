// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Guardrails
import KubeClient
import KubeSim
import Records
import Responder
import ResponseLanguage
import Testing

/// One line of `Tests/Specs/rehearsal/scenarios.jsonl`: a state of the cluster, an alert, and a playbook that answers it.
struct Scenario: Decodable, Sendable {
    enum State: String, Decodable, Sendable { case running, missing, reborn, ending }
    enum Known: String, Decodable, Sendable { case full, uid, container, name, host }

    struct Trouble: Decodable, Sendable {
        var verb: String
        var resource: String
        var status: Int?
        var cut: String?
    }

    var `case`: String
    var actions: [JSONValue]
    var state: State?
    var alert: Known?
    var owner: String?
    var ready: Int?
    var desired: Int?
    var hostNetwork: Bool?
    var runtime: Bool?
    var labels: [String: String]?
    var namespace: String?
    var policies: [String]?
    var past: [String]?
    var cooldown: Int?
    var budgetPerWorkload: Int?
    var budgetPerCluster: Int?
    var stop: Bool?
    var fault: Trouble?
    /// On the pods of `Town`: about which of them, with what else in the cluster, and with which fields of the alert.
    var town: String?
    var cordoned: Bool?
    var objects: [JSONValue]?
    var fields: [String: JSONValue]?

    static func all() throws -> [Scenario] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/rehearsal/scenarios.jsonl")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Scenario.self, from: Data($0.utf8))
        }
    }

    var place: String { namespace ?? "shop" }

    /// JSON is YAML too.
    func playbooks() throws -> String {
        let named = actions.enumerated().map { index, action in
            JSONValue.object((action.object ?? [:]).merging(["action": .string("step \(index)")]) { $1 })
        }
        let playbook: JSONValue = [["rule": "Scenario", "actions": .array(named)]]
        return String(decoding: try JSONEncoder().encode(playbook), as: UTF8.self)
    }

    var settings: GuardrailSettings {
        GuardrailSettings(
            mode: .act, budgetPerWorkload: budgetPerWorkload ?? 3, budgetPerCluster: budgetPerCluster ?? 10,
            cooldownSeconds: cooldown ?? 60, stopFile: stop == true ? "/stop" : nil)
    }

    var trouble: Fault? {
        guard let fault else { return nil }
        let effect: Fault.Effect =
            switch (fault.cut, fault.status) {
            case ("before", _): .dropBeforeActing
            case (_?, _): .dropAfterActing
            case (nil, let status): .answer(status: status ?? 500)
            }
        return Fault(effect, verb: fault.verb, resource: fault.resource)
    }

    /// Lays the state down and returns the alert that is answered in it.
    func set(up world: World) async throws -> Alert {
        if let town { return try await build(town, world) }
        try await world.sim.apply(#"{"kind":"Namespace","metadata":{"name":"\#(place)"}}"#)
        if let owner, let desired {
            let ready = ready ?? 0
            try await world.sim.apply("""
                {"kind":"\(owner)","metadata":{"name":"web","namespace":"\(place)"},"spec":{"replicas":\(desired)},
                "status":{"readyReplicas":\(ready),"numberReady":\(ready),"desiredNumberScheduled":\(desired)}}
                """)
        }
        let uid = try await pod("web-1", world)
        for policy in policies ?? [] { try await store(policy, uid, world) }
        for actuator in past ?? [] { try await act(actuator, on: uid, world) }
        switch state ?? .running {
        case .running: break
        case .missing: await world.sim.remove("pods", namespace: place, name: "web-1")
        case .reborn:
            await world.sim.remove("pods", namespace: place, name: "web-1")
            try await pod("web-1", world)
        case .ending: _ = try await world.client.delete(.init(.pods, "web-1", in: place), .init())
        }
        return event(uid)
    }

    private func build(_ name: String, _ world: World) async throws -> Alert {
        let uids = try await Town.build(world, cordoned: cordoned ?? false)
        for object in objects ?? [] { try await world.sim.apply(object.text) }
        let uid = uids[name]
        switch state ?? .running {
        case .running: break
        case .missing: await world.sim.remove("pods", namespace: "shop", name: name)
        case .reborn:
            await world.sim.remove("pods", namespace: "shop", name: name)
            try await Town.build(world, cordoned: cordoned ?? false)
        case .ending: _ = try await world.client.delete(.init(.pods, name, in: "shop"), .init())
        }
        let isAudited = fields?["ka.target.name"] != nil
        var event =
            isAudited ? ResponderTests.alert(pod: nil, namespace: nil)
            : alert == .uid ? ResponderTests.alert(uid: uid, pod: nil, namespace: nil) : ResponderTests.alert(uid: uid, pod: name)
        event.fields.merge(fields ?? [:]) { $1 }
        event.time = Self.now
        return event
    }

    private func event(_ uid: String) -> Alert {
        var event =
            switch alert ?? .full {
            case .full: ResponderTests.alert(uid: uid, namespace: place)
            case .uid: ResponderTests.alert(uid: uid, pod: nil, namespace: nil)
            case .container: ResponderTests.alert(pod: nil, namespace: nil, container: World.container("web-1"))
            case .name: ResponderTests.alert(namespace: place)
            case .host: ResponderTests.alert(pod: nil, namespace: nil)
            }
        event.time = Self.now
        return event
    }

    @discardableResult
    private func pod(_ name: String, _ world: World) async throws -> String {
        let labels = (labels ?? ["app": "web", "old": "1"]).map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        return try await world.pod(name, namespace: place, labels: labels, owner: owner, hostNetwork: hostNetwork ?? false)
    }

    private func store(_ policy: String, _ uid: String, _ world: World) async throws {
        let name = policy == "foreign" ? "saker-quarantine-\(uid)" : "web"
        try await world.sim.apply("""
            {"kind":"NetworkPolicy","metadata":{"name":"\(name)","namespace":"\(place)"},
            "spec":{"podSelector":{"matchLabels":{"app":"web"}},"policyTypes":["Egress"],
            "egress":[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0"}}]}]}}
            """)
    }

    /// What an earlier alert led to; a termination meets a sibling of the pod.
    private func act(_ actuator: String, on uid: String, _ world: World) async throws {
        let texts = [
            "kubernetes:label": World.label, "kubernetes:networkpolicy": World.isolate, "kubernetes:terminate": World.terminate,
        ]
        let playbooks = try World.playbookSet(try #require(texts[actuator]))
        let line = ResponseLine(world.parts, policy: ResponsePolicy(playbooks: playbooks, guardrails: GuardrailSettings(mode: .act)))
        let isEnd = actuator == "kubernetes:terminate"
        let target = isEnd ? try await pod("web-0", world) : uid
        var event = ResponderTests.alert(uid: target, pod: isEnd ? "web-0" : "web-1", namespace: place)
        event.time = Self.now
        await line.handle(event)
    }

    /// The time stands still, so that what is said of waits and deadlines is the same at both tries.
    static let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
}

/// Lets deleted pods end only when their cluster does.
struct SlowRuntime: PodRuntime {
    func terminate(pod: PodReference, gracePeriodSeconds: Int) async { try? await Task.sleep(for: .seconds(3_600)) }
}
