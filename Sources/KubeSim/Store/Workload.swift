// SPDX-License-Identifier: Apache-2.0

/// What the missing controllers would report: each change of a workload counts as rolled out at once, so that `kubectl rollout status`
/// ends. No pods stand behind it.
enum Workload {
    /// The object with the status of a finished rollout; other kinds stay as they are.
    static func rolledOut(_ object: JSON, _ resource: Resource, nodes: Int) -> JSON {
        guard let status = status(object, resource, nodes: nodes) else { return object }
        var object = object
        for (name, value) in status.members { object["status", name] = value }
        return object
    }

    private static func status(_ object: JSON, _ resource: Resource, nodes: Int) -> JSON? {
        let generation = object["metadata", "generation"] ?? 1
        let replicas = object["spec", "replicas"] ?? 1
        switch resource {
        case .deployments:
            return [
                "observedGeneration": generation, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas,
                "availableReplicas": replicas,
                "conditions": [
                    ["type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"],
                    ["type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"],
                ],
            ]
        case .replicasets:
            return [
                "observedGeneration": generation, "replicas": replicas, "fullyLabeledReplicas": replicas, "readyReplicas": replicas,
                "availableReplicas": replicas,
            ]
        case .statefulsets:
            let revision = JSON.string((object["metadata", "name"]?.string ?? "") + "-" + String(generation.integer ?? 1))
            return [
                "observedGeneration": generation, "replicas": replicas, "readyReplicas": replicas, "currentReplicas": replicas,
                "updatedReplicas": replicas, "availableReplicas": replicas, "currentRevision": revision, "updateRevision": revision,
            ]
        case .daemonsets:
            let count = JSON.integer(Int64(nodes))
            return [
                "observedGeneration": generation, "currentNumberScheduled": count, "desiredNumberScheduled": count,
                "numberMisscheduled": 0, "numberReady": count, "updatedNumberScheduled": count, "numberAvailable": count,
            ]
        case .namespaces, .nodes, .pods, .events, .groupedEvents, .services, .configmaps, .secrets, .serviceaccounts, .networkpolicies,
            .persistentvolumeclaims, .leases, .priorityclasses, .poddisruptionbudgets, .ciliumnetworkpolicies, .caliconetworkpolicies,
            .roles, .rolebindings, .clusterroles, .clusterrolebindings:
            return nil
        }
    }
}
