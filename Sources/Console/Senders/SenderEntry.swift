// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// One entry of the file of senders: who may send alerts, how they prove who they are, and what they may speak about.
public struct SenderEntry: Sendable, Hashable {
    /// How a sender proves who they are.
    public enum Proof: Sendable, Hashable {
        /// `Authorization: Bearer` with a token of that file, one token a line.
        case bearer(tokenFile: String)
        /// `Authorization: Basic` with that user and a token of that file: what Falco can send, in the address it posts to.
        case basic(user: String, tokenFile: String)
        /// A client certificate with that common name, where `*` stands for any text; its node has that name too.
        case certificate(name: String)
        /// A service account's token, which the API server reviews; the token names the node of its pod.
        case serviceAccount(namespace: String, name: String, audience: String?)
    }

    /// Which nodes a sender may speak about.
    public enum Nodes: Sendable, Hashable {
        /// The node that the proof names.
        case own
        /// Any node.
        case any
        /// These.
        case named([NodeName])
    }

    /// Its name, in records and in the log.
    public var name: String
    /// How the sender proves who they are.
    public var proof: Proof
    /// The nodes whose pods they may speak about.
    public var nodes: Nodes
    /// The namespaces that they may speak about; nil for any.
    public var namespaces: [NamespaceName]?

    /// Brings the parts together.
    public init(name: String, proof: Proof, nodes: Nodes, namespaces: [NamespaceName]?) {
        self.name = name
        self.proof = proof
        self.nodes = nodes
        self.namespaces = namespaces
    }

    /// The sender, once the proof has named this node; nil when the entry wants a node and the proof names none.
    func sender(on node: String?) -> Sender? {
        switch nodes {
        case .any: return Sender(name: name, nodes: nil, namespaces: namespaces)
        case .named(let nodes): return Sender(name: name, nodes: nodes, namespaces: namespaces)
        case .own:
            guard let node, !node.isEmpty else { return nil }
            return Sender(name: name, nodes: [NodeName(node)], namespaces: namespaces)
        }
    }
}
