// SPDX-License-Identifier: Apache-2.0

internal import Transport

extension KubeClient {
    /// Reads what the kubelet has; what goes beyond `selection.bytes` is left unread, whatever the server sends.
    public func log(of pod: ObjectReference, _ selection: LogSelection) async throws(KubeError) -> [UInt8] {
        let call = KubeCall.log(of: pod)
        let path = pod.resource.path(namespace: pod.namespace, name: pod.name) + "/log" + selection.query
        let request = try request(call, .get, path)
        var retries = RetryDecision()
        while true {
            do throws(KubeError) {
                return try await readLog(call, request, limit: selection.bytes)
            } catch {
                switch retries.answer(to: error, verb: .get, jitter: surroundings.jitter()) {
                case .giveUp: throw error
                case .retry(let wait): try await pause(wait, call)
                }
            }
        }
    }

    private func readLog(_ call: KubeCall, _ request: HTTPRequest, limit: Int) async throws(KubeError) -> [UInt8] {
        let answer: (head: HTTPHead, body: [UInt8])
        do throws(TransportError) {
            answer = try await http.beginning(of: request, limit: limit)
        } catch {
            throw KubeError(call, error)
        }
        guard answer.head.status == 200 else {
            let wait = answer.head.header("Retry-After")
            throw KubeError(call, status: answer.head.status, body: JSONText.read(answer.body), retryAfterHeader: wait)
        }
        return answer.body
    }
}

extension HTTPClient {
    /// Head and first bytes of an answer; of a refusal enough to read its reason.
    fileprivate func beginning(of request: HTTPRequest, limit: Int) async throws(TransportError) -> (head: HTTPHead, body: [UInt8]) {
        let stream = try await stream(request)
        let limit = stream.head.status == 200 ? limit : 64 * 1024
        var bytes: [UInt8] = []
        while bytes.count < limit, let more = try await stream.next() { bytes += more }
        return (stream.head, Array(bytes.prefix(limit)))
    }
}
