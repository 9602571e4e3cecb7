// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Synchronization

/// Alerts on their way from the detection thread to one asynchronous reader. It is bounded and never makes the detection thread
/// wait: what comes when it is full is dropped and counted, the earliest alerts of a burst stay.
public final class AlertQueue: Sendable {
    /// The alerts, in order; ends when the queue is finished and empty. For one reader.
    public let alerts: AsyncStream<Alert>

    private let continuation: AsyncStream<Alert>.Continuation
    private let droppedCount = Atomic<UInt64>(0)

    /// Makes an empty queue.
    public init(capacity: Int = 4_096) {
        precondition(capacity > 0)
        (alerts, continuation) = AsyncStream.makeStream(of: Alert.self, bufferingPolicy: .bufferingOldest(capacity))
    }

    /// How many alerts were dropped because the queue was full or finished.
    public var dropped: UInt64 { droppedCount.load(ordering: .relaxed) }

    /// Adds an alert, without waiting. False when it was dropped.
    @discardableResult
    public func offer(_ alert: Alert) -> Bool {
        if case .enqueued = continuation.yield(alert) { return true }
        droppedCount.add(1, ordering: .relaxed)
        return false
    }

    /// Takes no more alerts; the reader still gets those that wait.
    public func finish() { continuation.finish() }
}
