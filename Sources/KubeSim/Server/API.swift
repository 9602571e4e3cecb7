// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// One request, read but not judged.
struct Call: Sendable {
    var identity: Identity
    var method: String
    var path: String
    var target: RequestTarget
    var query: [String: String]
    var accept: String?
    var contentType: String?
    var userAgent: String?
    /// The query as it was sent, for the parameters that may be there more than once.
    var rawQuery = ""
    var body: [UInt8]

    /// All values of a parameter, in their order.
    func repeated(_ name: String) -> [String] {
        rawQuery.split(separator: "&").compactMap { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == name else { return nil }
            return percentDecoded(parts[1], plusIsBlank: true)
        }
    }

    var verb: Verb? {
        guard case .objects(let target) = target else { return nil }
        switch method {
        case "GET" where query["watch"] == "true" || query["watch"] == "1": return .watch
        case "GET": return target.name == nil ? .list : .get
        case "POST": return .create
        case "PUT": return .update
        case "PATCH": return .patch
        case "DELETE": return .delete
        case _: return nil
        }
    }

    func json() throws(APIStatus) -> JSON {
        if contentType?.hasPrefix(ProtobufReader.mediaType) == true {
            guard let value = try? ProtobufReader.json(body) else {
                throw .badRequest("the object provided is unrecognized: the body is no protobuf of a kind that the server knows")
            }
            return value
        }
        guard let value = try? JSON(parsing: Data(body)) else {
            throw .badRequest("the object provided is unrecognized: the body is no JSON")
        }
        return value
    }
}

/// What a request gets.
enum Answer: Sendable {
    case json(JSON, status: Int, warnings: [String] = [])
    case text(String)
    case log(LogFeed)
    case watch(WatchFeed, Table?)
}

/// The API itself: from a call to its answer, without HTTP.
struct API: Sendable {
    var cluster: Cluster
    var access: Access
    var surroundings: Surroundings
    var logs: LogBook

    func answer(_ call: Call) async throws(APIStatus) -> Answer {
        try await checkPath(call)
        return switch call.target {
        case .health: .text("ok")
        case .version: .json(Discovery.version, status: 200)
        case .coreVersions: .json(Discovery.coreVersions, status: 200)
        case .groups: .json(Discovery.groups, status: 200)
        case .group(let name): .json(Discovery.group(name), status: 200)
        case .resources(let group): .json(Discovery.resources(group: group), status: 200)
        case .review(let review, let namespace): try await self.review(call, review, namespace)
        case .objects(let target): try await objects(call, target)
        case .openAPI(let document): .json(document.json, status: 200)
        case .unknown: throw .unknownPath
        }
    }

    /// Rights on what is no kind's: paths and reviews. Where no roles are judged, whoever has come in may ask.
    private func checkPath(_ call: Call) async throws(APIStatus) {
        guard access.enforcesRoles else { return }
        switch call.target {
        case .objects: return
        case .review(let review, let namespace): try await access.check(call.identity, review.attributes(in: namespace))
        case .health, .version, .coreVersions, .groups, .group, .resources, .openAPI, .unknown:
            try await access.check(call.identity, Attributes(path: call.path, method: call.method))
        }
    }

    private func review(_ call: Call, _ review: Review, _ namespace: String?) async throws(APIStatus) -> Answer {
        guard call.method == "POST" else { throw .methodNotAllowed }
        return .json(try await access.answer(review, try call.json(), namespace: namespace, asking: call.identity), status: 201)
    }

    private func objects(_ call: Call, _ target: ObjectTarget) async throws(APIStatus) -> Answer {
        guard let verb = call.verb else { throw .methodNotAllowed }
        try await access.check(call.identity, Attributes(verb, target, fields: call.query["fieldSelector"] ?? ""))
        switch target.subresource {
        case .log: return try await log(call, target, verb)
        case .eviction: return try await evict(call, target, verb)
        case .token: return try await token(call, target, verb)
        case .exec:
            _ = try await exec(call, target)
            throw .badRequest("Upgrade request required")
        case .status, .scale, nil: break
        }
        switch (verb, target.name) {
        case (.get, let name?):
            return present(try await cluster.get(target, name), call, target.resource)
        case (.list, nil):
            return present(try await cluster.list(try selection(call, target), ListPage(query: call.query)), call, target.resource)
        case (.watch, _):
            return try await watch(call, target)
        case (.create, _), (.update, _), (.patch, _), (.delete, _):
            return try await write(call, target, verb)
        case (.get, nil), (.list, _?):
            throw .methodNotAllowed
        }
    }

