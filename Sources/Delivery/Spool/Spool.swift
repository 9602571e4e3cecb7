// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Foundation

/// Alerts on their way to another machine, kept on the disk until it has them; they outlive this process and a crash.
///
/// Whoever offers an alert waits neither for the disk nor for the network: a thread of the spool's own writes, and syncs all that came
/// meanwhile at once. The spool is bounded (`SpoolQuota` says how), and what it could not keep is counted by reason and told of.
public final class Spool: @unchecked Sendable {
    // Sendable because `state` is touched only under `condition`, and `disk` only by the spool's thread.

    /// What a spool is told from outside.
    public struct Settings: Sendable {
        /// The folder, made where it is missing.
        public var folder: String
        /// The most bytes on the disk.
        public var capacity: Int
        /// The time, for how often losses are told.
        public var now: @Sendable () -> Timestamp
        /// Makes the alert that tells of losses, from their counts since the last one.
        public var lossAlert: @Sendable ([SpoolLoss: UInt64]) -> Alert
        /// Tells the operator one line.
        public var log: @Sendable (String) -> Void

        /// Brings the parts together.
        public init(
            folder: String, capacity: Int, now: @escaping @Sendable () -> Timestamp,
            lossAlert: @escaping @Sendable ([SpoolLoss: UInt64]) -> Alert, log: @escaping @Sendable (String) -> Void
        ) {
            self.folder = folder
            self.capacity = capacity
            self.now = now
            self.lossAlert = lossAlert
            self.log = log
        }
    }

    /// One alert on its way.
    public struct Item: Sendable {
        /// Its number in this spool.
        public let id: UInt64
        /// Its trace id.
        public let trace: TraceID
        /// Its JSON, ended by a newline.
        public let line: [UInt8]
    }

    struct Request {
        var limit: Int
        var bytes: Int
        var give: ([Item]?) -> Void
    }

    struct State {
        var offered: [Alert] = []
        var settled: [UInt64] = []
        var returned: [UInt64] = []
        var request: Request?
        var quota: SpoolQuota
        var losses: [SpoolLoss: UInt64] = [:]
        var untold: [SpoolLoss: UInt64] = [:]
        var lastTold: Timestamp?
        var waiting = 0
        var isClosing = false
        var isClosed = false
    }

    // Losses go on as long as an outage; one alert a minute says enough.
    static let tellSeconds: UInt64 = 60

    let settings: Settings
    let condition = NSCondition()
    var state: State
    let disk: SpoolDisk

    /// Opens the spool and reads what an earlier run left. Throws when the folder cannot be used.
    public init(_ settings: Settings) throws(DeliveryError) {
        precondition(settings.capacity > 0)
        self.settings = settings
        disk = try SpoolDisk(settings)
        state = State(quota: SpoolQuota(capacity: settings.capacity))
        let damaged = try disk.recover(&state.quota)
        state.waiting = disk.index.count
        if damaged > 0 { lose(.damaged, UInt64(damaged)) }
        let thread = Thread { [self] in work() }
        thread.name = "saker-spool"
        thread.start()
    }

    /// How many alerts wait for the other machine.
    public var waiting: Int { condition.withLock { state.waiting + state.offered.count } }

    /// What could not be kept so far, by reason.
    public var losses: [SpoolLoss: UInt64] { condition.withLock { state.losses } }

    /// Adds an alert, without waiting for anything. False when there was no room.
    @discardableResult
    public func offer(_ alert: Alert) -> Bool {
        condition.withLock {
            let owner = SpoolQuota.Owner(alert), bytes = alert.approximateBytes
            if state.isClosing {
                lose(.full, 1)
                return false
            }
            if let loss = state.quota.refusal(bytes, of: owner) {
                if state.untold.isEmpty { condition.broadcast() }
                lose(loss, 1)
                return false
            }
            state.quota.take(bytes, of: owner)
            state.offered.append(alert)
            condition.broadcast()
            return true
        }
    }

    /// The next alerts, at most so many and, from the second on, at most so many bytes; waits until there is one. Nil once the spool is
    /// closed. Each must be settled or put back. For one caller at a time.
    public func next(limit: Int, bytes: Int) async -> [Item]? {
        await withCheckedContinuation { continuation in
            let isClosed = condition.withLock {
                guard !state.isClosed else { return true }
                state.request = Request(limit: limit, bytes: bytes) { continuation.resume(returning: $0) }
                condition.broadcast()
                return false
            }
            if isClosed { continuation.resume(returning: nil) }
        }
    }

    /// The other machine has these, or refused them for good.
    public func settle(_ ids: [UInt64], refused: Int = 0) {
        condition.withLock {
            state.settled += ids
            if refused > 0 { lose(.refused, UInt64(refused)) }
            condition.broadcast()
        }
    }

    /// These are to be sent again.
    public func putBack(_ ids: [UInt64]) {
        condition.withLock {
            state.returned += ids
            condition.broadcast()
        }
    }

    /// Takes no more alerts, writes what was offered, and returns when all is on the disk, at most so many seconds later.
    public func close(within seconds: Double) {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.withLock {
            state.isClosing = true
            condition.broadcast()
            while !state.isClosed, condition.wait(until: deadline) {}
        }
    }

    /// To be called with the lock held, or before the thread runs.
    func lose(_ reason: SpoolLoss, _ count: UInt64) {
        state.losses[reason, default: 0] += count
        state.untold[reason, default: 0] += count
    }
}

extension SpoolQuota.Owner {
    init(_ alert: Alert) {
        self.init(container: alert.subject.container?.text ?? "", isCritical: alert.priority >= .critical)
    }
}
