// SPDX-License-Identifier: Apache-2.0
import Console
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

    private struct Room {
        var alerts: Int
        var bytes: Int
    }

    private let continuation: AsyncStream<Accepted>.Continuation
    private let capacity: Room
    private let free: Mutex<Room>

    /// Holds so many alerts and, as `Alert.approximateBytes` counts, so many bytes: a body may bring one alert of 1 MiB.
    init(capacity: Int = 4_096, bytes: Int = 64 << 20) {
        // The reservations are the bound.
        (alerts, continuation) = AsyncStream.makeStream(of: Accepted.self, bufferingPolicy: .unbounded)
        self.capacity = Room(alerts: capacity, bytes: bytes)
        free = Mutex(self.capacity)
    }

    /// Takes alerts into the journal, by `accept`, as far as there is room to answer them.
    func admit(
        _ alerts: [Alert], _ accept: ([Alert]) async -> Result<[Journal.Acceptance], JournalError>
    ) async -> [Acceptance] {
        let taken = Array(alerts.prefix(reserve(alerts)))
        let full = Acceptance.unavailable(why: "the responder has as many alerts to answer as it holds")
        let late = [Acceptance](repeating: full, count: alerts.count - taken.count)
        guard !taken.isEmpty else { return late }
        switch await accept(taken) {
        case .failure(let error):
            for alert in taken { release(alert) }
            return taken.map { _ in .unavailable(why: "the journal cannot be written: \(error.message)") } + late
        case .success(let acceptances):
            return zip(taken, acceptances).map { alert, acceptance in
                switch acceptance {
                case .accepted(let id):
                    continuation.yield(Accepted(alert: alert, id: id))
                    return .accepted
                case .duplicate:
                    release(alert)
                    return .duplicate
                }
            } + late
        }
    }

    /// Gives an alert's room back, once it is answered.
    func release(_ alert: Alert) {
        free.withLock { free in
            free.alerts += 1
            free.bytes += alert.approximateBytes
        }
    }

    /// Takes no more alerts; the reader still gets those that wait.
    func finish() { continuation.finish() }

    /// Reserves room for the first alerts, and returns for how many. An empty queue takes one of any size.
    private func reserve(_ alerts: [Alert]) -> Int {
        free.withLock { free in
            for (index, alert) in alerts.enumerated() {
                let bytes = alert.approximateBytes, isEmpty = free.alerts == capacity.alerts
                guard free.alerts > 0, isEmpty || bytes <= free.bytes else { return index }
                free.alerts -= 1
                free.bytes -= bytes
            }
            return alerts.count
        }
    }
}
