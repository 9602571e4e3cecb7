// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// One request, read but not judged.
struct Call: Sendable {
    var user: String
    var method: String
    var target: RequestTarget
    var query: [String: String]
    var accept: String?
    var contentType: String?
    var body: [UInt8]

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
        guard contentType?.hasPrefix("application/vnd.kubernetes.protobuf") != true else {
            throw .unsupportedMediaType(["application/json"])
        }
        guard let value = try? JSON(parsing: Data(body)) else {
            throw .badRequest("the object provided is unrecognized: the body is no JSON")
        }
        return value
    }
}

/// What a request gets.
enum Answer: Sendable {
    case json(JSON, status: Int)
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
        switch call.target {
        case .health: .text("ok")
        case .version: .json(Discovery.version, status: 200)
        case .coreVersions: .json(Discovery.coreVersions, status: 200)
        case .groups: .json(Discovery.groups, status: 200)
        case .group(let name): .json(Discovery.group(name), status: 200)
        case .resources(let group): .json(Discovery.resources(group: group), status: 200)
        case .review: try review(call)
        case .objects(let target): try await objects(call, target)
        case .unknown: throw .unknownPath
        }
    }

    private func review(_ call: Call) throws(APIStatus) -> Answer {
        guard call.method == "POST" else { throw .methodNotAllowed }
        return .json(access.review(try call.json(), user: call.user), status: 201)
    }

    private func objects(_ call: Call, _ target: ObjectTarget) async throws(APIStatus) -> Answer {
        guard let verb = call.verb else { throw .methodNotAllowed }
        try access.check(call.user, verb, target)
        switch target.subresource {
        case .log: return try await log(call, target, verb)
        case .eviction: return try await evict(call, target, verb)
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
        let dryRun = try dryRun(call)
        switch (verb, target.name) {
        case (.create, nil):
            guard !target.resource.isNamespaced || target.namespace != nil else { throw .methodNotAllowed }
            return .json(try await cluster.create(target, try call.json(), dryRun: dryRun), status: 201)
        case (.update, let name?):
            return .json(try await cluster.update(target, name, try call.json(), dryRun: dryRun), status: 200)
        case (.patch, let name?):
            let kind = try PatchKind.of(contentType: call.contentType)
            return .json(try await cluster.patch(target, name, try call.json(), kind, dryRun: dryRun), status: 200)
        case (.delete, let name?) where target.subresource == nil:
            let options = DeleteOptions(body: call.body.isEmpty ? [:] : try call.json(), query: call.query)
            return .json(try await cluster.delete(target, name, options), status: 200)
        case (.create, _), (.update, _), (.patch, _), (.delete, _), (.get, _), (.list, _), (.watch, _):
            throw .methodNotAllowed
        }
    }

    private func log(_ call: Call, _ target: ObjectTarget, _ verb: Verb) async throws(APIStatus) -> Answer {
        guard verb == .get, let name = target.name else { throw .methodNotAllowed }
        let pod = try await cluster.get(target, name)
        let options = try LogOptions(query: call.query, pod: name)
        let request = PodLogRequest(
            pod: PodReference(pod), container: try options.container(of: pod), isPrevious: options.isPrevious)
        let lines = await logs.lines(request)
        guard lines != nil || !options.isPrevious else {
            throw .badRequest("previous terminated container \"\(request.container)\" in pod \"\(name)\" not found")
        }
        let isOver: @Sendable () async -> Bool = {
            guard let now = try? await cluster.get(target, name), PodReference(now) == request.pod else { return true }
            return ["Succeeded", "Failed"].contains(now["status", "phase"]?.string ?? "")
        }
        return .log(
            LogFeed(options: options, request: request, book: logs, first: lines ?? [], now: surroundings.now(), isOver: isOver))
    }

    private func evict(_ call: Call, _ target: ObjectTarget, _ verb: Verb) async throws(APIStatus) -> Answer {
        guard verb == .create, let name = target.name else { throw .methodNotAllowed }
        let eviction = try call.json()
        guard eviction["kind"] == nil || eviction["kind"] == "Eviction" else {
            throw .badRequest("not an Eviction object: \(eviction["kind"]?.string ?? "")")
        }
        if let stated = eviction["metadata", "name"]?.string, stated != name {
            throw .badRequest("name in URL does not match name in Eviction object")
        }
        var options = DeleteOptions(body: eviction["deleteOptions"] ?? [:], query: call.query)
        if try dryRun(call) { options.dryRun = true }
        try await cluster.evict(target, name, options)
        return .json(["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201], status: 201)
    }

    private func dryRun(_ call: Call) throws(APIStatus) -> Bool {
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
        let start = try WatchStart(query: call.query["resourceVersion"])
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
