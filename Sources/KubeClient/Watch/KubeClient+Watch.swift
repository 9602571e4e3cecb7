// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Transport

extension KubeClient {
    /// The server ends a watch after this time by itself; asking for it keeps the end regular.
    static let watchSeconds = 290
    /// A connection that held this long, in nanoseconds, was a good one.
    private static let longLife: UInt64 = 60_000_000_000
    /// However long the server asks us to stay away, a watch asks again: who does not look sees nothing.
    private static let longestPause = Duration.seconds(300)

    public func watch(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions, after resourceVersion: String,
        _ handle: @Sendable (WatchEvent) async -> Void
    ) async throws(KubeError) -> Never {
        let call = KubeCall(.watch, resource, namespace: namespace)
        var machine = WatchMachine(call, after: resourceVersion)
        var backoff = Backoff(first: .milliseconds(100), cap: .seconds(10))
        while true {
            var wait: Duration?
            let began = surroundings.now()
            do throws(KubeError) {
                try await watchOnce(call, options, &machine, handle)
            } catch {
                guard error.isTransient else { throw error }
                wait = error.retryAfter.map { min($0, Self.longestPause) }
            }
            // A quiet watch that the server ends after its time is no failure.
            if machine.hasProgressed || surroundings.now().nanoseconds(since: began) > Self.longLife { backoff.reset() }
            try await pause(wait ?? backoff.next(jitter: surroundings.jitter()), call)
        }
    }

    /// One connection; returns when the server ends it, which it does regularly.
    private func watchOnce(
        _ call: KubeCall, _ options: ListOptions, _ machine: inout WatchMachine, _ handle: @Sendable (WatchEvent) async -> Void
    ) async throws(KubeError) {
        machine.connected()
        let query = options.selectors + [
            ("watch", "1"), ("allowWatchBookmarks", "true"), ("resourceVersion", machine.resourceVersion),
            ("timeoutSeconds", String(Self.watchSeconds)),
        ]
        var request = request(call, .get, call.resource.path(namespace: call.namespace) + PercentEncoding.query(query))
        request.limits.idle = max(limits.idle, .seconds(Self.watchSeconds + 30))
        let stream = try await open(request, call)
        while let bytes = try await piece(of: stream, call) {
            for output in machine.receive(bytes) {
                switch output {
                case .event(let event): await handle(event)
                case .failed(let error): throw error
                }
            }
        }
    }

    /// The stream of an answer that is a success; any other is thrown with its reason.
    func open(_ request: HTTPRequest, _ call: KubeCall) async throws(KubeError) -> HTTPStream {
        let http = http
        let stream = try await authorized(request, call, \HTTPStream.head) { (request) async throws(TransportError) in
            try await http.stream(request)
        }
        guard stream.head.status != 200 else { return stream }
        let body: [UInt8]
        do { body = try await stream.collect(limit: 1 << 20) } catch { throw KubeError(call, error) }
        throw KubeError(
            call, status: stream.head.status, body: JSONText.read(body), retryAfterHeader: stream.head.header("Retry-After"))
    }

    /// The next bytes; nil at the regular end.
    func piece(of stream: HTTPStream, _ call: KubeCall) async throws(KubeError) -> [UInt8]? {
        do { return try await stream.next() } catch { throw KubeError(call, error) }
    }
}
