// SPDX-License-Identifier: Apache-2.0

import EventModel
import KubeClient
import Testing

extension Site {
    func checkMergePatch() async throws {
        let (reference, uid) = try await store(.networkPolicies, policy("merge", labels: ["keep": "1", "drop": "1"]))
        let after = try await client.patch(reference, .labels(["drop": nil, "new": "1"], uid: uid), WriteOptions())
        #expect(try ObjectMeta(of: after).labels == ["keep": "1", "new": "1"])
        let other = await failure { () async throws(KubeError) in
            try await client.patch(reference, .labels(["evil": "1"], uid: "00000000-0000-0000-0000-000000000000"), WriteOptions())
        }
        // Real servers answer a patch to another UID with 409 or, of some kinds, 422.
        #expect(other?.code == .conflict || other?.code == .invalid)
        #expect(try ObjectMeta(of: try await client.get(reference)).labels["evil"] == nil)
    }

    func checkJSONPatch() async throws {
        let (reference, _) = try await store(.networkPolicies, policy("json", labels: ["a": "1"]))
        let after = try await client.patch(
            reference,
            .json([
                ["op": "test", "path": "/metadata/labels/a", "value": "1"],
                ["op": "replace", "path": "/metadata/labels/a", "value": "2"], ["op": "add", "path": "/metadata/labels/b", "value": "3"],
            ]), WriteOptions())
        #expect(try ObjectMeta(of: after).labels == ["a": "2", "b": "3"])
        let failed = await failure { () async throws(KubeError) in
            try await client.patch(
                reference,
                .json([["op": "remove", "path": "/metadata/labels/b"], ["op": "test", "path": "/metadata/labels/a", "value": "1"]]),
                WriteOptions())
        }
        #expect(failed?.code == .invalid)
        #expect(try ObjectMeta(of: try await client.get(reference)).labels == ["a": "2", "b": "3"])
    }

    func checkStrategicPatch() async throws {
        let (reference, _) = try await store(.deployments, deployment("strategic"))
        let change: JSONValue = ["spec": ["template": ["spec": ["containers": [["name": "two", "image": "registry.k8s.io/pause:3.10"]]]]]]
        let after = try await client.patch(reference, .strategic(change), WriteOptions())
        let containers = after["spec"]?["template"]?["spec"]?["containers"]?.array ?? []
        let images = Dictionary(containers.map { ($0["name"]?.string ?? "", $0["image"]?.string ?? "") }) { first, _ in first }
        #expect(images == ["one": "registry.k8s.io/pause:3.9", "two": "registry.k8s.io/pause:3.10"])
    }

    func checkApply() async throws {
        let reference = ObjectReference(.networkPolicies, "applied", in: namespace)
        func apply(_ labels: [String: JSONValue], as manager: String, isForced: Bool = false) async throws(KubeError) -> JSONValue {
            try await client.patch(
                reference, .apply(policy("applied", labels: labels), isForced: isForced), WriteOptions(fieldManager: manager))
        }
        let made = try await apply(["a": "1", "b": "1"], as: "one")
        #expect(try ObjectMeta(of: made).labels == ["a": "1", "b": "1"])
        #expect(try ObjectMeta(of: try await apply(["a": "2"], as: "one")).labels == ["a": "2"])
        let refused = await failure { () async throws(KubeError) in try await apply(["a": "3"], as: "two") }
        #expect(refused?.code == .conflict && refused?.message.contains("Another field manager") == true)
        #expect(try ObjectMeta(of: try await apply(["a": "3"], as: "two", isForced: true)).labels == ["a": "3"])
        let back = await failure { () async throws(KubeError) in try await apply(["a": "2"], as: "one") }
        #expect(back?.code == .conflict)
    }

    func checkConflict() async throws {
        let (reference, _) = try await store(.networkPolicies, policy("contested"))
        let old = try await client.get(reference)
        _ = try await client.patch(reference, .labels(["changed": "1"], uid: nil), WriteOptions())
        let stale = await failure { () async throws(KubeError) in try await client.update(reference, old, WriteOptions()) }
        #expect(stale?.code == .conflict)
        let fresh = try await client.get(reference).merging(["metadata": ["labels": ["updated": "1"]]])
        #expect(try ObjectMeta(of: try await client.update(reference, fresh, WriteOptions())).labels["updated"] == "1")
        let taken = await failure { () async throws(KubeError) in
            try await client.create(.networkPolicies, policy("contested"), in: namespace, WriteOptions())
        }
        #expect(taken?.code == .alreadyExists)
    }

    func checkDelete() async throws {
        let (reference, uid) = try await store(.networkPolicies, policy("deleted"))
        let other = await failure { () async throws(KubeError) in
            try await client.delete(reference, DeleteOptions(uid: "00000000-0000-0000-0000-000000000000"))
        }
        #expect(other?.code == .conflict)
        #expect(await !isGone(reference))
        _ = try await client.delete(reference, DeleteOptions(uid: uid))
        try await until("the policy is gone") { await isGone(reference) }
        let again = await failure { () async throws(KubeError) in try await client.delete(reference, DeleteOptions(uid: uid)) }
        #expect(again?.code == .notFound)
    }

    func checkEviction() async throws {
        let (reference, uid) = try await store(.pods, pod("evicted"))
        let other = await failure { () async throws(KubeError) in
            try await client.evict(reference, DeleteOptions(uid: "00000000-0000-0000-0000-000000000000"))
        }
        #expect(other?.code == .conflict)
        let nobody = await failure { () async throws(KubeError) in try await limited.evict(reference, DeleteOptions()) }
        #expect(nobody?.code == .forbidden && nobody?.message.contains("'create' on 'pods/eviction'") == true)
        _ = try await client.evict(reference, DeleteOptions(uid: uid, isDryRun: true))
        let kept = try ObjectMeta(of: try await client.get(reference))
        #expect(kept.uid == uid && kept.deletionTimestamp == nil)
        _ = try await client.evict(reference, DeleteOptions(uid: uid, gracePeriodSeconds: 0))
        try await until("the evicted pod is gone") { await isGone(reference) }
    }

    func checkDryRun() async throws {
        let dry = WriteOptions(isDryRun: true)
        let absent = try await client.create(.networkPolicies, policy("never"), in: namespace, dry)
        #expect(try ObjectMeta(of: absent).name == "never")
        #expect(await isGone(ObjectReference(.networkPolicies, "never", in: namespace)))
        let (reference, uid) = try await store(.networkPolicies, policy("still"))
        let before = try await client.get(reference)
        #expect(try ObjectMeta(of: try await client.patch(reference, .labels(["x": "1"], uid: uid), dry)).labels["x"] == "1")
        _ = try await client.update(reference, before.merging(["metadata": ["labels": ["x": "1"]]]), dry)
        _ = try await client.delete(reference, DeleteOptions(uid: uid, isDryRun: true))
        #expect(try await client.get(reference) == before)
    }
}

extension JSONValue {
    /// The value with the members of another over its own.
    fileprivate func merging(_ other: JSONValue) -> JSONValue {
        guard case .object(let own) = self, case .object(let more) = other else { return other }
        return .object(own.merging(more) { $0.merging($1) })
    }
}
