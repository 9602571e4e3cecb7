// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The limits that a person set; the defaults change nothing and destroy little.
public struct GuardrailSettings: Sendable, Hashable {
    /// Whether Saker may change anything.
    public enum Mode: String, Sendable, CaseIterable {
        /// Nothing is changed; every act is shown.
        case rehearse
        /// Acts that pass the guardrails are done.
        case act
    }

    /// Whether Saker may change anything.
    public var mode: Mode
    /// Nothing in these namespaces is ever changed. Kubernetes makes the three defaults itself.
    public var protectedNamespaces: Set<NamespaceName>
    /// How many destructive acts one workload may suffer within the window.
    public var budgetPerWorkload: Int
    /// How many destructive acts the cluster may suffer within the window.
    public var budgetPerCluster: Int
    /// The window of both budgets, in seconds.
    public var budgetWindowSeconds: Int
    /// How long one actuator leaves one target alone after it acted on it, in seconds; 0 for not at all.
    public var cooldownSeconds: Int
    /// While this file is there, nothing is changed; nil or empty for none.
    public var stopFile: String?
    /// How old an event may be when something is destroyed for it, in seconds; nil for any age.
    public var actWithinSeconds: Int?
    /// Nothing that carries one of these labels is ever changed.
    public var protectedLabels: [LabelTerm] = []
    /// Nothing on these nodes is ever changed.
    public var protectedNodes: Set<NodeName> = []
    /// Whether what runs the cluster itself is left alone.
    public var protectsControlPlane = true
    /// The namespace that Saker runs in; nil when it runs in none.
    public var ownNamespace: NamespaceName?
    /// Budgets beside the two above.
    public var budgets: [Budget] = []
    /// When acts that go wrong stop all others.
    public var breaker = Breaker()
    /// How many pods one act may reach by a selector; nil for any number.
    public var blastRadius: Int?
    /// The key of a ConfigMap that stops everything while it says `true`; nil for none.
    public var stopConfigMap: ConfigMapKey?
    /// The kinds of acts that people are asked about, whatever the playbook says.
    public var approvalKinds: Set<ActKind> = []
    /// What is asked of them.
    public var approval = ApprovalRule()

    /// As far back as playbooks count offences, in seconds.
    public var offenceSeconds = 0

    /// All budgets, in the order in which they are asked.
    public var allBudgets: [Budget] {
        [
            Budget(per: [.workload], most: budgetPerWorkload, windowSeconds: budgetWindowSeconds, key: "budget_per_workload"),
            Budget(per: [.cluster], most: budgetPerCluster, windowSeconds: budgetWindowSeconds, key: "budget_per_cluster"),
        ] + budgets
    }

    /// As far back as any limit counts, in seconds.
    public var memorySeconds: Int {
        max(0, offenceSeconds, cooldownSeconds, breaker.windowSeconds, allBudgets.map(\.windowSeconds).max() ?? 0)
    }

    /// The same in nanoseconds.
    public var memory: UInt64 { nanoseconds(memorySeconds) }

    /// True when some budget counts more than destructive acts.
    public var countsAllKinds: Bool { allBudgets.contains { $0.kinds != [.destructive] } }

    /// Where the stop switch of the cluster stands.
    public struct ConfigMapKey: Sendable, Hashable {
        /// The ConfigMap's namespace.
        public var namespace: String
        /// Its name.
        public var name: String
        /// The key in its data.
        public var key: String

        /// Reads `namespace/name` or `namespace/name/key`, where the key is `stop` unless it is said; nil for any other text.
        public init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard (2...3).contains(parts.count), !parts.contains("") else { return nil }
            (namespace, name, key) = (parts[0], parts[1], parts.count == 3 ? parts[2] : "stop")
        }

        /// The place in the form that `init` reads.
        public var text: String { "\(namespace)/\(name)/\(key)" }
    }

    /// Sets the limits; each has its default.
    public init(
        mode: Mode = .rehearse, protectedNamespaces: Set<NamespaceName> = ["kube-system", "kube-public", "kube-node-lease"],
        budgetPerWorkload: Int = 3, budgetPerCluster: Int = 10, budgetWindowSeconds: Int = 600, cooldownSeconds: Int = 60,
        stopFile: String? = nil, actWithinSeconds: Int? = nil
    ) {
        self.mode = mode
        self.protectedNamespaces = protectedNamespaces
        self.budgetPerWorkload = budgetPerWorkload
        self.budgetPerCluster = budgetPerCluster
        self.budgetWindowSeconds = budgetWindowSeconds
        self.cooldownSeconds = cooldownSeconds
        self.stopFile = stopFile
        self.actWithinSeconds = actWithinSeconds
    }
}
