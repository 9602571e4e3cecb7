// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A NetworkPolicy: its whole spec, and the JSON it was read from so that an update loses no field.
public struct NetworkPolicy: KubeObject {
    /// NetworkPolicies, `networking.k8s.io/v1`.
    public static let resource = KubeResource.networkPolicies
    /// The whole object as the server sent it.
    public let json: JSONValue
    /// What it says about itself.
    public let metadata: ObjectMeta
    /// The pods of its namespace that it is about.
    public let podSelector: LabelSelector
    /// True when it limits what may come in (`policyTypes`, or by default always).
    public let limitsIngress: Bool
    /// True when it limits what may go out (`policyTypes`, or by default when it has egress rules).
    public let limitsEgress: Bool
    /// What may come in; none means nothing.
    public let ingress: [Rule]
    /// What may go out; none means nothing.
    public let egress: [Rule]

    /// One allowance: any of the peers on any of the ports.
    public struct Rule: Sendable, Hashable {
        /// Who; empty means everybody.
        public let peers: [Peer]
        /// Where; empty means every port.
        public let ports: [Port]
    }

    /// One side of an allowance.
    public enum Peer: Sendable, Hashable {
        /// Pods by label, in the namespaces by label; a nil namespace selector means the policy's own.
        case pods(LabelSelector?, namespaces: LabelSelector?)
        /// Addresses in a range, but not in the ranges of `except`.
        case addresses(String, except: [String])
    }

    /// One port or range of ports.
    public struct Port: Sendable, Hashable {
        /// `TCP`, `UDP` or `SCTP`.
        public let protocolName: String
        /// The port's number or a container port's name; nil means all ports.
        public let port: JSONValue?
        /// The last port of a range that begins at `port`; nil for a single one.
        public let endPort: Int64?
    }

    /// Reads a whole NetworkPolicy.
    public init(json: JSONValue) throws(KubeError) {
        self.json = json
        metadata = try ObjectMeta(of: json)
        let spec = try FieldReader(json, "NetworkPolicy").object("spec")
        if let selector = try spec?.object("podSelector") {
            podSelector = try LabelSelector(selector)
        } else {
            podSelector = try LabelSelector(json: [:])
        }
        ingress = try Self.rules(spec, "ingress", peers: "from")
        egress = try Self.rules(spec, "egress", peers: "to")
        let types = try spec?.texts("policyTypes") ?? []
        limitsIngress = types.isEmpty || types.contains("Ingress")
        limitsEgress = types.isEmpty ? !egress.isEmpty : types.contains("Egress")
    }

    /// True when the policy is about a pod with these labels in this namespace.
    public func selects(labels: [String: String], in namespace: String) -> Bool {
        metadata.namespace == namespace && podSelector.matches(labels)
    }

    private static func rules(_ spec: FieldReader?, _ key: String, peers: String) throws(KubeError) -> [Rule] {
        var result: [Rule] = []
        for fields in try spec?.objects(key) ?? [] {
            var sides: [Peer] = []
            for side in try fields.objects(peers) ?? [] { sides.append(try peer(side)) }
            var ports: [Port] = []
            for port in try fields.objects("ports") ?? [] {
                ports.append(
                    Port(protocolName: try port.string("protocol") ?? "TCP", port: port.json["port"], endPort: try port.int("endPort")))
            }
            result.append(Rule(peers: sides, ports: ports))
        }
        return result
    }

    private static func peer(_ fields: FieldReader) throws(KubeError) -> Peer {
        if let block = try fields.object("ipBlock") {
            return .addresses(try block.required("cidr"), except: try block.texts("except") ?? [])
        }
        var pods: LabelSelector?
        var namespaces: LabelSelector?
        if let selector = try fields.object("podSelector") { pods = try LabelSelector(selector) }
        if let selector = try fields.object("namespaceSelector") { namespaces = try LabelSelector(selector) }
        return .pods(pods, namespaces: namespaces)
    }
}
