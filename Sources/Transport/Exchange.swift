// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The place where the loop's thread leaves what has come and one task picks it up.
///
/// It holds at most `capacity` bytes: the loop pauses the transfer when it is full, and goes on when it was emptied.
final class Exchange: Sendable {
    static let capacity = 256 * 1024

    /// What the waiting task finds.
    enum Delivery {
        case bytes([UInt8], wasPaused: Bool)
        case end
    }

    private struct State {
        var head: HTTPHead?
        var trailers: [HTTPHeader] = []
        var buffered: [UInt8] = []
        var isPaused = false
        var end: Result<Void, TransportError>?
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    // MARK: The loop's side

    func deliver(_ head: HTTPHead) { change { $0.head = head } }

    func deliver(trailers: [HTTPHeader]) { change { $0.trailers = trailers } }

    /// Takes the bytes, or takes none and remembers that the transfer is paused.
    func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
        change { state in
            guard state.buffered.isEmpty || state.buffered.count + bytes.count <= Self.capacity else {
                state.isPaused = true
                return false
            }
            state.buffered.append(contentsOf: bytes)
            return true
        }
    }

    /// Says that nothing more will come; only the first such word counts.
    func finish(_ result: Result<Void, TransportError>) { change { if $0.end == nil { $0.end = result } } }

    // MARK: The task's side (one task at a time)

    func head() async throws(TransportError) -> HTTPHead {
        while true {
            let found = state.withLock { ($0.head, $0.end) }
            if let head = found.0 { return head }
            if case .failure(let error) = found.1 { throw error }
            if case .success = found.1 { throw TransportError(.protocol, "The answer ended before its head.") }
            await change { $0.head != nil || $0.end != nil }
        }
    }

    var trailers: [HTTPHeader] { state.withLock { $0.trailers } }

    func next() async throws(TransportError) -> Delivery {
        while true {
            let taken: ([UInt8], Bool, Result<Void, TransportError>?) = state.withLock { state in
                let taken = (state.buffered, state.isPaused, state.end)
                state.buffered = []
                state.isPaused = false
                return taken
            }
            if !taken.0.isEmpty { return .bytes(taken.0, wasPaused: taken.1) }
            switch taken.2 {
            case .success: return .end
            case .failure(let error): throw error
            case nil: await change { !$0.buffered.isEmpty || $0.end != nil }
            }
        }
    }

    private func change<Value: Sendable>(_ body: (inout sending State) -> Value) -> Value {
        let (value, waiter) = state.withLock { state in
            let value = body(&state)
            let waiter = state.waiter
            state.waiter = nil
            return (value, waiter)
        }
        waiter?.resume()
        return value
    }

    /// Suspends until something changed; returns at once when `isReady` already holds.
    private func change(until isReady: @Sendable (borrowing State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let goOn = state.withLock { state in
                if isReady(state) { return true }
                precondition(state.waiter == nil, "two tasks read one exchange")
                state.waiter = continuation
                return false
            }
            if goOn { continuation.resume() }
        }
    }
}
