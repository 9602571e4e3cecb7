// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import KubeClient
internal import struct KubeClient.Pod
internal import ResponseLanguage

/// The two languages in which a pod can be kept from an address while it may reach others.
enum EgressDialect: Sendable {
    case calico, cilium

    var name: ActuatorName {
        switch self {
        case .calico: "calico:networkpolicy"
        case .cilium: "cilium:networkpolicy"
        }
    }

    var title: String {
        switch self {
        case .calico: "Calico"
        case .cilium: "Cilium"
        }
    }

    var resource: KubeResource {
        switch self {
        case .calico: .calicoNetworkPolicies
        case .cilium: .ciliumNetworkPolicies
        }
    }

    var parameters: [ActionParameter] {
        switch self {
        case .calico:
            [ActionParameter("order", .wholeNumber(least: 0), "Where the policy stands among Calico's; 0, the first, when left out")]
        case .cilium: []
        }
    }

    /// The networks that a policy's spec denies.
    func denied(_ spec: JSONValue) -> [String] {
        switch self {
        case .calico:
            (spec["egress"]?.array ?? []).filter { $0["action"] == "Deny" }
                .flatMap { ($0["destination"]?["nets"]?.array ?? []).compactMap(\.string) }
        case .cilium: (spec["egressDeny"]?.array ?? []).flatMap { ($0["toCIDR"]?.array ?? []).compactMap(\.string) }
        }
    }

    /// A policy's spec for this one pod.
    func spec(of pod: Pod, denying networks: [String], _ parameters: [String: JSONValue]) -> JSONValue {
        let allowed = parameters["allow_cidr"]?.array ?? [], namespaces = parameters["allow_namespaces"]?.array ?? []
        let denied = JSONValue.array(networks.map(JSONValue.string))
        switch self {
        case .calico:
            return [
                "selector": .string("\(BlockEgress.label) == '\(pod.metadata.uid)'"), "types": ["Egress"],
                "order": parameters["order"] ?? 0,
                "egress": .array([["action": "Deny", "destination": ["nets": denied]]] + Self.calico(allowed, namespaces)),
            ]
        case .cilium:
            return [
                "endpointSelector": ["matchLabels": [BlockEgress.label: .string(pod.metadata.uid)]],
                "egressDeny": [["toCIDR": denied]], "egress": .array(Self.cilium(allowed, namespaces)),
            ]
        }
    }

    private static func calico(_ allowed: [JSONValue], _ namespaces: [JSONValue]) -> [JSONValue] {
        guard !allowed.isEmpty || !namespaces.isEmpty else { return [["action": "Allow"]] }
        let names = namespaces.compactMap(\.string).map { "'\($0)'" }.joined(separator: ", ")
        return (allowed.isEmpty ? [] : [["action": "Allow", "destination": ["nets": .array(allowed)]]])
            + (namespaces.isEmpty
                ? []
                : [["action": "Allow", "destination": ["namespaceSelector": .string("kubernetes.io/metadata.name in { \(names) }")]]])
    }

    // Networks do not stand for pods and hosts that Cilium manages, so what is not limited is `all`.
    private static func cilium(_ allowed: [JSONValue], _ namespaces: [JSONValue]) -> [JSONValue] {
        guard !allowed.isEmpty || !namespaces.isEmpty else { return [["toEntities": ["all"]]] }
        let names: JSONValue = ["key": "k8s:io.kubernetes.pod.namespace", "operator": "In", "values": .array(namespaces)]
        return (allowed.isEmpty ? [] : [["toCIDR": .array(allowed)]])
            + (namespaces.isEmpty ? [] : [["toEndpoints": [["matchExpressions": [names]]]]])
    }
}
