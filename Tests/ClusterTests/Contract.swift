// SPDX-License-Identifier: Apache-2.0

import EventModel
import KubeClient
import Testing

/// What Saker takes for granted of an API server, clause by clause. The same clauses are tried on KubeSim and on real clusters.
enum Clause: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case get = "what was created is read back whole, and what is not there is notFound"
    case pages = "a list of several pages is complete, and each item says what it is"
    case watch = "a watch tells what was added, changed and deleted after the list, in order"
    case mergePatch = "a merge patch sets and removes labels, bound to the UID"
    case jsonPatch = "a JSON patch is done whole, or not at all when its test fails"
    case strategicPatch = "a strategic patch changes one container of two"
    case apply = "an apply makes, changes, meets another manager's field as a conflict, and takes it by force"
    case conflict = "an update from an old version is a conflict, and a taken name is alreadyExists"
    case delete = "a delete for another UID is a conflict and deletes nothing; for the right one it deletes"
    case eviction = "an eviction of another UID is a conflict, a rehearsed one changes nothing, and a true one ends the pod"
    case dryRun = "a dry run of each verb stores nothing"
    case forbidden = "what a user may not do is forbidden, named, and foretold by an access review"

    var testDescription: String { rawValue }

    func check(_ site: Site) async throws {
        switch self {
        case .get: try await site.checkGet()
        case .pages: try await site.checkPages()
        case .watch: try await site.checkWatch()
        case .mergePatch: try await site.checkMergePatch()
        case .jsonPatch: try await site.checkJSONPatch()
        case .strategicPatch: try await site.checkStrategicPatch()
        case .apply: try await site.checkApply()
        case .conflict: try await site.checkConflict()
        case .delete: try await site.checkDelete()
        case .eviction: try await site.checkEviction()
        case .dryRun: try await site.checkDryRun()
        case .forbidden: try await site.checkForbidden()
        }
    }
}

/// Objects that harm no cluster: policies that select no pod, a deployment of no replicas, a pod that does nothing.
extension Site {
    func policy(_ name: String, labels: [String: JSONValue] = [:]) -> JSONValue {
        [
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": ["name": .string(name), "labels": .object(labels)],
            "spec": ["podSelector": ["matchLabels": ["contract": "selects-nothing"]], "policyTypes": ["Ingress"]],
        ]
    }

    func deployment(_ name: String) -> JSONValue {
        let labels: JSONValue = ["matchLabels": ["app": .string(name)]]
        let containers: JSONValue = [
            ["name": "one", "image": "registry.k8s.io/pause:3.9"], ["name": "two", "image": "registry.k8s.io/pause:3.9"],
        ]
        return [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name)],
            "spec": [
                "replicas": 0, "selector": labels,
                "template": ["metadata": ["labels": ["app": .string(name)]], "spec": ["containers": containers]],
            ],
        ]
    }

    func pod(_ name: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
            "spec": [
                "terminationGracePeriodSeconds": 0, "automountServiceAccountToken": false,
                "containers": [["name": "main", "image": "registry.k8s.io/pause:3.9"]],
            ],
        ]
    }

    /// Stores an object and returns its address and UID.
    func store(_ resource: KubeResource, _ body: JSONValue) async throws -> (reference: ObjectReference, uid: String) {
        let made = try await client.create(resource, body, in: namespace, WriteOptions())
        let meta = try ObjectMeta(of: made)
        return (ObjectReference(resource, meta.name, in: namespace), try #require(meta.uid.isEmpty ? nil : meta.uid))
    }

    func isGone(_ object: ObjectReference) async -> Bool {
        await failure { () async throws(KubeError) in try await client.get(object) }?.code == .notFound
    }
}
