// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// The pods that a rehearsal evicted, held against disruption budgets. Pure: it asks nobody.
struct RehearsedEvictions {
    private var pods: [(namespace: String?, labels: [String: String])] = []

    mutating func add(_ pod: JSONValue) {
        guard !Self.isUnready(pod) else { return }
        pods.append((pod["metadata"]?["namespace"]?.string, Self.labels(of: pod)))
    }

    func isAny(in namespace: String?) -> Bool { pods.contains { $0.namespace == namespace } }

    /// The name of a budget that covers the pod and allows no more disruptions than were rehearsed; nil when there is none. A pod that is
    /// not ready disrupts nothing.
    func spent(_ budgets: [JSONValue], for pod: JSONValue) -> String? {
        guard !Self.isUnready(pod) else { return nil }
        let namespace = pod["metadata"]?["namespace"]?.string, labels = Self.labels(of: pod)
        let hit = budgets.first { budget in
            guard let json = budget["spec"]?["selector"], let selector = try? LabelSelector(json: json), selector.matches(labels) else {
                return false
            }
            let taken = pods.filter { $0.namespace == namespace && selector.matches($0.labels) }.count
            return taken > 0 && taken >= Int(clamping: budget["status"]?["disruptionsAllowed"]?.int ?? 0)
        }
        return hit.map { $0["metadata"]?["name"]?.string ?? "" }
    }

    private static func labels(of pod: JSONValue) -> [String: String] {
        (pod["metadata"]?["labels"]?.object ?? [:]).compactMapValues(\.string)
    }

    private static func isUnready(_ pod: JSONValue) -> Bool {
        (pod["status"]?["conditions"]?.array ?? []).contains { $0["type"]?.string == "Ready" && $0["status"]?.string != "True" }
    }
}
