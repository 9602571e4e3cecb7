// SPDX-License-Identifier: Apache-2.0

/// Everything the cluster stores, as a value: a write works on a copy, so a dry run is a copy thrown away.
struct ClusterState: Sendable {
    struct Key: Hashable, Comparable, Sendable {
        var namespace: String
        var name: String
        static func < (left: Key, right: Key) -> Bool { (left.namespace, left.name) < (right.namespace, right.name) }
    }

    /// One step of history: what an object was and what it became.
    struct Change: Sendable {
        var version: Int64
        var resource: Resource
        var old: JSON?
        var new: JSON?
    }

    private(set) var version: Int64 = 1
    private(set) var changes: [Change] = []
    private var objects: [Resource: [Key: JSON]] = [:]
    private let historyLimit: Int

    init(historyLimit: Int) {
        self.historyLimit = historyLimit
    }

    func object(_ resource: Resource, _ key: Key) -> JSON? { objects[resource]?[key] }

    /// All objects of a kind, by namespace and name.
    func all(_ resource: Resource) -> [(key: Key, object: JSON)] {
        (objects[resource] ?? [:]).sorted { $0.key < $1.key }.map { (key: $0.key, object: $0.value) }
    }

    /// The oldest version that a watch may still start from.
    var oldestVersion: Int64 { (changes.first?.version ?? version + 1) - 1 }

    func changes(after version: Int64) -> [Change] { changes.filter { $0.version > version } }

    /// Stores the object under the next resource version and returns it as stored; an object without any change stays as it is.
    mutating func put(_ resource: Resource, _ object: JSON) -> JSON {
        let key = Key(object)
        let old = objects[resource]?[key]
        if let old, old == object { return old }
        var stored = object
        stored["metadata", "resourceVersion"] = .string(String(version + 1))
        objects[resource, default: [:]][key] = stored
        record(resource, old: old, new: stored)
        return stored
    }

    /// Removes the object and returns it with the resource version of its removal.
    @discardableResult
    mutating func remove(_ resource: Resource, _ key: Key) -> JSON? {
        guard var old = objects[resource]?.removeValue(forKey: key) else { return nil }
        old["metadata", "resourceVersion"] = .string(String(version + 1))
        record(resource, old: old, new: nil)
        return old
    }

    private mutating func record(_ resource: Resource, old: JSON?, new: JSON?) {
        version += 1
        changes.append(Change(version: version, resource: resource, old: old, new: new))
        if changes.count > historyLimit { changes.removeFirst(changes.count - historyLimit) }
    }
}

extension ClusterState.Key {
    init(_ object: JSON) {
        self.init(namespace: object["metadata", "namespace"]?.string ?? "", name: object["metadata", "name"]?.string ?? "")
    }
}
