// SPDX-License-Identifier: Apache-2.0

/// What the network policies of a cluster leave a pod in one direction.
public enum Allowance: Sendable, Hashable {
    /// Every connection: no policy isolates the pod in this direction, or one of them allows everything.
    case all
    /// No connection.
    case none
    /// Only connections with these peers: the union over all policies that select the pod.
    case some([Peer])

    /// One end that a policy allows, and the ports it allows with it.
    public struct Peer: Sendable, Hashable {
        /// Who the other end may be.
        public enum Endpoint: Sendable, Hashable {
            /// Anyone at all.
            case anyone
            /// Addresses within a CIDR block but for the excepted blocks.
            case addresses(cidr: String, except: [String])
            /// Pods that match a selector in kubectl's notation, in one namespace (`namespace`) or in those that match a selector; an empty
            /// selector matches all.
            case pods(selector: String, namespace: String?, namespaceSelector: String)
        }

        /// A port of the policy: protocol, number or name, and the end of a range where one is given.
        public struct Port: Sendable, Hashable {
            /// TCP, UDP or SCTP.
            public var protocolName: String
            /// A number or a name of a container port; nil for every port.
            public var port: String?
            /// The last port of a range.
            public var endPort: Int?

            /// A port as a policy states it.
            public init(protocolName: String, port: String?, endPort: Int?) {
                self.protocolName = protocolName
                self.port = port
                self.endPort = endPort
            }
        }

        /// Who the other end may be.
        public var endpoint: Endpoint
        /// The ports allowed; empty for all of them.
        public var ports: [Port]

        /// One allowed end.
        public init(endpoint: Endpoint, ports: [Port]) {
            self.endpoint = endpoint
            self.ports = ports
        }
    }
}

/// Which pod is meant: the name alone may belong to a later pod, the uid never does.
public struct PodReference: Sendable, Hashable {
    /// The pod's namespace.
    public var namespace: String
    /// The pod's name.
    public var name: String
    /// The pod's uid.
    public var uid: String

    /// A pod by its place and its uid.
    public init(namespace: String, name: String, uid: String) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}

/// What carries out the verdicts of network policies, as a cluster's network plugin would.
public protocol NetworkEnforcer: Sendable {
    /// Makes the pod's network agree with the verdict; called for each change of it, in order, and with the newest one when they pile up.
    func apply(pod: PodReference, ingress: Allowance, egress: Allowance) async
}

/// What runs the pods, as a kubelet would.
public protocol PodRuntime: Sendable {
    /// Ends the pod's processes and returns when they are gone; the pod leaves the API after that.
    func terminate(pod: PodReference, gracePeriodSeconds: Int) async
}
