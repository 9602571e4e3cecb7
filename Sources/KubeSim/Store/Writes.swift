// SPDX-License-Identifier: Apache-2.0

/// What a client may demand of an object before it is deleted.
struct DeleteOptions: Sendable {
    var uid: String?
    var resourceVersion: String?
    var gracePeriodSeconds: Int?
    var dryRun = false

    init(body: JSON, query: [String: String]) {
        uid = body["preconditions", "uid"]?.string
        resourceVersion = body["preconditions", "resourceVersion"]?.string
        gracePeriodSeconds = body["gracePeriodSeconds"]?.integer.map(Int.init) ?? query["gracePeriodSeconds"].flatMap { Int($0) }
        dryRun = query["dryRun"] == "All" || (body["dryRun"]?.elements ?? []).contains("All")
    }
}

/// What a delete did: the answer to the client and what is left for the pod's runtime.
struct Deletion: Sendable {
    var answer: JSON
    /// The pod whose processes must end; in `waits` the object goes only after that.
    var pod: PodReference?
    var gracePeriodSeconds = 0
    var waits = false
}

extension ClusterState {
    func existing(_ target: ObjectTarget, _ name: String) throws(APIStatus) -> JSON {
        guard let object = object(target.resource, target.key(name)) else { throw .notFound(target.resource, name) }
        return object
    }

    /// Deletes at once, or marks a pod as terminating when something runs it and a grace period was left.
    mutating func delete(
        _ target: ObjectTarget, _ name: String, _ options: DeleteOptions, hasRuntime: Bool, deadline: (Int) -> String
    ) throws(APIStatus) -> Deletion {
        let old = try existing(target, name)
        let uid = old["metadata", "uid"]?.string ?? ""
        let version = old["metadata", "resourceVersion"]?.string ?? ""
        if let wanted = options.uid, wanted != uid {
            throw .conflict(target.resource, name, ClusterState.uidMismatch(wanted, uid))
        }
        if let wanted = options.resourceVersion, wanted != version {
            throw .conflict(
                target.resource, name,
                "Precondition failed: ResourceVersion in precondition: \(wanted), ResourceVersion in object meta: \(version)")
        }
        guard target.resource == .pods else {
            if target.resource == .namespaces { removeContents(of: name) }
            if isFinalized(old) { return Deletion(answer: mark(target.resource, old, 0, deadline)) }
            remove(target.resource, target.key(name))
            return Deletion(answer: APIStatus.success(target.resource, name: name, uid: uid))
        }
        let pod = PodReference(namespace: target.namespace ?? "", name: name, uid: uid)
        let grace = options.gracePeriodSeconds ?? Int(old["spec", "terminationGracePeriodSeconds"]?.integer ?? 30)
        guard hasRuntime && grace > 0 else {
            return Deletion(answer: end(old, deadline) ?? old, pod: pod)
        }
        // A second delete may shorten the grace period; one that does not changes nothing and ends nothing twice.
        if let current = old["metadata", "deletionGracePeriodSeconds"]?.integer, current <= grace { return Deletion(answer: old) }
        return Deletion(answer: mark(.pods, old, grace, deadline), pod: pod, gracePeriodSeconds: grace, waits: true)
    }

    /// Removes a pod whose processes need no time any more, or leaves it to its finalizers; the pod as it was last.
    mutating func end(_ pod: JSON, _ deadline: (Int) -> String) -> JSON? {
        isFinalized(pod) ? mark(.pods, pod, 0, deadline) : remove(.pods, Key(pod))
    }

    /// Stores an object that has been changed; one that waits for its finalizers goes with the last of them.
    mutating func putOrFinish(_ resource: Resource, _ object: JSON) -> JSON {
        let stored = put(resource, object)
        let metadata = stored["metadata"]
        let isDeleted = metadata?["deletionTimestamp"] != nil && metadata?["deletionGracePeriodSeconds"] == 0
        guard isDeleted, !isFinalized(stored) else { return stored }
        return remove(resource, Key(stored)) ?? stored
    }

    private func isFinalized(_ object: JSON) -> Bool { object["metadata", "finalizers"]?.elements.isEmpty == false }

    private mutating func mark(_ resource: Resource, _ object: JSON, _ grace: Int, _ deadline: (Int) -> String) -> JSON {
        var marked = object
        if grace > 0 || object["metadata", "deletionTimestamp"] == nil {
            marked["metadata", "deletionTimestamp"] = .string(deadline(grace))
        }
        marked["metadata", "deletionGracePeriodSeconds"] = .integer(Int64(grace))
        return put(resource, marked)
    }

    private mutating func removeContents(of namespace: String) {
        for resource in Resource.allCases where resource.isNamespaced && resource.stored == resource {
            for (key, _) in all(resource) where key.namespace == namespace { remove(resource, key) }
        }
    }

    static func uidMismatch(_ wanted: String, _ actual: String) -> String {
        "Precondition failed: UID in precondition: \(wanted), UID in object meta: \(actual)"
    }
}
