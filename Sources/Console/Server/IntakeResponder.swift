// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import EventModel
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOSSL

/// What a handler knows of a request beside its head and body: the connection it came on.
struct IntakeContext: InitializableFromSource, Sendable {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
}

/// The HTTP side: finds out who sends, reads the body, answers. What a stranger is told says nothing of why.
struct IntakeResponder: HTTPResponder {
    typealias Context = IntakeContext

    let settings: IntakeSettings
    let handlers: IntakeHandlers
    let senders: SenderBook
    let strangers: LineLimit
    let requests: OpenRequests
    let approvals: ApprovalCalls?

    func respond(to request: Request, context: IntakeContext) async throws -> Response {
        guard requests.begin(context.channel) else {
            return Self.response(.error(503, "the intake is ending", retryAfterSeconds: IntakeAnswer.busyWaitSeconds))
        }
        defer { requests.end() }
        let answer = await answer(request, context.channel)
        var response = Self.response(answer)
        switch answer.status {
        case 401: response.headers[.wwwAuthenticate] = "Bearer"
        case 405: response.headers[.allow] = request.uri.path == "/" ? "POST" : "GET"
        case _: break
        }
        return response
    }

    private func answer(_ request: Request, _ channel: any Channel) async -> IntakeAnswer {
        switch (request.uri.path, request.method) {
        case ("/healthz", .get): return IntakeAnswer(status: 200, body: ["status": "ok"])
        case ("/readyz", .get):
            guard let trouble = handlers.trouble() else { return IntakeAnswer(status: 200, body: ["status": "ready"]) }
            return IntakeAnswer(status: 503, body: ["status": "not ready", "reason": .string(trouble)])
        case ("/", .post): return await alerts(request, channel)
        case ("/approvals/slack", .post): return await approval(.slack, request)
        case ("/approvals/webhook", .post): return await approval(.webhook, request)
        case ("/", _), ("/healthz", _), ("/readyz", _): return .error(405, "this path does not know the method")
        case _: return .error(404, "there is nothing here; alerts are posted to /")
        }
    }

    private func alerts(_ request: Request, _ channel: any Channel) async -> IntakeAnswer {
        let credentials = Credentials(
            shown: Self.shown(request.headers[.authorization]), certificateName: await Self.commonName(of: channel))
        let sender: Sender
        switch await senders.recognise(credentials) {
        case .known(let known): sender = known
        case .stranger(let why): return turnedAway(401, "who are you?", why, channel)
        case .forbidden(let why): return turnedAway(403, "you may not send alerts", why, channel)
        case .undecided(let why):
            strangers.log("intake: \(why)")
            return .error(503, "try again", retryAfterSeconds: IntakeAnswer.busyWaitSeconds)
        }
        if let trouble = refusal(of: request.headers) {
            handlers.log("intake: sender \(sender.name): \(trouble.body["error"]?.string ?? "")")
            return trouble
        }
        guard let buffer = try? await request.body.collect(upTo: settings.bodyBytes) else {
            handlers.log("intake: sender \(sender.name): a body broke off, or is longer than \(settings.bodyBytes) bytes")
            return tooLong
        }
        return await handlers.take(Array(buffer.readableBytesView), from: sender, limit: settings.alertsPerBody)
    }

    private func approval(_ caller: ApprovalCaller, _ request: Request) async -> IntakeAnswer {
        guard let approvals else { return .error(404, "there is nothing here; alerts are posted to /") }
        guard let buffer = try? await request.body.collect(upTo: ApprovalCalls.bodyBytes) else { return tooLong }
        let headers = [caller.timestampHeader, caller.signatureHeader].map { name in
            HTTPField.Name(name).flatMap { request.headers[$0] }
        }
        return await approvals.answer(caller, timestamp: headers[0], signature: headers[1], body: Array(buffer.readableBytesView))
    }

    private func refusal(of headers: HTTPFields) -> IntakeAnswer? {
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
            return .error(415, "bodies are taken uncompressed; set compress_uploads: false")
        }
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > settings.bodyBytes { return tooLong }
        return nil
    }

    private var tooLong: IntakeAnswer { .error(413, "a body may have \(settings.bodyBytes) bytes; send fewer alerts at once") }

    private func turnedAway(_ status: Int, _ message: String, _ why: String, _ channel: any Channel) -> IntakeAnswer {
        let place = channel.remoteAddress?.ipAddress ?? "an unknown address"
        strangers.log("intake: \(status) to \(place): \(why)")
        return .error(status, message)
    }

    private static func shown(_ header: String?) -> Credentials.Shown {
        guard let header else { return .nothing }
        let parts = header.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return .other }
        switch parts[0].lowercased() {
        case "bearer": return .bearer(parts[1])
        case "basic":
            guard let data = Data(base64Encoded: parts[1]), let text = String(data: data, encoding: .utf8),
                let colon = text.firstIndex(of: ":")
            else { return .other }
            return .basic(user: String(text[..<colon]), token: String(text[text.index(after: colon)...]))
        case _: return .other
        }
    }

    private static func commonName(of channel: any Channel) async -> String? {
        guard let certificate = try? await channel.nioSSL_peerCertificate().get(), let der = try? certificate.toDERBytes() else {
            return nil
        }
        var name = [CChar](repeating: 0, count: 256)
        let length = saker_openssl_common_name(der, der.count, &name, Int32(name.count))
        guard length > 0 else { return nil }
        return String(decoding: name.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func response(_ answer: IntakeAnswer) -> Response {
        var response = Response(
            status: HTTPTypes.HTTPResponse.Status(code: answer.status), headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.bytes)))
        if let seconds = answer.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}
