// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// So many acts within a window for whatever shares some properties; with all of them left out, for the whole cluster.
public struct Budget: Sendable, Hashable {
    /// A property that acts are counted apart by.
    public enum Part: String, Sendable, Hashable, CaseIterable {
        /// The detection rule of the alert.
        case rule
        /// What is acted on, by UID where there is one.
        case target
        /// What the target belongs to.
        case workload
        /// The target's namespace.
        case namespace
        /// Everything is counted together.
        case cluster
    }

    /// The properties that must all be the same.
    public var per: Set<Part>
    /// The kinds of acts that are counted and held to it.
    public var kinds: Set<ActKind>
    /// How many are allowed.
    public var most: Int
    /// Within how many seconds.
    public var windowSeconds: Int
    /// The key of the configuration that says so.
    public var key: String

    /// States a budget.
    public init(per: Set<Part>, kinds: Set<ActKind> = [.destructive], most: Int, windowSeconds: Int, key: String = "budgets") {
        self.per = per
        self.kinds = kinds
        self.most = most
        self.windowSeconds = windowSeconds
        self.key = key
    }

    /// Why the act would be one too many; nil when it is not.
    func objection(_ facts: Facts) -> Refusal? {
        guard kinds.contains(facts.act.kind) else { return nil }
        let window = nanoseconds(windowSeconds)
        let ages = facts.recent.filter { kinds.contains($0.kind) && counts($0, with: facts) }
            .map { facts.now.nanoseconds(since: $0.time) }.filter { $0 < window }.sorted()
        guard ages.count >= most else { return nil }
        // A place becomes free when the `most`-th youngest act leaves the window.
        let wait = most > 0 ? "; the next is possible in \(seconds(window - ages[most - 1])) s" : ""
        return Refusal(
            .budget,
            "\(owner(facts)) saw \(ages.count) \(kindText) within \(windowSeconds) s, the limit is \(most)\(wait) (guardrails.\(key))")
    }

    private func counts(_ past: PastAct, with facts: Facts) -> Bool {
        let act = facts.act
        return per.allSatisfy { part in
            switch part {
            case .rule: past.rule == facts.rule
            case .target: isSame(past.target, act.intention.target)
            case .workload: past.workload == act.workload
            case .namespace: past.target.namespace == act.intention.target.namespace
            case .cluster: true
            }
        }
    }

    private func owner(_ facts: Facts) -> String {
        let target = facts.act.intention.target
        let names: [String] = Part.allCases.filter(per.contains).compactMap { part in
            switch part {
            case .rule: "rule \"\(facts.rule)\""
            case .target: "\(target.kind.lowercased()) \(target.namespace.map { "\($0)/" } ?? "")\(target.name)"
            case .workload: "workload \(facts.act.workload)"
            case .namespace: target.namespace.map { "namespace \($0)" } ?? "what has no namespace"
            case .cluster: nil
            }
        }
        return names.isEmpty ? "the cluster" : names.joined(separator: " with ")
    }

    private var kindText: String {
        ActKind.allCases.filter(kinds.contains).map(\.rawValue).reversed().joined(separator: " or ") + " acts"
    }
}

/// No budget may be overspent.
func allBudgetsHaveRoom(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    for budget in settings.allBudgets {
        if let refusal = budget.objection(facts) { return refusal }
    }
    return nil
}
