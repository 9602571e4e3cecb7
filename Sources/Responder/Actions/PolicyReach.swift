// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient

/// Says in words what a network policy lets a pod do.
enum PolicyReach {
    static func sentence(_ policy: NetworkPolicy) -> String {
        var parts: [String] = []
        if policy.limitsIngress { parts.append("in from " + reach(policy.ingress)) }
        if policy.limitsEgress { parts.append("out to " + reach(policy.egress)) }
        return "policy \(policy.metadata.name) allows " + parts.joined(separator: " and ")
    }

    private static func reach(_ rules: [NetworkPolicy.Rule]) -> String {
        rules.isEmpty ? "nobody" : rules.map { rule in
            let peers = rule.peers.isEmpty ? "everybody" : rule.peers.map(peer).joined(separator: ", ")
            return peers + (rule.ports.isEmpty ? "" : " on " + rule.ports.map(port).joined(separator: ", "))
        }.joined(separator: ", ")
    }

    private static func peer(_ peer: NetworkPolicy.Peer) -> String {
        switch peer {
        case .addresses(let range, let except):
            return range + (except.isEmpty ? "" : " but not " + except.joined(separator: ", "))
        case .pods(let pods, let namespaces):
            let place = namespaces.map { "namespaces \(labels($0))" } ?? "its namespace"
            return pods.map { "pods \(labels($0)) in \(place)" } ?? "all pods in \(place)"
        }
    }

    private static func labels(_ selector: LabelSelector) -> String {
        let equal = selector.matchLabels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let further = selector.matchExpressions.map { "\($0.key) \($0.judgement.rawValue) \($0.values.joined(separator: ","))" }
        return (equal + further).isEmpty ? "(any)" : (equal + further).joined(separator: " ")
    }

    private static func port(_ port: NetworkPolicy.Port) -> String {
        let number = port.port.flatMap { $0.string ?? $0.int.map(String.init) } ?? "any port"
        return "\(port.protocolName) \(number)" + (port.endPort.map { "-\($0)" } ?? "")
    }
}
