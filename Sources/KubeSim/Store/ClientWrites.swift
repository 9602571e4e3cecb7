// SPDX-License-Identifier: Apache-2.0

/// How a client wants a write to be done.
struct WriteOptions: Sendable {
    var dryRun = false
    var validation = FieldValidation.ignore
    /// Who owns what changes; nil for the cluster's own machinery, whose objects are taken as they are.
    var manager: String?
    /// Whether an apply takes fields from their owners.
    var force = false
    /// Whether the body is what an apply has made: checked before, its fields' owners in it.
    var isApplied = false
}

/// What a write made.
struct Written: Sendable {
    var object: JSON
    var warnings: [String] = []
    var isNew = false
}

// Creates, updates and patches: a body is held against the schema, admitted, completed, given its owners, and stored.
extension ClusterState {
    mutating func create(
        _ target: ObjectTarget, _ body: JSON, _ admission: Admission, _ options: WriteOptions
    ) throws(APIStatus) -> Written {
        let place = target.inStore
        if let namespace = place.namespace, object(.namespaces, Key(namespace: "", name: namespace)) == nil {
            throw .notFound(.namespaces, namespace)
        }
        let (checked, warnings) = try ClusterState.checked(body, target, options, isPatch: false)
        var object = try admission.created(try target.stored(checked), place)
        let key = Key(object)
        guard self.object(place.resource, key) == nil else { throw .alreadyExists(target.resource, key.name) }
        object = ClusterState.owned(object, old: nil, target, options, admission.timestamp)
        object = completed(object, old: nil, place, options)
        return Written(object: put(place.resource, object), warnings: warnings, isNew: true)
    }

    mutating func update(
        _ target: ObjectTarget, _ name: String, _ body: JSON, _ options: WriteOptions, _ timestamp: String
    ) throws(APIStatus) -> Written {
        let place = target.inStore
        let old = try existing(place, name)
        let (checked, warnings) = try ClusterState.checked(body, target, options, isPatch: false)
        let body = try target.stored(checked, over: old)
        if let stated = body["metadata", "name"]?.string, stated != name {
            throw .badRequest("the name of the object (\(stated)) does not match the name on the URL (\(name))")
        }
        // A whole object with another uid is a precondition that fails; in a patch the same is a change that is refused.
        if let uid = body["metadata", "uid"]?.string, !uid.isEmpty, let actual = old["metadata", "uid"]?.string, uid != actual {
            throw .conflict(target.resource, name, ClusterState.uidMismatch(uid, actual))
        }
        return Written(object: try replace(old, by: body, target, options, timestamp), warnings: warnings)
    }

    mutating func patch(
        _ target: ObjectTarget, _ name: String, _ body: JSON, _ kind: PatchKind, _ options: WriteOptions, _ timestamp: String
    ) throws(APIStatus) -> Written {
        let old = try existing(target.inStore, name)
        let patched = try kind.apply(body, to: target.shown(old), target.shape)
        let (checked, warnings) = try ClusterState.checked(patched, target, options, isPatch: true)
        return Written(object: try replace(old, by: try target.stored(checked, over: old), target, options, timestamp), warnings: warnings)
    }

    /// Server-side apply: creates what is not there, otherwise merges by the fields' owners.
    mutating func apply(
        _ target: ObjectTarget, _ name: String, _ body: JSON, _ admission: Admission, _ options: WriteOptions
    ) throws(APIStatus) -> Written {
        guard target.subresource != .scale else {
            throw .unsupportedMediaType(PatchKind.allCases.filter { $0 != .apply }.map(\.rawValue))
        }
        let place = target.inStore
        let old = object(place.resource, place.key(name))
        let config = try ClusterState.configuration(body, target, name)
        let manager = ClusterState.manager(options.manager ?? "", .apply, target)
        var managed = ManagedFields(old ?? [:], target.shape)
        let live = old.map(target.shown)
        var merged = try managed.apply(config, over: live, manager, force: options.force, time: admission.timestamp)
        merged["metadata", "resourceVersion"] = config["metadata", "resourceVersion"]
        guard let old else {
            guard target.subresource == nil, config["metadata", "uid"] == nil, config["metadata", "resourceVersion"] == nil else {
                throw .notFound(target.resource, name)
            }
            merged["metadata", "name"] = .string(name)
            merged["metadata", "managedFields"] = managed.json
            var options = options
            options.isApplied = true
            return try create(target, merged, admission, options)
        }
        if let uid = config["metadata", "uid"], uid != old["metadata", "uid"] { merged["metadata", "uid"] = uid }
        var object = try Admission.updated(try target.stored(merged, over: old), from: old, place)
        object = completed(object, old: old, place, options)
        object["metadata", "managedFields"] = managed.json
        return Written(object: putOrFinish(place.resource, object))
    }

    private mutating func replace(
        _ old: JSON, by body: JSON, _ target: ObjectTarget, _ options: WriteOptions, _ timestamp: String
    ) throws(APIStatus) -> JSON {
        let place = target.inStore
        var object = try Admission.updated(body, from: old, place)
        object = ClusterState.owned(object, old: old, target, options, timestamp)
        object = completed(object, old: old, place, options)
        return putOrFinish(place.resource, object)
    }
}

