// SPDX-License-Identifier: Apache-2.0
internal import NIOCore
internal import NIOHTTP1

/// Judges whether a connection may become an exec. What may not is answered here, and the connection closed.
struct ExecDoor: Sendable {
    var responder: Responder
    var rooms: ExecRooms

    /// Nil when the request was answered, or cut, in place of being let in.
    func plan(_ head: HTTPRequestHead, _ channel: any Channel) async -> ExecPlan? {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = percentDecoded(parts[0], plusIsBlank: false), query = parts.count > 1 ? String(parts[1]) : ""
        let api = responder.api
        var record = RequestRecord(sequence: 0, time: api.surroundings.now(), verb: "get", method: head.method.rawValue, path: path)
        record.query = query
        guard case .objects(let target) = RequestTarget(path: path), target.subresource == .exec, let name = target.name else {
            await refuse(.badRequest("this path is no WebSocket"), record, channel)
            return nil
        }
        (record.resource, record.namespace, record.name) = (target.accessName, target.namespace, name)
        do throws(APIStatus) {
            switch responder.faults.take(for: record) {
            case .answer(let status, let seconds): throw APIStatus.injected(status, retryAfterSeconds: seconds)
            case .delay(let duration): try? await Task.sleep(for: duration)
            case .dropBeforeActing, .dropAfterActing, .cutWatch:
                _ = responder.log.add(record)
                channel.close(promise: nil)
                return nil
            case nil: break
            }
            let identity = try await api.access.identity(
                authorization: head.headers.first(name: "Authorization"), certificate: { await Responder.subject(of: channel) })
            let call = Call(
                identity: identity, method: head.method.rawValue, path: path, target: .objects(target), query: queryParameters(query),
                rawQuery: query, body: [])
            record.user = identity.name
            try await api.access.check(identity, Attributes(.get, target, fields: ""))
            let plan = try await api.exec(call, target)
            record.status = 101
            return responder.log.add(record) ? plan : nil
        } catch {
            await refuse(error, record, channel)
            return nil
        }
    }

    private func refuse(_ status: APIStatus, _ record: RequestRecord, _ channel: any Channel) async {
        var record = record
        record.status = status.code
        _ = responder.log.add(record)
        let body = ByteBuffer(string: status.body.text + "\n")
        var headers: HTTPHeaders = ["Content-Type": "application/json", "Content-Length": String(body.readableBytes), "Connection": "close"]
        if let seconds = status.retryAfterSeconds { headers.add(name: "Retry-After", value: String(seconds)) }
        let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status.code), headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil)
        try? await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        channel.close(promise: nil)
    }
}
