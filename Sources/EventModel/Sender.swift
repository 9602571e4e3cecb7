// SPDX-License-Identifier: Apache-2.0

/// Who sent an alert over the network, and what they may speak about; kept with the alert, so that every later judgement knows it.
public struct Sender: Sendable, Hashable, Codable {
    /// The sender's name in the file of senders.
    public var name: String
    /// The nodes whose pods they may speak about; nil for any node.
    public var nodes: [NodeName]?
    /// The namespaces that they may speak about; nil for any namespace.
    public var namespaces: [NamespaceName]?

    /// Names a sender and their limits.
    public init(name: String, nodes: [NodeName]?, namespaces: [NamespaceName]?) {
        self.name = name
        self.nodes = nodes
        self.namespaces = namespaces
    }
}
