// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A kind of object read into a struct that holds only what Saker looks at.
public protocol KubeObject: Sendable, Hashable {
    /// The kind's address.
    static var resource: KubeResource { get }
    /// What the object says about itself.
    var metadata: ObjectMeta { get }
    /// Reads a whole object. Throws `decode` when a field that is read has the wrong kind.
    init(json: JSONValue) throws(KubeError)
}

extension KubeObject {
    /// The object's address.
    public var reference: ObjectReference { ObjectReference(Self.resource, metadata.name, in: metadata.namespace) }
}

extension KubeReader {
    /// One object as a struct. Throws `notFound` when there is none.
    public func get<Object: KubeObject>(_ kind: Object.Type, _ name: String, in namespace: String?) async throws(KubeError) -> Object {
        try Object(json: try await get(ObjectReference(kind.resource, name, in: namespace)))
    }

    /// All objects that the options select, as structs.
    public func list<Object: KubeObject>(
        _ kind: Object.Type, in namespace: String?, _ options: ListOptions = ListOptions()
    ) async throws(KubeError) -> [Object] {
        var result: [Object] = []
        for item in try await list(kind.resource, in: namespace, options).items { result.append(try Object(json: item)) }
        return result
    }
}
