// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What every object says about itself; only the fields that are read here.
public struct ObjectMeta: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The namespace; nil for kinds that live in none.
    public let namespace: String?
    /// The identity of this life of the name; empty only on what no server has stored.
    public let uid: String
    /// The version of the stored object; empty only on what no server has stored.
    public let resourceVersion: String
    /// The labels.
    public let labels: [String: String]
    /// The annotations.
    public let annotations: [String: String]
    /// Who owns the object.
    public let ownerReferences: [OwnerReference]
    /// When the object was stored; nil when unknown.
    public let creationTimestamp: Timestamp?
    /// When a delete was accepted that is not finished yet; nil when none was.
    public let deletionTimestamp: Timestamp?

    /// Reads `metadata` of a whole object. Throws `decode` when it has none, or no name.
    public init(of object: JSONValue) throws(KubeError) {
        let top = try FieldReader(object, object["kind"]?.string ?? "object")
        guard let metadata = try top.object("metadata") else {
            throw KubeError(.decode, "The API server's answer has no usable \(top.path).metadata: expected an object.")
        }
        name = try metadata.required("name")
        namespace = try metadata.string("namespace")
        uid = try metadata.string("uid") ?? ""
        resourceVersion = try metadata.string("resourceVersion") ?? ""
        labels = try metadata.strings("labels")
        annotations = try metadata.strings("annotations")
        creationTimestamp = try metadata.string("creationTimestamp").flatMap(Timestamp.init(_:))
        deletionTimestamp = try metadata.string("deletionTimestamp").flatMap(Timestamp.init(_:))
        var owners: [OwnerReference] = []
        for owner in try metadata.objects("ownerReferences") ?? [] { owners.append(try OwnerReference(owner)) }
        ownerReferences = owners
    }

    /// The owner that manages the object, such as a pod's ReplicaSet; nil when none does.
    public var controller: OwnerReference? { ownerReferences.first { $0.isController } }
}

/// One owner of an object.
public struct OwnerReference: Sendable, Hashable {
    /// The owner's API version, such as `apps/v1`.
    public let apiVersion: String
    /// The owner's kind, such as `ReplicaSet`.
    public let kind: String
    /// The owner's name, in the same namespace.
    public let name: String
    /// The owner's UID.
    public let uid: String
    /// True for the one owner that manages the object.
    public let isController: Bool

    init(_ fields: FieldReader) throws(KubeError) {
        apiVersion = try fields.string("apiVersion") ?? ""
        kind = try fields.required("kind")
        name = try fields.required("name")
        uid = try fields.string("uid") ?? ""
        isController = try fields.bool("controller") ?? false
    }
}
