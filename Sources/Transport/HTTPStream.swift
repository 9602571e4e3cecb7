// SPDX-License-Identifier: Apache-2.0

/// An answer whose body is read piece by piece, by one task at a time.
///
/// At most 256 KiB wait unread; beyond that the connection is left alone until they were read. Letting go of the stream ends the exchange.
public final class HTTPStream: Sendable {
    /// Status and header lines.
    public let head: HTTPHead
    private let handle: TransferHandle
    private let url: String

    init(head: HTTPHead, handle: TransferHandle, url: String) {
        self.head = head
        self.handle = handle
        self.url = url
    }

    /// The header lines that came behind the body; there once `next` has said that it ended.
    public var trailers: [HTTPHeader] { handle.exchange.trailers }

    /// The bytes that came since the last call, at least one; nil at the regular end. Cut anywhere: pieces mean nothing.
    public func next() async throws(TransportError) -> [UInt8]? {
        let handle = handle
        let delivery = try await handle.cancelling { () async throws(TransportError) in try await handle.exchange.next() }
        switch delivery {
        case .bytes(let bytes, let wasPaused):
            if wasPaused { handle.loop.resume(handle.id) }
            return bytes
        case .end: return nil
        }
    }

    /// The rest of the body at once. Throws `tooLarge` when it is longer than `limit` bytes, and ends the exchange then.
    public func collect(limit: Int) async throws(TransportError) -> [UInt8] {
        var body: [UInt8] = []
        while let bytes = try await next() {
            guard body.count + bytes.count <= limit else {
                handle.cancel()
                throw TransportError(.tooLarge, "\(url): the answer is longer than the \(limit) bytes that are allowed.")
            }
            body += bytes
        }
        return body
    }
}

/// Holds a transfer on to the loop: when nobody holds it any more, the transfer ends.
final class TransferHandle: Sendable {
    let id: UInt64
    let loop: CurlLoop
    let exchange: Exchange

    init(id: UInt64, loop: CurlLoop, exchange: Exchange) {
        self.id = id
        self.loop = loop
        self.exchange = exchange
    }

    deinit { loop.cancel(id) }

    func cancel() {
        exchange.finish(.failure(TransportError(.cancelled, "The exchange was cancelled by its caller.")))
        loop.cancel(id)
    }

    /// Runs `body`; when the task is cancelled meanwhile, the exchange ends and `body` sees that.
    func cancelling<Value: Sendable>(
        _ body: @Sendable () async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        let result: Result<Value, TransportError> = await withTaskCancellationHandler {
            do throws(TransportError) { return .success(try await body()) } catch { return .failure(error) }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }
}
