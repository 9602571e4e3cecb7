// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Foundation
public import Transport

/// The Kubernetes verbs that Saker uses, against one API server.
public final class KubeClient: KubeReader, KubeWriter {
    /// What the client takes from outside, so that tests decide over time and chance.
    public struct Surroundings: Sendable {
        /// Waits; throws when the task is cancelled.
        public var sleep: @Sendable (Duration) async throws -> Void
        /// A random number from 0 up to 1.
        public var jitter: @Sendable () -> Double
        /// The wall clock, by which credentials end.
        public var now: @Sendable () -> Timestamp = { Timestamp(nanoseconds: UInt64(Date().timeIntervalSince1970 * 1e9)) }

        /// The real clock and real chance, unless told otherwise.
        public init(
            sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
            jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
        ) {
            self.sleep = sleep
            self.jitter = jitter
        }
    }

    let connection: ClusterConnection
    let limits: HTTPLimits
    let http: HTTPClient
    let surroundings: Surroundings
    private let credentials: CredentialSource
    private let tryLimit: Int

    /// Opens no connection yet. `limits.idle` counts for watches only; `tryLimit` is for calls that may be repeated at all.
    public init(
        _ connection: ClusterConnection, limits: HTTPLimits = HTTPLimits(connect: .seconds(5), total: .seconds(15)), tryLimit: Int = 4,
        surroundings: Surroundings = Surroundings()
    ) {
        self.connection = connection
        self.limits = limits
        self.tryLimit = tryLimit
        self.surroundings = surroundings
        credentials = CredentialSource(connection.credential, now: surroundings.now)
        http = HTTPClient(tls: connection.tls, proxy: connection.proxy)
    }

    /// Ends what is under way and the client's thread.
    public func shutDown() { http.shutDown() }

    // MARK: KubeReader

    public func get(_ object: ObjectReference) async throws(KubeError) -> JSONValue {
        try await perform(KubeCall(.get, object), .get, object.path)
    }

    public func list(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions
    ) async throws(KubeError) -> ObjectList {
        var pages = ListPages(resource, options)
        let call = KubeCall(.list, resource, namespace: namespace)
        while true {
            let path = resource.path(namespace: namespace) + PercentEncoding.query(pages.query)
            do throws(KubeError) {
                let page = try await perform(call, .get, path)
                if let whole = try pages.take(page, call) { return whole }
            } catch {
                guard error.code == .gone, pages.restart() else { throw error }
            }
        }
    }

    public func review(_ call: KubeCall) async throws(KubeError) -> AccessReview {
        let question = call.reviewCall
        let answer = try await perform(question, .post, question.resource.path(namespace: nil), question.body, "application/json")
        return try AccessReview(json: answer, of: question)
    }

    // MARK: KubeWriter

    public func create(
        _ resource: KubeResource, _ body: JSONValue, in namespace: String?, _ options: WriteOptions
    ) async throws(KubeError) -> JSONValue {
        let name = body["metadata"]?["name"]?.string
        let call = KubeCall(.create, resource, namespace: namespace, name: name, body: body, isDryRun: options.isDryRun)
        return try await perform(call, .post, resource.path(namespace: namespace) + options.query, body, "application/json")
    }

    public func update(
        _ object: ObjectReference, _ body: JSONValue, _ options: WriteOptions
    ) async throws(KubeError) -> JSONValue {
        let call = KubeCall(.update, object, body: body, isDryRun: options.isDryRun)
        return try await perform(call, .put, object.path + options.query, body, "application/json")
    }

    public func patch(_ object: ObjectReference, _ patch: Patch, _ options: WriteOptions) async throws(KubeError) -> JSONValue {
        let call = KubeCall(.patch, object, body: patch.body, isDryRun: options.isDryRun)
        return try await perform(call, .patch, object.path + options.query(for: patch, call), patch.body, patch.mediaType)
    }

