// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Whoever sent the alert may speak about their own nodes and namespaces only; where the pod is, the API server says, not the alert.
func senderMaySpeakOfIt(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard let sender = facts.sender else { return nil }
    if let nodes = sender.nodes, let refusal = isElsewhere(sender, nodes, facts) { return refusal }
    guard let namespaces = sender.namespaces else { return nil }
    let named = [facts.found?.namespace, facts.act.intention.target.home, facts.subject.namespace].compactMap { $0 }
    guard !named.isEmpty else {
        return Refusal(
            .sender, "sender \(sender.name) may speak about namespace \(list(namespaces.map(\.text))), and the alert names no namespace")
    }
    guard let other = named.first(where: { !namespaces.contains($0) }) else { return nil }
    return Refusal(
        .sender,
        "sender \(sender.name) may speak about namespace \(list(namespaces.map(\.text))), and the alert is about namespace \(other)")
}

private func isElsewhere(_ sender: Sender, _ nodes: [NodeName], _ facts: Facts) -> Refusal? {
    let allowed = list(nodes.map(\.text))
    guard let pod = facts.found else {
        // A pod that is gone is refused for that by the guardrail of identity; other things have no node that could be compared.
        guard !facts.act.intention.target.isOfProcesses else { return nil }
        return Refusal(
            .sender,
            "sender \(sender.name) may speak about node \(allowed), and the alert is about no pod that is there, so that nobody can tell "
                + "its node; give the sender 'nodes: any' if it may speak about anything")
    }
    let place = "pod \(pod.namespace)/\(pod.name)"
    guard let node = pod.node else {
        return Refusal(.sender, "sender \(sender.name) may speak about node \(allowed), and \(place) is bound to no node")
    }
    guard !nodes.contains(node) else { return nil }
    return Refusal(.sender, "sender \(sender.name) may speak about node \(allowed), and \(place) is on node \(node)")
}

private func list(_ names: [String]) -> String { names.isEmpty ? "(none)" : names.sorted().joined(separator: ", ") }
