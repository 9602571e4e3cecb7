// SPDX-License-Identifier: Apache-2.0
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOSSL

/// What a handler knows of a request beside its head and body: the connection it came on.
struct ConnectionContext: InitializableFromSource, Sendable {
    var channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}

/// The HTTP side: reads a request, finds its user, asks the API, logs, answers.
struct Responder: HTTPResponder {
    typealias Context = ConnectionContext

    var api: API
    var log: RequestLog
    var faults: FaultBox
    var connections: ConnectionBook
    var bookmarkInterval: Duration

    private static let largestBody = 3 << 20

    func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        connections.add(context.channel)
        let start = ContinuousClock.now
        var record = Responder.record(request, at: api.surroundings.now())
        let body = await Responder.body(of: request)
        record.describe(body ?? [])
        let outcome = await outcome(request, body, context.channel, &record)
        record.durationNanoseconds = Responder.nanoseconds(since: start)
        switch outcome {
        case .cut:
            record.status = 0
            _ = log.add(record)
            context.channel.close(mode: .all, promise: nil)
            return Response(status: .internalServerError)
        case .refused(let status):
            record.status = status.code
            return log.add(record) ? Responder.response(status) : Responder.logFailed
        case .answered(let answer, let cutAfter):
            record.note(answer)
            guard log.add(record) else { return Responder.logFailed }
            if case .watch(let feed, _) = answer {
                // A client that leaves says nothing more, and may have left before the first byte was written to it.
                context.channel.closeFuture.whenComplete { _ in Task { await feed.end() } }
            }
            return response(answer, queryParameters(record.query), cutAfter, context.channel)
        }
    }

    private enum Outcome {
        case answered(Answer, cutAfter: Int?)
        case refused(APIStatus)
        case cut
    }

    private func outcome(
        _ request: Request, _ body: [UInt8]?, _ channel: any Channel, _ record: inout RequestRecord
    ) async -> Outcome {
        do throws(APIStatus) {
            let identity = try await identity(of: request, channel)
            record.user = identity.name
            let call = Call(
                identity: identity, method: record.method, path: record.path, target: RequestTarget(path: record.path),
                query: queryParameters(record.query),
                accept: request.headers[.accept], contentType: request.headers[.contentType],
                userAgent: request.headers[.userAgent], rawQuery: record.query, body: body ?? [])
            record.describe(call)
            guard body != nil else { throw APIStatus.tooLarge }
            let fault = faults.take(for: record)
            switch fault {
            case .answer(let status, let seconds): return .refused(.injected(status, retryAfterSeconds: seconds))
            case .dropBeforeActing: return .cut
            case .delay(let duration): try? await Task.sleep(for: duration)
            case .cutWatch, .dropAfterActing, nil: break
            }
            guard call.target == .unknown || MediaType.wanted(call.accept) != nil else { throw APIStatus.notAcceptable }
            let answer = try await api.answer(call)
            if fault == .dropAfterActing { return .cut }
            if case .cutWatch(let count) = fault { return .answered(answer, cutAfter: count) }
            return .answered(answer, cutAfter: nil)
        } catch {
            return Responder.watchError(error, record)
        }
    }

    // A watch that starts too early is opened and told so in its stream, as a real server does.
    private static func watchError(_ status: APIStatus, _ record: RequestRecord) -> Outcome {
        guard record.verb == Verb.watch.rawValue, status.code == 410 else { return .refused(status) }
        return .answered(.text(WatchWriter.line(WatchEvent("ERROR", status.body), nil, isFirst: true)), cutAfter: nil)
    }

    private func response(
        _ answer: Answer, _ query: [String: String], _ cutAfter: Int?, _ channel: any Channel
    ) -> Response {
        switch answer {
        case .json(let value, let status, let warnings):
            var response = Responder.response(value.text + "\n", status)
            if let name = HTTPField.Name("Warning") {
                response.headers[values: name] = warnings.map { "299 - \(JSON.string($0).text)" }
            }
            return response
        case .text(let text): return Responder.response(text, 200)
        case .log(let feed):
            let body = ResponseBody { body in
                try await feed.write(&body, isConnected: { channel.isActive })
                try await body.finish(nil)
            }
            return Response(status: .ok, headers: [.contentType: "text/plain"], body: body)
        case .watch(let feed, let table):
            let writer = WatchWriter(feed, table: table, query: query, bookmarkInterval: bookmarkInterval, cutAfter: cutAfter)
            let body = ResponseBody { body in
                var writer = writer
                try await writer.run(&body)
                try await body.finish(nil)
            }
            return Response(status: .ok, headers: [.contentType: "application/json"], body: body)
        }
    }
}

