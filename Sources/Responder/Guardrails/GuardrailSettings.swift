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
