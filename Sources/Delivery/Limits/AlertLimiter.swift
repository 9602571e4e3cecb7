// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Decides which alerts are told at once and which are held back and counted. It loses nothing: the alerts that it let go and the
/// counts of its summaries come to all that it was given.
public struct AlertLimiter: Sendable {
    /// What becomes of an alert.
    public struct Verdict: Sendable {
        /// True when the alert is told now; else it is counted in its group.
        public var isTold: Bool
        /// Groups that ended with this alert, to be told before it.
        public var ended: [HeldAlerts]
    }

    private struct Key: Hashable {
        var rule: RuleName
        var values: [JSONValue]
    }

    private struct Window {
        var end: UInt64
        var left: Int
        var held: HeldAlerts
    }

    private let limits: [AlertLimit]
    private let capacity: Int
    private var windows: [Key: Window] = [:]

    /// The first limit that covers a rule counts. At most `capacity` groups are kept; a further one ends the eldest early.
    public init(_ limits: [AlertLimit], capacity: Int = 512) {
        precondition(capacity > 0)
        self.limits = limits
        self.capacity = capacity
    }

    /// Takes an alert; `now` is in nanoseconds, of a clock that never goes back.
    public mutating func take(_ alert: Alert, at now: UInt64) -> Verdict {
        guard let limit = limits.first(where: { $0.covers(alert.rule, tags: alert.tags) }) else {
            return Verdict(isTold: true, ended: [])
        }
        let key = Key(rule: alert.rule, values: limit.groupBy.map(alert.value))
        if var window = windows[key], now < window.end {
            let isTold = window.left > 0
            if isTold { window.left -= 1 } else { window.held.add(alert) }
            windows[key] = window
            return Verdict(isTold: isTold, ended: [])
        }
        var ended = [windows.removeValue(forKey: key)].compactMap { $0 }
        if windows.count >= capacity, let eldest = windows.min(by: { $0.value.end < $1.value.end })?.key {
            ended += [windows.removeValue(forKey: eldest)].compactMap { $0 }
        }
        windows[key] = Window(
            end: now + UInt64(limit.seconds) * 1_000_000_000, left: limit.first - 1, held: HeldAlerts(like: alert, group: limit.groupBy))
        return Verdict(isTold: true, ended: ended.map(\.held).filter { $0.count > 0 })
    }

    /// The groups whose window has ended, eldest first.
    public mutating func due(at now: UInt64) -> [HeldAlerts] {
        let over = windows.filter { $0.value.end <= now }
        for key in over.keys { windows[key] = nil }
        return over.values.sorted { $0.end < $1.end }.map(\.held).filter { $0.count > 0 }
    }

    /// All groups that are left, eldest first: for the end.
    public mutating func rest() -> [HeldAlerts] { due(at: .max) }
}
