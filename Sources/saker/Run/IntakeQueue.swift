// SPDX-License-Identifier: Apache-2.0
import EventModel
import Records
import Synchronization

/// Alerts that the journal holds, on their way to the response line. Room is reserved before the journal takes an alert, so that none
/// that was acknowledged is ever dropped; who finds no room keeps the alert and sends it again.
final class IntakeQueue: Sendable {
    /// An alert, and its number in the journal.
    struct Accepted: Sendable {
        let alert: Alert
        let id: EntryID
    }

    /// The alerts, in order; ends when the queue is finished and empty. For one reader.
    let alerts: AsyncStream<Accepted>

    private let continuation: AsyncStream<Accepted>.Continuation
    private let free: Mutex<Int>

    init(capacity: Int = 4_096) {
        // The reservations are the bound.
        (alerts, continuation) = AsyncStream.makeStream(of: Accepted.self, bufferingPolicy: .unbounded)
        free = Mutex(capacity)
    }

    /// Reserves room for so many alerts, or as many as there is room for.
    func reserve(_ count: Int) -> Int {
        free.withLock { free in
            let granted = min(count, free)
            free -= granted
            return granted
        }
    }

    /// Gives reserved room back.
    func release(_ count: Int) { free.withLock { $0 += count } }

    /// Adds an alert, for which there is a reservation.
    func put(_ alert: Alert, _ id: EntryID) { continuation.yield(Accepted(alert: alert, id: id)) }

    /// Takes no more alerts; the reader still gets those that wait.
    func finish() { continuation.finish() }
}
