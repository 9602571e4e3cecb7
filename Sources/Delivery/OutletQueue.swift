// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Foundation

/// Alerts on their way to one outlet, sent by a thread of its own, so that a slow outlet delays nobody. It is bounded: what comes
/// when it is full is dropped and counted.
public final class OutletQueue: @unchecked Sendable {
    // Sendable because the mutable state is touched only with the condition's lock held.
    /// What became of the alerts so far.
    public struct Counters: Sendable, Hashable {
        /// Told by the outlet.
        public var sent: UInt64 = 0
        /// Refused by the outlet; see the message that was reported.
        public var failed: UInt64 = 0
        /// Dropped because the queue was full or closed.
        public var dropped: UInt64 = 0
    }

    /// The outlet's name.
    public let name: String

    private let condition = NSCondition()
    private let capacity: Int
    private let outlet: any Outlet
    private let report: @Sendable (DeliveryError) -> Void
    private var waiting = ArraySlice<Alert>()
    private var isSending = false
    private var isClosed = false
    private var counts = Counters()

    /// Begins a queue of at most `capacity` alerts; `report` is told each failure, on the queue's thread.
    public init(_ outlet: any Outlet, capacity: Int = 4_096, report: @escaping @Sendable (DeliveryError) -> Void) {
        precondition(capacity > 0)
        self.outlet = outlet
        self.capacity = capacity
        self.report = report
        name = outlet.name
        let thread = Thread { [self] in send() }
        thread.name = "outlet-" + outlet.name
        thread.start()
    }

    /// What became of the alerts so far; from any thread.
    public var counters: Counters { condition.withLock { counts } }

    /// Adds an alert, without waiting. False when it was dropped.
    @discardableResult
    public func offer(_ alert: Alert) -> Bool {
        condition.withLock {
            guard !isClosed, waiting.count < capacity else {
                counts.dropped += 1
                return false
            }
            waiting.append(alert)
            condition.broadcast()
            return true
        }
    }

    /// Takes no more alerts and waits until those that wait are sent, at most that many seconds. What is left then is counted as dropped.
    public func close(within seconds: Double) {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.withLock {
            isClosed = true
            condition.broadcast()
            while !waiting.isEmpty || isSending, condition.wait(until: deadline) {}
            counts.dropped += UInt64(waiting.count)
            waiting = []
        }
    }

    private func send() {
        while let alert = next() {
            do throws(DeliveryError) {
                try outlet.send(alert)
                condition.withLock { counts.sent += 1 }
            } catch {
                condition.withLock { counts.failed += 1 }
                report(error)
            }
        }
    }

    private func next() -> Alert? {
        condition.withLock {
            isSending = false
            condition.broadcast()
            while waiting.isEmpty, !isClosed { condition.wait() }
            guard let alert = waiting.popFirst() else { return nil }
            isSending = true
            return alert
        }
    }
}
