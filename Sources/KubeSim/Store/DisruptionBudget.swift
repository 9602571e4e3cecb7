// SPDX-License-Identifier: Apache-2.0

/// What a pod disruption budget allows at this moment.
struct DisruptionBudget: Sendable {
    var object: JSON
    var namespace: String
    var selector: LabelSelector?
    var expected = 0
    var healthy = 0
    var desired = 0

    var name: String { object["metadata", "name"]?.string ?? "" }
    var allowed: Int { max(0, healthy - desired) }

    init(_ object: JSON, in state: ClusterState) {
        self.object = object
        namespace = object["metadata", "namespace"]?.string ?? ""
        selector = object["spec", "selector"].map { LabelSelector(object: $0) }
        let pods = state.all(.pods).map(\.object).filter(covers)
        healthy = pods.filter { Self.isHealthy($0) && $0["metadata", "deletionTimestamp"] == nil }.count
        if let least = object["spec", "minAvailable"]?.integer {
            (expected, desired) = (pods.count, Int(least))
        } else if let least = object["spec", "minAvailable"] {
            expected = Self.expected(pods, in: state)
            desired = Self.number(least, of: expected)
        } else if let most = object["spec", "maxUnavailable"] {
            expected = Self.expected(pods, in: state)
            desired = max(0, expected - Self.number(most, of: expected))
        }
    }

    func covers(_ pod: JSON) -> Bool {
        guard let selector, pod["metadata", "namespace"]?.string == namespace else { return false }
        return selector.selects(pod["metadata", "labels"]?.strings ?? [:])
    }

    /// The status as the disruption controller writes it.
    var status: JSON {
        [
            "observedGeneration": object["metadata", "generation"] ?? 1, "currentHealthy": .integer(Int64(healthy)),
            "desiredHealthy": .integer(Int64(desired)), "expectedPods": .integer(Int64(expected)),
            "disruptionsAllowed": .integer(Int64(allowed)),
        ]
    }

    /// Whether the budget lets this pod go; a pod that is not ready goes while the budget is met, or always where its policy says so.
    func permits(_ pod: JSON) -> Bool {
        guard !Self.isHealthy(pod) else { return allowed > 0 }
        if object["spec", "unhealthyPodEvictionPolicy"] == "AlwaysAllow" { return true }
        return desired > 0 && healthy >= desired || allowed > 0
    }

    /// The Ready condition decides; a pod without conditions, as simple manifests have it, is judged by its containers.
    static func isHealthy(_ pod: JSON) -> Bool {
        let conditions = pod["status", "conditions"]?.elements ?? []
        if let ready = conditions.first(where: { $0["type"] == "Ready" }) { return ready["status"] == "True" }
        let containers = pod["status", "containerStatuses"]?.elements ?? []
        return !containers.isEmpty && containers.allSatisfy { $0["ready"]?.isTrue == true }
    }

    // The replicas that the pods' controllers want; as in a real cluster, pods without one do not count here.
    private static func expected(_ pods: [JSON], in state: ClusterState) -> Int {
        var controllers: Set<ClusterState.Key> = []
        return pods.reduce(0) { sum, pod in
            let owner = (pod["metadata", "ownerReferences"]?.elements ?? []).first { $0["controller"]?.isTrue == true }
            let key = ClusterState.Key(
                namespace: pod["metadata", "namespace"]?.string ?? "", name: owner?["name"]?.string ?? "")
            guard let owner, let resource = Resource(kind: owner["kind"]?.string ?? ""), resource.subresources.contains(.scale),
                let controller = state.object(resource, key)
            else { return sum }
            return controllers.insert(key).inserted ? sum + Int(controller["spec", "replicas"]?.integer ?? 1) : sum
        }
    }

    /// A count, or a percentage of `total` rounded up.
    private static func number(_ value: JSON, of total: Int) -> Int {
        if let count = value.integer { return Int(count) }
        guard let text = value.string, text.hasSuffix("%"), let percent = Int(text.dropLast()) else { return 0 }
        return (percent * total + 99) / 100
    }
}

// Evictions, and the part of the disruption controller that counts.
extension ClusterState {
    /// Brings the status of every budget up to date.
    mutating func countDisruptions() {
        for (_, object) in all(.poddisruptionbudgets) {
            var counted = object
            counted["status"] = DisruptionBudget(object, in: self).status
            _ = put(.poddisruptionbudgets, counted)
        }
    }

    /// Throws what the API server answers when an eviction would break a budget.
    func checkEviction(of pod: JSON) throws(APIStatus) {
        if ["Succeeded", "Failed", "Pending"].contains(pod["status", "phase"]?.string ?? "") { return }
        if pod["metadata", "deletionTimestamp"] != nil { return }
        let budgets = all(.poddisruptionbudgets).map { DisruptionBudget($0.object, in: self) }.filter { $0.covers(pod) }
        guard budgets.count < 2 else {
            throw .internalError("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
        }
        guard let budget = budgets.first, !budget.permits(pod) else { return }
        throw .disruption(budget)
    }
}

extension APIStatus {
    fileprivate static func disruption(_ budget: DisruptionBudget) -> APIStatus {
        let cause = "The disruption budget \(budget.name) needs \(budget.desired) healthy pods and has \(budget.healthy) currently"
        return APIStatus(
            code: 429, reason: "TooManyRequests", message: "Cannot evict pod as it would violate the pod's disruption budget.",
            details: ["causes": [["reason": "DisruptionBudget", "message": .string(cause)]]])
    }
}
