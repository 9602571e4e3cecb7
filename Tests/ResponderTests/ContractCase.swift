// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import KubeClient
import KubeSim
import Testing

/// One action on the pods of `Town`: what it changes, how that looks when it was taken back, and what somebody else may do meanwhile.
struct ContractCase: Sendable, CustomTestStringConvertible {
    /// One value of one object.
    struct Place: Sendable {
        var resource: KubeResource
        var name: String
        var namespace: String? = "shop"
        var path: [String]

        func value(_ world: World) async throws -> JSONValue? {
            let rawName = resource == .calicoNetworkPolicies ? "networkpolicies.projectcalico.org" : resource.plural
            let space = resource.isNamespaced ? namespace : nil
            guard let text = await world.sim.object(rawName, namespace: space, name: name) else { return nil }
            let object = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
            return path.reduce(Optional(object)) { value, key in
                Int(key).flatMap { index in value?.array.flatMap { $0.indices.contains(index) ? $0[index] : nil } } ?? value?[key]
            }
        }

        /// Changes the object as somebody else would.
        func change(by patch: JSONValue, _ world: World) async throws {
            _ = try await world.client.patch(ObjectReference(resource, name, in: namespace), .merge(patch), WriteOptions())
        }
    }

    var action: String
    var parameters = "{}"
    var isCordoned = false
    var fields: [String: JSONValue] = [:]
    /// Where the change shows; `UID` in its name stands for the pod's.
    var place: Place
    var after: JSONValue?
    /// What somebody else makes of the object, and what of it the refusal says; nil where no change of others can be told from the undo.
    var foreign: JSONValue?
    var difference = ""
    /// Whether it can be taken back.
    var hasUndo = true

    var testDescription: String { action + (parameters == "{}" ? "" : " " + parameters) }

    var playbooks: String {
        "- rule: R\n  actions: [{action: A, actionner: '\(action)', parameters: \(parameters)}]\n"
    }

    func event(_ uids: [String: String]) -> Alert {
        var event = fields["ka.target.name"] == nil ? alert(uid: uids["web-1"]) : alert(pod: nil, namespace: nil)
        event.fields.merge(fields) { $1 }
        return event
    }

    func place(_ uids: [String: String]) -> Place {
        var place = place
        place.name = place.name.replacing("UID", with: uids["web-1"] ?? "")
        return place
    }

    private static let node = Place(resource: .nodes, name: "n", namespace: nil, path: [])
    private static func node(_ path: String...) -> Place { Place(resource: .nodes, name: "n", namespace: nil, path: path) }
    private static func pod(_ path: String...) -> Place { Place(resource: .pods, name: "web-1", path: path) }
    private static func deployment(_ path: String...) -> Place { Place(resource: .deployments, name: "web", path: path) }
    private static let remote: [String: JSONValue] = ["fd.rip": "203.0.113.9"]

    static let all: [ContractCase] = [
        ContractCase(
            action: "kubernetes:label", parameters: "{labels: {suspicious: true}, level: node}",
            place: node("metadata", "labels", "suspicious"), after: "true", foreign: ["metadata": ["labels": ["suspicious": "no"]]],
            difference: "label suspicious was set to 'true' and is 'no'"),
        ContractCase(
            action: "kubernetes:annotation", parameters: "{annotations: {example.com/seen: 'by saker, once'}}",
            place: pod("metadata", "annotations", "example.com/seen"), after: "by saker, once",
            foreign: ["metadata": ["annotations": ["example.com/seen": "by bob"]]], difference: "and is 'by bob' now"),
        ContractCase(
            action: "kubernetes:annotation", parameters: "{annotations: {seen: x}, level: node}",
            place: node("metadata", "annotations", "seen"), after: "x", foreign: ["metadata": ["annotations": ["seen": "y"]]],
            difference: "was set to 'x' and is 'y' now"),
        ContractCase(action: "kubernetes:cordon", place: node("spec", "unschedulable"), after: true),
        ContractCase(action: "kubernetes:uncordon", isCordoned: true, place: node("spec", "unschedulable"), after: false),
        ContractCase(
            action: "kubernetes:taint", parameters: "{value: shell}", place: node("spec", "taints", "0", "value"), after: "shell",
            foreign: ["spec": ["taints": [["key": "saker.dev/suspicious", "effect": "NoSchedule", "value": "bob"]]]],
            difference: "value: 'shell', now 'bob'"),
        ContractCase(
            action: "kubernetes:scale", place: deployment("spec", "replicas"), after: 0, foreign: ["spec": ["replicas": 5]],
            difference: "replicas was set to 0 and is 5 now"),
        ContractCase(action: "kubernetes:pause", place: deployment("spec", "paused"), after: true),
        ContractCase(
            action: "kubernetes:rollback", place: deployment("spec", "template", "spec", "containers", "0", "image"), after: "web:1",
            foreign: ["spec": ["template": ["spec": ["containers": [["name": "main", "image": "web:3"]]]]]],
            difference: "containers[0].image: 'web:1', now 'web:3'"),
        ContractCase(
            action: "kubernetes:suspend-serviceaccount",
            place: Place(resource: .roleBindings, name: "web-reads", path: ["subjects"]),
            after: [["kind": "ServiceAccount", "name": "other", "namespace": "shop"]]),
        ContractCase(
            action: "calico:networkpolicy", fields: remote,
            place: Place(
                resource: .calicoNetworkPolicies, name: "saker-egress-UID", path: ["spec", "egress", "0", "destination", "nets", "0"]),
            after: "203.0.113.9/32", foreign: ["spec": ["egress": [["action": "Allow"]]]], difference: "spec.egress"),
        ContractCase(
            action: "cilium:networkpolicy", parameters: "{allow_cidr: [10.0.0.0/8], allow_namespaces: [dns]}",
            fields: ["fd.sip": "2001:db8::9"],
            place: Place(resource: .ciliumNetworkPolicies, name: "saker-egress-UID", path: ["spec", "egressDeny", "0", "toCIDR", "0"]),
            after: "2001:db8::9/128", foreign: ["spec": ["egressDeny": [["toCIDR": ["192.0.2.0/24"]]]]], difference: "now '192.0.2.0/24'"),
        ContractCase(action: "kubernetes:drain", place: node("spec", "unschedulable"), after: true),
        ContractCase(
            action: "kubernetes:revoke-tokens", place: Place(resource: .secrets, name: "web-token", path: ["type"]), hasUndo: false),
        ContractCase(
            action: "kubernetes:delete",
            fields: ["ka.target.resource": "deployments", "ka.target.name": "web", "ka.target.namespace": "shop"],
            place: deployment("kind"), after: nil, hasUndo: false),
    ]
}