// The steps.
extension ClusterState {
    /// A client's body without unknown fields; throws for them where the client is strict, and for values of a wrong type always.
    private static func checked(
        _ body: JSON, _ target: ObjectTarget, _ options: WriteOptions, isPatch: Bool
    ) throws(APIStatus) -> (JSON, [String]) {
        guard options.manager != nil, !options.isApplied, case .object = body else { return (body, []) }
        let kind = target.subresource?.kind ?? target.resource.kind
        let refusal = { (sentence: String) -> APIStatus in
            if isPatch { return .invalid(kind: "", group: "", "", field: "patch", value: body.text, sentence) }
            return .badRequest("\(kind) in version \"\(body["apiVersion"]?.string ?? "v1")\" cannot be handled as a \(kind): \(sentence)")
        }
        let check: FieldCheck
        do {
            check = try FieldCheck(body, target.shape)
        } catch {
            throw refusal(error.message)
        }
        switch options.validation {
        case .strict where !check.unknown.isEmpty: throw refusal(check.strictSentence)
        case .strict, .ignore: return (check.value, [])
        case .warn: return (check.value, check.warnings)
        }
    }

    /// What an apply asks for, as far as its path takes it.
    private static func configuration(_ body: JSON, _ target: ObjectTarget, _ name: String) throws(APIStatus) -> JSON {
        guard case .object = body else { throw .badRequest("error decoding YAML: the body must be an object") }
        if body["metadata", "managedFields"] != nil { throw .badRequest("metadata.managedFields must be nil") }
        if let stated = body["metadata", "name"]?.string, stated != name {
            throw .badRequest("the name of the object (\(stated)) does not match the name on the URL (\(name))")
        }
        guard body["kind"]?.string == target.subresource?.kind ?? target.resource.kind else {
            throw .badRequest("the kind of the object (\(body["kind"]?.string ?? "")) does not match the kind of the path")
        }
        let place = "\(target.namespace.map { $0 + "/" } ?? "")\(name); \(target.resource.apiVersion), Kind=\(target.resource.kind)"
        let failed = { (why: String) in APIStatus.internalError("failed to create typed patch object (\(place)): \(why)") }
        let check: FieldCheck
        do {
            check = try FieldCheck(body.withoutNulls, target.shape)
        } catch {
            throw failed(error.message)
        }
        guard check.unknown.isEmpty else {
            throw failed(check.unknown.map { ".\($0): field not declared in schema" }.joined(separator: "\n"))
        }
        var config = check.value
        if target.subresource != nil { config["spec"] = nil } else if target.resource.hasStatus { config["status"] = nil }
        return config
    }

    /// Fills in what a controller would add: a service's address, the status of a workload whose change a client made.
    private func completed(_ object: JSON, old: JSON?, _ place: ObjectTarget, _ options: WriteOptions) -> JSON {
        var object = object
        if place.resource == .services, object["spec", "type"] != "ExternalName", object["spec", "clusterIP"] == nil {
            object["spec", "clusterIP"] = old?["spec", "clusterIP"] ?? .string(freeAddress)
            object["spec", "clusterIPs"] = .array([object["spec", "clusterIP"] ?? .null])
        }
        guard options.manager != nil, place.subresource != .status else { return object }
        let isChanged = old.map { $0["metadata", "generation"] != object["metadata", "generation"] } ?? (object["status"] == nil)
        return isChanged ? Workload.rolledOut(object, place.resource, nodes: all(.nodes).count) : object
    }

    private var freeAddress: String {
        let used = Set(all(.services).compactMap { $0.object["spec", "clusterIP"]?.string })
        let free = (1..<65_535).lazy.map { "10.96.\($0 / 256).\($0 % 256)" }.first { !used.contains($0) }
        return free ?? "None"
    }

    private static func manager(_ name: String, _ operation: FieldManager.Operation, _ target: ObjectTarget) -> FieldManager {
        FieldManager(
            name: name, operation: operation, apiVersion: target.resource.apiVersion, subresource: target.subresource?.rawValue ?? "")
    }

    /// The object with its fields' owners after a create, update or patch.
    private static func owned(
        _ object: JSON, old: JSON?, _ target: ObjectTarget, _ options: WriteOptions, _ timestamp: String
    ) -> JSON {
        guard let name = options.manager, !options.isApplied else { return object }
        let stated = object["metadata", "managedFields"]?.elements ?? []
        // A client may write the owners anew: this is how kubectl moves to server-side apply, and how they are reset.
        var managed = ManagedFields(stated.isEmpty ? old ?? [:] : object, Schema.shape(of: target.resource.stored))
        managed.update(from: old, to: object, manager(name, .update, target), time: timestamp)
        var object = object
        object["metadata", "managedFields"] = managed.json
        return object
    }
}

extension JSON {
    /// Without the members that are null, at any depth.
    fileprivate var withoutNulls: JSON {
        switch self {
        case .object(let members): .object(members.filter { $0.value != .null }.mapValues(\.withoutNulls))
        case .array(let items): .array(items.map(\.withoutNulls))
        case .null, .bool, .integer, .number, .string: self
        }
    }
}
