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

    mutating func create(_ target: ObjectTarget, _ body: JSON, _ admission: Admission) throws(APIStatus) -> JSON {
        if let namespace = target.namespace, object(.namespaces, Key(namespace: "", name: namespace)) == nil {
            throw .notFound(.namespaces, namespace)
        }
        let object = try admission.created(body, target)
        let key = Key(object)
        guard self.object(target.resource, key) == nil else { throw .alreadyExists(target.resource, key.name) }
        return put(target.resource, object)
    }

    mutating func update(_ target: ObjectTarget, _ name: String, _ body: JSON) throws(APIStatus) -> JSON {
        let place = target.inStore
        let old = try existing(place, name)
        let body = try target.stored(body, over: old)
        if let stated = body["metadata", "name"]?.string, stated != name {
            throw .badRequest("the name of the object (\(stated)) does not match the name on the URL (\(name))")
        }
        // A whole object with another uid is a precondition that fails; in a patch the same is a change that is refused.
        if let uid = body["metadata", "uid"]?.string, !uid.isEmpty, let actual = old["metadata", "uid"]?.string, uid != actual {
            throw .conflict(target.resource, name, ClusterState.uidMismatch(uid, actual))
        }
        return put(place.resource, try Admission.updated(body, from: old, place))
    }

    mutating func patch(_ target: ObjectTarget, _ name: String, _ body: JSON, _ kind: PatchKind) throws(APIStatus) -> JSON {
        let place = target.inStore
        let old = try existing(place, name)
        let patched = try target.stored(try kind.apply(body, to: target.shown(old)), over: old)
        return put(place.resource, try Admission.updated(patched, from: old, place))
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
            remove(target.resource, target.key(name))
            return Deletion(answer: APIStatus.success(target.resource, name: name, uid: uid))
        }
        let pod = PodReference(namespace: target.namespace ?? "", name: name, uid: uid)
        let grace = options.gracePeriodSeconds ?? Int(old["spec", "terminationGracePeriodSeconds"]?.integer ?? 30)
        guard hasRuntime && grace > 0 else {
            return Deletion(answer: remove(.pods, target.key(name)) ?? old, pod: pod)
        }
        // A second delete may shorten the grace period; one that does not changes nothing and ends nothing twice.
        if let current = old["metadata", "deletionGracePeriodSeconds"]?.integer, current <= grace { return Deletion(answer: old) }
        return Deletion(answer: markTerminating(old, grace, deadline), pod: pod, gracePeriodSeconds: grace, waits: true)
    }

    private mutating func markTerminating(_ pod: JSON, _ grace: Int, _ deadline: (Int) -> String) -> JSON {
        var marked = pod
        marked["metadata", "deletionTimestamp"] = .string(deadline(grace))
        marked["metadata", "deletionGracePeriodSeconds"] = .integer(Int64(grace))
        return put(.pods, marked)
    }

    private mutating func removeContents(of namespace: String) {
        for resource in Resource.allCases where resource.isNamespaced && resource.stored == resource {
            for (key, _) in all(resource) where key.namespace == namespace { remove(resource, key) }
        }
    }

    private static func uidMismatch(_ wanted: String, _ actual: String) -> String {
        "Precondition failed: UID in precondition: \(wanted), UID in object meta: \(actual)"
    }
}