// Small steps between HTTP and the API.
extension Responder {
    private static let logFailed = response(
        APIStatus(code: 500, reason: "InternalError", message: "Internal error occurred: the request log cannot be written"))

    private static func response(_ status: APIStatus) -> Response {
        var response = response(status.body.text + "\n", status.code)
        if let seconds = status.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    private static func response(_ text: String, _ status: Int) -> Response {
        Response(
            status: HTTPResponse.Status(code: status), headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private static func record(_ request: Request, at time: Int64) -> RequestRecord {
        let parts = (request.head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var record = RequestRecord(
            sequence: 0, time: time, verb: request.method.rawValue.lowercased(), method: request.method.rawValue,
            path: percentDecoded(parts[0], plusIsBlank: false))
        record.query = parts.count > 1 ? String(parts[1]) : ""
        record.contentType = request.headers[.contentType]
        return record
    }

    /// The body, or nil when it is larger than a real server takes.
    private static func body(of request: Request) async -> [UInt8]? {
        guard let buffer = try? await request.body.collect(upTo: largestBody) else { return nil }
        return Array(buffer.readableBytesView)
    }

    /// Who asks, and as whom: by token or certificate, then by the headers of an impersonation.
    private func identity(of request: Request, _ channel: any Channel) async throws(APIStatus) -> Identity {
        let identity = try await api.access.identity(
            authorization: request.headers[.authorization], certificate: { await Responder.subject(of: channel) })
        return try await api.access.acting(
            identity, as: Responder.header("Impersonate-User", request).first, groups: Responder.header("Impersonate-Group", request))
    }

    private static func header(_ name: String, _ request: Request) -> [String] {
        HTTPField.Name(name).map { request.headers[values: $0] } ?? []
    }

    static func subject(of channel: any Channel) async -> Identity? {
        guard let certificate = try? await channel.nioSSL_peerCertificate().get(), let der = try? certificate.toDERBytes() else {
            return nil
        }
        return Certificate.identity(der: der)
    }

    private static func nanoseconds(since start: ContinuousClock.Instant) -> Int64 {
        let parts = start.duration(to: .now).components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
}

extension RequestRecord {
    fileprivate mutating func describe(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        bodySHA256 = sha256(bytes)
        if bytes.count <= 4096 { body = String(validating: bytes, as: UTF8.self) }
    }

    fileprivate mutating func describe(_ call: Call) {
        verb = call.verb?.rawValue ?? verb
        guard case .objects(let target) = call.target else { return }
        (resource, namespace, name) = (target.accessName, target.namespace, target.name)
        let options = call.body.isEmpty ? nil : try? call.json()
        let part = target.subresource == .eviction ? options?["deleteOptions"] : call.verb == .delete ? options : nil
        dryRun = call.query["dryRun"] == "All" || (part?["dryRun"]?.elements ?? []).contains("All")
    }

    fileprivate mutating func note(_ answer: Answer) {
        status = 200
        guard case .json(let object, let code, _) = answer else { return }
        status = code
        guard resource != nil, object["items"] == nil, object["kind"] != "Table" else { return }
        uid = object["metadata", "uid"]?.string ?? object["details", "uid"]?.string
        name = name ?? object["metadata", "name"]?.string
    }
}
