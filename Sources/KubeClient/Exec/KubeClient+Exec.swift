// SPDX-License-Identifier: Apache-2.0

internal import Transport

extension KubeClient {
    private static let piece = 32 * 1024

    /// Runs a command over a WebSocket. Only the opening is ever tried again: what has begun is not repeated.
    public func exec(in pod: ObjectReference, _ command: ExecCommand) async throws(KubeError) -> ExecResult {
        let call = KubeCall.exec(in: pod)
        let socket = try await open(call, pod, command)
        var channels = ExecChannels(limit: command.outputLimit)
        let sender = command.input.map { input in Task { try? await Self.send(input, on: socket) } }
        defer { sender?.cancel() }
        do throws(TransportError) {
            while !channels.hasVerdict, !channels.isFull, let message = try await socket.next() { channels.take(message) }
        } catch {
            guard error.code == .timeout else { throw KubeError(call, error) }
            return ExecResult(stdout: channels.stdout, stderr: channels.stderr, end: .timedOut)
        }
        socket.close()
        guard let end = channels.isFull ? .cut : channels.end else {
            throw KubeError(.transport, "\(call): the server closed the connection without saying how the command ended." + call.doubt)
        }
        return ExecResult(stdout: channels.stdout, stderr: channels.stderr, end: end)
    }

    private func open(_ call: KubeCall, _ pod: ObjectReference, _ command: ExecCommand) async throws(KubeError) -> WebSocket {
        let path = pod.resource.path(namespace: pod.namespace, name: pod.name) + "/exec" + command.query
        let request = request(call, .get, path)
        var retries = RetryDecision()
        while true {
            do throws(KubeError) {
                return try await openOnce(call, request, command.timeout)
            } catch {
                switch retries.answer(to: error, verb: call.verb, jitter: surroundings.jitter()) {
                case .giveUp: throw error
                case .retry(let wait): try await pause(wait, call)
                }
            }
        }
    }

    private func openOnce(_ call: KubeCall, _ request: HTTPRequest, _ lifetime: Duration) async throws(KubeError) -> WebSocket {
        let http = http
        let answer = try await authorized(request, call, \WebSocketAnswer.head) { (request) async throws(TransportError) in
            try await http.webSocket(request, protocols: ExecChannels.protocols, lifetime: lifetime)
        }
        switch answer {
        case .opened(let socket): return socket
        case .refused(let response):
            throw KubeError(
                call, status: response.status, body: JSONText.read(response.body), retryAfterHeader: response.head.header("Retry-After"))
        }
    }

    private static func send(_ input: [UInt8], on socket: WebSocket) async throws(TransportError) {
        var rest = input[...]
        while !rest.isEmpty {
            try await socket.send(ExecChannels.input(rest.prefix(piece)))
            rest = rest.dropFirst(piece)
        }
        if socket.chosenProtocol == ExecChannels.protocols[0] { try await socket.send(ExecChannels.endOfInput) }
    }
}
