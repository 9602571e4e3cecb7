// SPDX-License-Identifier: Apache-2.0

// The parts of objects that are actions or streams rather than data: `log`, `eviction` and `token`.
extension API {
    func log(_ call: Call, _ target: ObjectTarget, _ verb: Verb) async throws(APIStatus) -> Answer {
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

    func token(_ call: Call, _ target: ObjectTarget, _ verb: Verb) async throws(APIStatus) -> Answer {
        guard verb == .create, let name = target.name else { throw .methodNotAllowed }
        let body = try call.json()
        return .json(try await cluster.token(target, name, body, access.tokens, dryRun: try dryRun(call)), status: 201)
    }

    func evict(_ call: Call, _ target: ObjectTarget, _ verb: Verb) async throws(APIStatus) -> Answer {
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
}