    private func write(_ call: Call, _ target: ObjectTarget, _ verb: Verb) async throws(APIStatus) -> Answer {
        let options = try options(call)
        try await checkBinding(call, target, verb)
        switch (verb, target.name) {
        case (.create, nil):
            guard !target.resource.isNamespaced || target.namespace != nil else { throw .methodNotAllowed }
            return answer(try await cluster.create(target, try call.json(), options))
        case (.update, let name?):
            return answer(try await cluster.update(target, name, try call.json(), options))
        case (.patch, let name?):
            let kind = try PatchKind.of(contentType: call.contentType)
            guard kind != .strategic || !target.resource.isCustom else {
                throw .unsupportedMediaType(PatchKind.allCases.filter { $0 != .strategic }.map(\.rawValue))
            }
            try check(options, kind, stated: call.query["fieldManager"] ?? "")
            if kind == .apply, await !cluster.has(target, name) {
                try await access.check(call.identity, Attributes(.create, target, fields: ""))
            }
            return answer(try await cluster.patch(target, name, try call.json(), kind, options))
        case (.delete, let name?) where target.subresource == nil:
            let options = DeleteOptions(body: call.body.isEmpty ? [:] : try call.json(), query: call.query)
            return .json(try await cluster.delete(target, name, options), status: 200)
        case (.create, _), (.update, _), (.patch, _), (.delete, _), (.get, _), (.list, _), (.watch, _):
            throw .methodNotAllowed
        }
    }

    /// Who hands out a role by a binding, or changes to whom, must be allowed to bind it.
    private func checkBinding(_ call: Call, _ target: ObjectTarget, _ verb: Verb) async throws(APIStatus) {
        guard access.enforcesRoles, verb != .delete, [.rolebindings, .clusterrolebindings].contains(target.resource) else { return }
        let binding = if let name = target.name { try await cluster.get(target, name) } else { try call.json() }
        let isForAll = binding["roleRef", "kind"] == "ClusterRole"
        let attributes = Attributes(
            verb: "bind", group: target.resource.group, resource: isForAll ? "clusterroles" : "roles",
            name: binding["roleRef", "name"]?.string, namespace: target.namespace)
        try await access.check(call.identity, attributes)
    }

    private func answer(_ written: Written) -> Answer {
        .json(written.object, status: written.isNew ? 201 : 200, warnings: written.warnings)
    }

    private func options(_ call: Call) throws(APIStatus) -> WriteOptions {
        let stated = call.query["fieldManager"] ?? ""
        // Without a name the program is the manager: the part of its User-Agent before the slash.
        let program = String((call.userAgent ?? "").prefix { $0 != "/" })
        return WriteOptions(
            dryRun: try dryRun(call), validation: try FieldValidation(query: call.query["fieldValidation"]),
            manager: stated.isEmpty ? (program.isEmpty ? "unknown" : program) : stated,
            force: ["true", "1"].contains(call.query["force"] ?? ""))
    }

    private func check(_ options: WriteOptions, _ kind: PatchKind, stated: String) throws(APIStatus) {
        if kind == .apply, stated.isEmpty { throw .invalidOptions("fieldManager", "Required value: is required for apply patch") }
        if kind != .apply, options.force { throw .invalidOptions("force", "Forbidden: may not be specified for non-apply patch") }
    }

    func dryRun(_ call: Call) throws(APIStatus) -> Bool {
        guard let value = call.query["dryRun"], !value.isEmpty else { return false }
        guard value == "All" else {
            throw .badRequest("invalid dryRun: Unsupported value: \"\(value)\": supported values: \"All\"")
        }
        return true
    }

    private func selection(_ call: Call, _ target: ObjectTarget) throws(APIStatus) -> Selection {
        var fields = call.query["fieldSelector"] ?? ""
        if let name = target.name { fields = "metadata.name=" + name + (fields.isEmpty ? "" : "," + fields) }
        return try Selection(
            target.resource, namespace: target.namespace, labels: call.query["labelSelector"] ?? "", fields: fields)
    }

    private func watch(_ call: Call, _ target: ObjectTarget) async throws(APIStatus) -> Answer {
        let start = try WatchStart(query: call.query)
        let feed = try await cluster.watch(try selection(call, target), from: start)
        return .watch(feed, table(call, target.resource))
    }

    private func present(_ object: JSON, _ call: Call, _ resource: Resource) -> Answer {
        guard let table = table(call, resource) else { return .json(object, status: 200) }
        guard let items = object["items"] else { return .json(table.json([object], listMetadata: nil), status: 200) }
        return .json(table.json(items.elements, listMetadata: object["metadata"]), status: 200)
    }

    private func table(_ call: Call, _ resource: Resource) -> Table? {
        guard MediaType.wanted(call.accept) == .table else { return nil }
        return Table(
            resource: resource, now: surroundings.now() / 1_000_000_000,
            includes: Table.IncludedObject(rawValue: call.query["includeObject"] ?? "") ?? .metadata)
    }
}

/// The forms an answer can have.
enum MediaType: Sendable {
    case json, table

    /// The first form in an Accept header that the server has; nil when there is none.
    static func wanted(_ accept: String?) -> MediaType? {
        guard let accept, !accept.isEmpty else { return .json }
        for choice in accept.split(separator: ",") {
            let parts = choice.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
            guard let type = parts.first, ["application/json", "application/*", "*/*"].contains(type) else { continue }
            guard let form = parts.first(where: { $0.hasPrefix("as=") }) else { return .json }
            if form == "as=Table", parts.contains("v=v1"), parts.contains("g=meta.k8s.io") { return .table }
        }
        return nil
    }
}
