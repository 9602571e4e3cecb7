// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A label that a guardrail looks for: its key, and its value where only that one is meant.
public struct LabelTerm: Sendable, Hashable {
    /// The key.
    public var key: String
    /// The value; nil for any.
    public var value: String?

    /// Reads `key` or `key=value`; nil for any other text.
    public init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let key = parts.first, !key.isEmpty, !key.contains(" ") else { return nil }
        self.key = key
        value = parts.count == 2 ? parts[1] : nil
    }

    func isIn(_ labels: [String: String]) -> Bool { labels[key].map { found in value.map { $0 == found } ?? true } ?? false }

    var text: String { value.map { "\(key)=\($0)" } ?? key }
}

func namespaceIsNotProtected(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard facts.act.kind != .observe else { return nil }
    let named = [facts.found?.namespace, facts.subject.namespace, facts.act.intention.target.home].compactMap { $0 }
    guard let hit = named.first(where: settings.protectedNamespaces.contains) else { return nil }
    return Refusal(.protectedNamespace, "nothing in namespace \(hit) is ever changed; see guardrails.protected_namespaces")
}

func labelsAreNotProtected(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard facts.act.kind != .observe else { return nil }
    let labels = [facts.found?.labels ?? [:], facts.targetLabels]
    guard let hit = settings.protectedLabels.first(where: { term in labels.contains { term.isIn($0) } }) else { return nil }
    return Refusal(.protectedLabel, "\(place(facts)) carries \(hit.text), and what does is never changed; see guardrails.protected_labels")
}

func nodeIsNotProtected(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard facts.act.kind != .observe else { return nil }
    let target = facts.act.intention.target
    let named = [facts.found?.node, target.kind == "Node" ? NodeName(target.name) : nil].compactMap { $0 }
    guard let hit = named.first(where: settings.protectedNodes.contains) else { return nil }
    return Refusal(.protectedNode, "nothing on node \(hit) is ever changed; see guardrails.protected_nodes")
}

/// What runs the cluster itself: pods that a kubelet starts from a file, pods of the tier control-plane, and nodes of that role.
func targetIsNotControlPlane(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard settings.protectsControlPlane, facts.act.kind != .observe else { return nil }
    let tier = LabelTerm("tier=control-plane")
    if let pod = facts.found, pod.isStatic || tier?.isIn(pod.labels) == true {
        let why = pod.isStatic ? "is started by its kubelet from a file" : "is of tier control-plane"
        return Refusal(
            .controlPlane, "\(place(facts)) \(why): it runs the cluster and is never changed; see guardrails.protect_control_plane")
    }
    let roles = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"]
    guard facts.act.intention.target.kind == "Node", let role = roles.first(where: { facts.targetLabels[$0] != nil }) else { return nil }
    return Refusal(
        .controlPlane, "\(place(facts)) carries \(role): it runs the cluster and is never changed; see guardrails.protect_control_plane")
}

extension GuardrailSettings {
    /// Why what carries these labels, in that namespace, is left alone where an act reaches it beside its target; nil where it is not.
    public func reasonToSpare(_ namespace: NamespaceName?, _ labels: [String: String]) -> String? {
        if let namespace, protectedNamespaces.contains(namespace) { return "in a protected namespace" }
        if let hit = protectedLabels.first(where: { $0.isIn(labels) }) { return "carries the protected label \(hit.text)" }
        if protectsControlPlane, LabelTerm("tier=control-plane")?.isIn(labels) == true { return "of tier control-plane" }
        return isOwn(namespace, labels) ? "Saker's own" : nil
    }

    func isOwn(_ namespace: NamespaceName?, _ labels: [String: String]) -> Bool {
        ownNamespace != nil && namespace == ownNamespace && labels["app.kubernetes.io/name"]?.hasPrefix("saker") == true
    }
}

/// Saker does not act on its own pods, nor on what they run by: whoever makes it do so would be rid of it. They are known by namespace and
/// label, since a label alone could be given to anything that wants to be left alone.
func targetIsNotSaker(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard facts.act.kind != .observe, let own = settings.ownNamespace else { return nil }
    let target = facts.act.intention.target
    if target.kind == "Namespace", target.name == own.text {
        return Refusal(.ownPods, "namespace \(own) is the one that Saker runs in, and is never changed by it")
    }
    if let stop = settings.stopConfigMap, target.kind == "ConfigMap", target.namespace?.text == stop.namespace, target.name == stop.name {
        return Refusal(.ownPods, "\(place(facts)) is the one that stops Saker, and is never changed by it")
    }
    let isOwn = facts.found.map { settings.isOwn($0.namespace, $0.labels) } ?? false
    guard isOwn || settings.isOwn(target.namespace ?? own, facts.targetLabels) else { return nil }
    return Refusal(.ownPods, "\(place(facts)) is one of Saker's own and is never changed by it")
}

/// A selector that reaches further than anybody meant is found before it is applied.
func reachIsSmallEnough(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard facts.act.kind != .observe, let limit = settings.blastRadius, let affected = facts.affectedPods, affected > limit else {
        return nil
    }
    return Refusal(
        .blastRadius,
        "\(facts.act.intention.actuator) on \(place(facts)) would reach \(affected) pods, the limit is \(limit) (guardrails.blast_radius)")
}

private func place(_ facts: Facts) -> String {
    let target = facts.act.intention.target
    return "\(target.kind.lowercased()) \(target.namespace.map { "\($0)/" } ?? "")\(target.name)"
}
