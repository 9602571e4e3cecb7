// SPDX-License-Identifier: Apache-2.0

internal import Transport

extension KubeClient {
    /// Reads what the kubelet has; what goes beyond `selection.bytes` is left unread, whatever the server sends.
    public func log(of pod: ObjectReference, _ selection: LogSelection) async throws(KubeError) -> [UInt8] {
        let call = KubeCall.log(of: pod)
        let path = pod.resource.path(namespace: pod.namespace, name: pod.name) + "/log" + selection.query
        let request = request(call, .get, path)
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
        let stream = try await open(request, call)
        var bytes: [UInt8] = []
        while bytes.count < limit, let more = try await piece(of: stream, call) { bytes += more }
        return Array(bytes.prefix(limit))
    }
}
