// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A node.
public struct Node: KubeObject {
    /// Nodes, `v1`.
    public static let resource = KubeResource.nodes
    /// What it says about itself.
    public let metadata: ObjectMeta
    /// True when no new pod may be bound to it.
    public let isUnschedulable: Bool

    /// Reads a whole node.
    public init(json: JSONValue) throws(KubeError) {
        metadata = try ObjectMeta(of: json)
        isUnschedulable = try FieldReader(json, "Node").object("spec")?.bool("unschedulable") ?? false
    }
}

/// A namespace.
public struct Namespace: KubeObject {
    /// Namespaces, `v1`.
    public static let resource = KubeResource.namespaces
    /// What it says about itself.
    public let metadata: ObjectMeta

    /// Reads a whole namespace.
    public init(json: JSONValue) throws(KubeError) { metadata = try ObjectMeta(of: json) }
}

/// Something that happened to an object, as Kubernetes keeps it for people.
public struct ObjectEvent: KubeObject {
    /// Events, `v1`.
    public static let resource = KubeResource.events
    /// What it says about itself.
    public let metadata: ObjectMeta
    /// `Normal` or `Warning`.
    public let type: String
    /// One word, such as `Killing`.
    public let reason: String
    /// A sentence.
    public let message: String
    /// The UID of the object that it is about; empty when it names none.
    public let involvedUID: String
    /// The kind of the object that it is about.
    public let involvedKind: String
    /// The name of the object that it is about.
    public let involvedName: String

    /// Reads a whole event.
    public init(json: JSONValue) throws(KubeError) {
        metadata = try ObjectMeta(of: json)
        let top = try FieldReader(json, "Event")
        type = try top.string("type") ?? ""
        reason = try top.string("reason") ?? ""
        message = try top.string("message") ?? ""
        let about = try top.object("involvedObject")
        involvedUID = try about?.string("uid") ?? ""
        involvedKind = try about?.string("kind") ?? ""
        involvedName = try about?.string("name") ?? ""
    }
}