    public func delete(_ object: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue {
        let call = KubeCall(.delete, object, body: options.json, isDryRun: options.isDryRun)
        return try await perform(call, .delete, object.path, options.json, "application/json")
    }

    public func evict(_ pod: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue {
        let call = KubeCall.eviction(of: pod, options)
        // A server refuses an eviction whose query and body disagree about the dry run.
        let query = PercentEncoding.query(options.isDryRun ? [("dryRun", "All")] : [])
        return try await perform(call, .post, pod.path + "/eviction" + query, call.body, "application/json")
    }

    // MARK: One call

    private func perform(
        _ call: KubeCall, _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, _ mediaType: String? = nil
    ) async throws(KubeError) -> JSONValue {
        var retries = RetryDecision(limit: tryLimit)
        while true {
            do throws(KubeError) {
                return try await once(call, request(call, method, path, body, mediaType))
            } catch {
                switch retries.answer(to: error, verb: call.verb, jitter: surroundings.jitter()) {
                case .giveUp: throw error
                case .retry(let wait): try await pause(wait, call)
                }
            }
        }
    }

    private func once(_ call: KubeCall, _ request: HTTPRequest) async throws(KubeError) -> JSONValue {
        let http = http
        let response = try await authorized(request, call, \HTTPResponse.head) { (request) async throws(TransportError) in
            try await http.send(request)
        }
        guard (200..<300).contains(response.status) else {
            throw KubeError(
                call, status: response.status, body: JSONText.read(response.body), retryAfterHeader: response.head.header("Retry-After"))
        }
        if response.body.isEmpty, call.verb == .delete { return ["kind": "Status", "apiVersion": "v1", "status": "Success"] }
        guard let json = JSONText.read(response.body) else { throw unreadable(response, call) }
        return json
    }

    private func unreadable(_ response: HTTPResponse, _ call: KubeCall) -> KubeError {
        let coding = response.head.header("Content-Encoding").map { " (it is encoded as '\($0)', which was not asked for)" } ?? ""
        let what = response.body.isEmpty ? "is empty" : "is not JSON, or nests deeper than \(JSONParser.depthLimit) levels" + coding
        return KubeError(
            .decode, "\(call): HTTP \(response.status), and the answer \(what). Is \(connection.server) an API server?" + call.doubt,
            status: response.status)
    }

    func request(
        _ call: KubeCall, _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, _ mediaType: String? = nil
    ) -> HTTPRequest {
        var headers = [HTTPHeader("Accept", "application/json"), HTTPHeader("User-Agent", "saker")]
        if let mediaType { headers.append(HTTPHeader("Content-Type", mediaType)) }
        return HTTPRequest(method, connection.server + path, headers: headers, body: body.map(JSONText.write), limits: limits)
    }

    /// Sends a request with our credentials; after a 401, which is said before anything is done, once more with renewed ones.
    func authorized<Answer: Sendable>(
        _ request: HTTPRequest, _ call: KubeCall, _ head: KeyPath<Answer, HTTPHead>,
        _ send: (HTTPRequest) async throws(TransportError) -> Answer
    ) async throws(KubeError) -> Answer {
        let credential = try await credentials.current()
        do {
            let answer = try await send(presenting(credential, in: request))
            guard answer[keyPath: head].status == 401, let other = try await credentials.other(than: credential) else { return answer }
            return try await send(presenting(other, in: request))
        } catch let error as KubeError {
            throw error
        } catch let error as TransportError {
            throw KubeError(call, error)
        } catch {
            throw KubeError(.transport, "\(call): \(error)")
        }
    }

    private func presenting(_ credential: PresentedCredential, in request: HTTPRequest) -> HTTPRequest {
        var request = request
        if let text = credential.authorization { request.headers.append(HTTPHeader("Authorization", text)) }
        if let certificate = credential.certificate {
            var tls = connection.tls
            tls.certificate = certificate
            tls.key = credential.key
            request.tls = tls
        }
        return request
    }

    func pause(_ wait: Duration, _ call: KubeCall) async throws(KubeError) {
        do {
            try await surroundings.sleep(wait)
        } catch {
            throw KubeError(.cancelled, "\(call): given up by the caller while waiting to try again.")
        }
    }
}
