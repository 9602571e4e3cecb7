// SPDX-License-Identifier: Apache-2.0

// The part of the ReplicaSet controller that sees a pod leave: a pod whose labels were changed so that its set selects it no more is
// released, and another one takes its place.
extension ClusterState {
    /// Pods that a change since then took out of what their ReplicaSet selects, each with that set.
    func leavers(after version: Int64) -> [(pod: JSON, set: JSON)] {
        changes(after: version).compactMap { change in
            guard change.resource == .pods, let pod = change.new, change.old != nil, object(.pods, Key(pod)) == pod,
                let set = replicaSet(of: pod), !ClusterState.selects(set, pod)
            else { return nil }
            return (pod, set)
        }
    }

    /// Takes the set out of the pod's owners, and stores the pod that the set starts instead.
    mutating func release(_ pod: JSON, from set: JSON, replacing fresh: JSON?) {
        var released = pod
        let others = (pod["metadata", "ownerReferences"]?.elements ?? []).filter { $0["uid"] != set["metadata", "uid"] }
        released["metadata", "ownerReferences"] = others.isEmpty ? nil : .array(others)
        _ = put(.pods, released)
        if let fresh { _ = put(.pods, fresh) }
    }

    /// A pod as the set's template makes it, running at once.
    static func replacement(of set: JSON) -> JSON {
        let name = set["metadata", "name"]?.string ?? ""
        let template = set["spec", "template"] ?? [:]
        let owner: JSON = [
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": .string(name), "uid": set["metadata", "uid"] ?? "",
            "controller": true, "blockOwnerDeletion": true,
        ]
        return [
            "metadata": [
                "generateName": .string(name + "-"), "labels": template["metadata", "labels"] ?? [:], "ownerReferences": [owner],
            ],
            "spec": template["spec"] ?? [:],
            "status": ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]],
        ]
    }

    private func replicaSet(of pod: JSON) -> JSON? {
        let owner = (pod["metadata", "ownerReferences"]?.elements ?? []).first { $0["controller"]?.isTrue == true }
        guard let owner, owner["kind"] == "ReplicaSet", let name = owner["name"]?.string else { return nil }
        let set = object(.replicasets, Key(namespace: pod["metadata", "namespace"]?.string ?? "", name: name))
        return set?["metadata", "uid"] == owner["uid"] ? set : nil
    }

    private static func selects(_ set: JSON, _ pod: JSON) -> Bool {
        guard let selector = set["spec", "selector"] else { return true }
        return LabelSelector(object: selector).selects(pod["metadata", "labels"]?.strings ?? [:])
    }
}
