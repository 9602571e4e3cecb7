// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Synchronization

/// The outlets of alerts, behind the limits that hold back what repeats.
public final class LimitedOutlets: Sendable {
    /// The outlets themselves.
    public let outlets: [OutletQueue]

    private let limiter: Mutex<AlertLimiter>
    private let now: @Sendable () -> UInt64
    private let nextTrace: @Sendable () -> TraceID

    /// `now` gives nanoseconds of a clock that never goes back; `nextTrace` names each summary.
    public init(
        _ outlets: [OutletQueue], limits: [AlertLimit], now: @escaping @Sendable () -> UInt64,
        nextTrace: @escaping @Sendable () -> TraceID
    ) {
        self.outlets = outlets
        limiter = Mutex(AlertLimiter(limits))
        self.now = now
        self.nextTrace = nextTrace
    }

    /// Tells the alert or counts it, without waiting.
    public func offer(_ alert: Alert) {
        // Told with the lock held, so that a summary never comes after what follows it.
        limiter.withLock { limiter in
            let verdict = limiter.take(alert, at: now())
            verdict.ended.forEach(tell)
            if verdict.isTold { outlets.forEach { $0.offer(alert) } }
        }
    }

    /// Tells the summaries that are due. Call it about once a second.
    public func tellDue() { limiter.withLock { $0.due(at: now()).forEach(tell) } }

    /// Goes on with other limits; what was held back under the former ones is told.
    public func use(_ limits: [AlertLimit]) {
        limiter.withLock { limiter in
            limiter.rest().forEach(tell)
            limiter = AlertLimiter(limits)
        }
    }

    /// Tells what was held back, then closes the outlets, each within that many seconds.
    public func close(within seconds: Double) {
        limiter.withLock { $0.rest().forEach(tell) }
        outlets.forEach { $0.close(within: seconds) }
    }

    private func tell(_ held: HeldAlerts) {
        let summary = held.summary(trace: nextTrace())
        outlets.forEach { $0.offer(summary) }
    }
}
