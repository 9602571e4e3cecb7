// SPDX-License-Identifier: Apache-2.0

/// What the API server refuses or fills in before it stores an object.
struct Admission: Sendable {
    /// Fresh identifiers and the time of this write.
    var uid: String
    var suffix: String
    var timestamp: String

    /// The object as a create stores it.
    func created(_ body: JSON, _ target: ObjectTarget) throws(APIStatus) -> JSON {
        var object = try Admission.typed(body, target)
        if let prefix = object["metadata", "generateName"]?.string, (object["metadata", "name"]?.string ?? "").isEmpty {
            object["metadata", "name"] = .string(prefix + suffix)
        }
        guard let name = object["metadata", "name"]?.string, !name.isEmpty else {
            throw .invalid(target.resource, "", field: "metadata.name", value: "", "name or generateName is required")
        }
        guard object["metadata", "resourceVersion"] == nil else {
            throw .badRequest("resourceVersion should not be set on objects to be created")
        }
        object["metadata", "uid"] = .string(uid)
        object["metadata", "creationTimestamp"] = .string(timestamp)
        object["metadata", "deletionTimestamp"] = nil
        if object["spec"] != nil, !Admission.ungenerated.contains(target.resource) { object["metadata", "generation"] = 1 }
        object = Defaults.filled(object, target.resource)
        try Admission.check(object, target.resource)
        return object
    }

    // Kinds with a spec whose changes the API server does not count.
    private static let ungenerated: [Resource] = [.namespaces, .nodes, .services, .persistentvolumeclaims, .leases]

    // What only the server writes in an object's metadata.
    private static let owned = [
        "name", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "generation",
    ]

    /// The object as an update or a patch stores it: what the server owns stays, and a status changes only through its subresource.
    static func updated(_ body: JSON, from old: JSON, _ target: ObjectTarget) throws(APIStatus) -> JSON {
        let name = old["metadata", "name"]?.string ?? ""
        var object = try typed(body, target)
        if let version = object["metadata", "resourceVersion"], version != old["metadata", "resourceVersion"] {
            throw .modified(target.resource, name)
        }
        for field in ["name", "uid"] {
            guard let value = object["metadata"]?.member(field), value != old["metadata"]?.member(field) else { continue }
            throw .invalid(target.resource, name, field: "metadata." + field, value: value.string ?? "", "field is immutable")
        }
        for field in owned {
            object["metadata", field] = old["metadata"]?.member(field)
        }
        if target.subresource == .status {
            let status = object["status"]
            object = old
            object["status"] = status
        } else if target.resource.hasStatus {
            object["status"] = old["status"]
        }
        object = Defaults.filled(object, target.resource)
        if object["spec"] != old["spec"], let generation = old["metadata", "generation"]?.integer {
            object["metadata", "generation"] = .integer(generation + 1)
        }
        try check(object, target.resource)
        return object
    }

    /// The body with its kind, after a look that it is of the kind and in the namespace that the path names.
    private static func typed(_ body: JSON, _ target: ObjectTarget) throws(APIStatus) -> JSON {
        guard case .object = body else { throw .badRequest("the request body must be a JSON object") }
        var object = body
        let resource = target.resource
        if let kind = object["kind"]?.string, kind != resource.kind {
            throw .badRequest("\(kind) in version \"\(resource.apiVersion)\" cannot be handled as a \(resource.kind)")
        }
        if let version = object["apiVersion"]?.string, version != resource.apiVersion {
            throw .badRequest("the API version in the data (\(version)) does not match the expected API version (\(resource.apiVersion))")
        }
        object["kind"] = .string(resource.kind)
        object["apiVersion"] = .string(resource.apiVersion)
        if let namespace = target.namespace {
            if let stated = object["metadata", "namespace"]?.string, !stated.isEmpty, stated != namespace {
                throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
            }
            object["metadata", "namespace"] = .string(namespace)
        }
        return object
    }

    private static func check(_ object: JSON, _ resource: Resource) throws(APIStatus) {
        let name = object["metadata", "name"]?.string ?? ""
        if resource.hasPathName ? !Syntax.isPathSegment(name) : !Syntax.isSubdomain(name) {
            throw .invalid(resource, name, field: "metadata.name", value: name, Syntax.subdomainRule)
        }
        for (key, value) in object["metadata", "labels"]?.members ?? [:] {
            guard let value = value.string else {
                throw .badRequest("json: cannot unmarshal a value that is no string into metadata.labels")
            }
            if !Syntax.isQualifiedName(key) {
                throw .invalid(resource, name, field: "metadata.labels", value: key, Syntax.qualifiedNameRule)
            }
            if !Syntax.isLabelValue(value) {
                throw .invalid(resource, name, field: "metadata.labels", value: value, Syntax.labelValueRule)
            }
        }
    }
}
