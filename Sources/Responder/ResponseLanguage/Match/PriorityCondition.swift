// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// A comparison with a priority, such as `>=Warning`; a comparator without a name holds for all.
struct PriorityCondition: Sendable, Hashable {
    enum Comparator: String, Sendable, Hashable, CaseIterable {
        case below = "<", atMost = "<=", above = ">", atLeast = ">=", equal = "="
    }

    var comparator: Comparator
    var priority: Priority?

    init?(_ text: String) {
        let sign = text.prefix { "<>=".contains($0) }
        guard let comparator = sign.isEmpty ? .equal : Comparator(rawValue: String(sign)) else { return nil }
        let name = String(text.dropFirst(sign.count))
        self.comparator = comparator
        guard !name.isEmpty else { return }
        guard let priority = Priority(name: name) else { return nil }
        self.priority = priority
    }

    func holds(for alert: Alert) -> Bool {
        guard let priority else { return true }
        switch comparator {
        case .below: return alert.priority < priority
        case .atMost: return alert.priority <= priority
        case .above: return alert.priority > priority
        case .atLeast: return alert.priority >= priority
        case .equal: return alert.priority == priority
        }
    }
}
