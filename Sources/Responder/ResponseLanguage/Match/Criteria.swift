// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Which alerts a playbook answers: five criteria, all of which must hold; an empty one always holds.
struct Criteria: Sendable, Hashable {
    /// Rule names, any of them.
    var rules: [String] = []
    /// Sets of conditions: any set, of which all must hold.
    var fields: [[FieldCondition]] = []
    /// A comparison with the alert's priority.
    var priority: PriorityCondition?
    /// Sets of tags: any set, of which the alert must carry all.
    var tags: [[String]] = []
    /// The source, such as `syscall`.
    var source: String?

    /// Why an alert is not answered, in one sentence; nil when it is.
    func mismatch(with alert: Alert) -> String? {
        if !rules.isEmpty, !rules.contains(alert.rule.text) {
            return "its rule '\(alert.rule)' is none of \(rules.map { "'\($0)'" }.joined(separator: ", "))"
        }
        if !fields.isEmpty, !fields.contains(where: { $0.allSatisfy { $0.holds(for: alert) } }) {
            let failed = fields.compactMap { set in set.first { !$0.holds(for: alert) } }
            return "its fields do not fulfil " + failed.map { "\($0) (\(found($0, alert)))" }.joined(separator: " or ")
        }
        if let priority, !priority.holds(for: alert) {
            return "its priority \(alert.priority.name) is not \(priority.comparator.rawValue)\(priority.priority?.name ?? "")"
        }
        if !tags.isEmpty, !tags.contains(where: { $0.allSatisfy(alert.tags.contains) }) {
            return "it lacks the tags \(tags.map { $0.joined(separator: ",") }.joined(separator: " or "))"
        }
        if let source, source != (alert.source.isEmpty ? "syscall" : alert.source) {
            return "its source '\(alert.source)' is not '\(source)'"
        }
        return nil
    }

    /// The namespaces of the alerts that can be answered; nil when they may be of any.
    var namespaces: Set<String>? {
        let named = fields.map { set in set.first { $0.key == "k8s.ns.name" && !$0.isNegated }?.value }
        return named.isEmpty || named.contains(nil) ? nil : Set(named.compactMap { $0 })
    }

    private func found(_ condition: FieldCondition, _ alert: Alert) -> String {
        FieldCondition.text(of: condition.key, in: alert).map { "found '\($0)'" } ?? "the alert has no such field"
    }
}
