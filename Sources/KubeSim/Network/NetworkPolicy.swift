// SPDX-License-Identifier: Apache-2.0

/// A network policy as far as its verdict on pods goes.
struct NetworkPolicy: Hashable, Sendable {
    enum Direction: String, Sendable {
        case ingress = "Ingress"
        case egress = "Egress"
    }

    var name: String
    var namespace: String
    var podSelector: LabelSelector
    var types: Set<Direction>
    var ingress: Allowance
    var egress: Allowance

    init(_ object: JSON) {
        let spec = object["spec"] ?? .null
        name = object["metadata", "name"]?.string ?? ""
        namespace = object["metadata", "namespace"]?.string ?? ""
        podSelector = LabelSelector(object: spec["podSelector"] ?? .null)
        if let stated = spec["policyTypes"]?.elements {
            types = Set(stated.compactMap { Direction(rawValue: $0.string ?? "") })
        } else {
            types = Set(NetworkPolicy.defaultTypes(spec: spec))
        }
        ingress = NetworkPolicy.allowance(spec["ingress"]?.elements ?? [], peersUnder: "from", namespace)
        egress = NetworkPolicy.allowance(spec["egress"]?.elements ?? [], peersUnder: "to", namespace)
    }

    /// The directions of a policy that states none: always ingress, egress only when it has egress rules.
    static func defaultTypes(spec: JSON) -> [Direction] {
        (spec["egress"]?.elements ?? []).isEmpty ? [.ingress] : [.ingress, .egress]
    }

    private static func allowance(_ rules: [JSON], peersUnder key: String, _ namespace: String) -> Allowance {
        var peers: [Allowance.Peer] = []
        for rule in rules {
            let ports = (rule["ports"]?.elements ?? []).map(port)
            let ends = (rule.member(key)?.elements ?? []).map { endpoint($0, namespace) }
            if ports.isEmpty && ends.isEmpty { return .all }
            peers += (ends.isEmpty ? [.anyone] : ends).map { Allowance.Peer(endpoint: $0, ports: ports) }
        }
        return peers.isEmpty ? .none : .some(peers)
    }

    private static func endpoint(_ peer: JSON, _ namespace: String) -> Allowance.Peer.Endpoint {
        if let block = peer["ipBlock"] {
            return .addresses(cidr: block["cidr"]?.string ?? "", except: (block["except"]?.elements ?? []).compactMap(\.string))
        }
        let pods = LabelSelector(object: peer["podSelector"] ?? .null).text
        guard let selector = peer["namespaceSelector"], selector != .null else {
            return .pods(selector: pods, namespace: namespace, namespaceSelector: "")
        }
        return .pods(selector: pods, namespace: nil, namespaceSelector: LabelSelector(object: selector).text)
    }

    private static func port(_ port: JSON) -> Allowance.Peer.Port {
        let number = port["port"]?.integer.map(String.init) ?? port["port"]?.string
        return .init(protocolName: port["protocol"]?.string ?? "TCP", port: number, endPort: port["endPort"]?.integer.map(Int.init))
    }
}

/// What all policies of a cluster together mean for one pod.
struct NetworkVerdict: Hashable, Sendable {
    var ingress: Allowance
    var egress: Allowance
    /// The names of the policies that select the pod.
    var policies: [String]

    static let open = NetworkVerdict(ingress: .all, egress: .all, policies: [])

    var isOpen: Bool { ingress == .all && egress == .all }

    /// Policies add up: a pod is isolated in a direction as soon as one policy selects it for that direction, and then may do what any of
    /// them allows. Policies do not reach a pod on its host's network.
    static func of(_ pod: JSON, _ policies: [NetworkPolicy]) -> NetworkVerdict {
        if pod["spec", "hostNetwork"]?.isTrue == true { return .open }
        let namespace = pod["metadata", "namespace"]?.string
        let labels = pod["metadata", "labels"]?.strings ?? [:]
        let selecting = policies.filter { $0.namespace == namespace && $0.podSelector.selects(labels) }
        return NetworkVerdict(
            ingress: union(selecting.filter { $0.types.contains(.ingress) }.map(\.ingress)),
            egress: union(selecting.filter { $0.types.contains(.egress) }.map(\.egress)),
            policies: selecting.map(\.name))
    }

    private static func union(_ allowances: [Allowance]) -> Allowance {
        if allowances.isEmpty || allowances.contains(.all) { return .all }
        var peers: [Allowance.Peer] = []
        for case .some(let more) in allowances {
            peers += more.filter { !peers.contains($0) }
        }
        return peers.isEmpty ? .none : .some(peers)
    }
}
