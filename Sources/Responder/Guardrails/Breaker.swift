// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// When acts go wrong too often, they stop for a while: whatever is broken (a webhook, the network, our rights) is not helped by more.
public struct Breaker: Sendable, Hashable {
    /// How many acts must have gone wrong within the window; 0 for no breaker.
    public var errors: Int
    /// Which share of the acts within the window that must be, in percent.
    public var percent: Int
    /// The window, in seconds.
    public var windowSeconds: Int
    /// How long nothing is done after the last error, in seconds. Then one act is let through; when it ends well, all are.
    public var pauseSeconds: Int

    /// States when it opens, and for how long.
    public init(errors: Int = 5, percent: Int = 50, windowSeconds: Int = 300, pauseSeconds: Int = 60) {
        self.errors = errors
        self.percent = percent
        self.windowSeconds = windowSeconds
        self.pauseSeconds = pauseSeconds
    }

    /// Where the breaker stands.
    public enum State: Sendable, Hashable {
        /// Acts go through.
        case closed
        /// So many acts of so many went wrong, and nothing is done for so many nanoseconds more.
        case open(errors: Int, acts: Int, wait: UInt64)
        /// The pause is over: one act is let through to see how it goes; true while it is under way.
        case halfOpen(errors: Int, acts: Int, isTried: Bool)
    }

    /// Reads the state from how acts ended. A clock that was set back leaves it as closed or open as it was.
    public func state(_ ends: [PastEnd], now: Timestamp) -> State {
        guard errors > 0 else { return .closed }
        let window = nanoseconds(windowSeconds), pause = nanoseconds(pauseSeconds)
        let recent = counted(ends.filter { $0.ended.map { now.nanoseconds(since: $0) < window } ?? true }, pause)
        let finished = recent.filter { $0.ended != nil }
        let wrong = finished.filter(\.isError)
        guard wrong.count >= errors, wrong.count * 100 >= percent * finished.count, let last = wrong.compactMap(\.ended).max() else {
            return .closed
        }
        let age = now.nanoseconds(since: last)
        guard age >= pause else { return .open(errors: wrong.count, acts: finished.count, wait: pause - age) }
        let isTried = recent.contains { $0.ended == nil && $0.began.nanoseconds(since: last) >= pause }
        return .halfOpen(errors: wrong.count, acts: finished.count, isTried: isTried)
    }

    // An act that was let through after a pause, and ended well, closes the breaker: what was before it counts no more.
    private func counted(_ ends: [PastEnd], _ pause: UInt64) -> [PastEnd] {
        let wrong = ends.filter(\.isError).compactMap(\.ended)
        let closing = ends.filter { end in
            guard let ended = end.ended, !end.isError, let last = wrong.filter({ $0 <= ended }).max() else { return false }
            return end.began.nanoseconds(since: last) >= pause
        }.compactMap(\.ended).max()
        guard let closing else { return ends }
        return ends.filter { $0.ended.map { $0 >= closing } ?? true }
    }
}

/// While the breaker is open nothing is changed; observing goes on.
func breakerIsClosed(_ facts: Facts, _ settings: GuardrailSettings) -> Refusal? {
    guard facts.act.kind != .observe else { return nil }
    switch settings.breaker.state(facts.ends, now: facts.now) {
    case .closed, .halfOpen(_, _, isTried: false): return nil
    case .open(let errors, let acts, let wait):
        return Refusal(
            .breaker,
            "\(errors) of the last \(acts) acts within \(settings.breaker.windowSeconds) s went wrong, so nothing is done for "
                + "\(seconds(wait)) s more; look at what fails (guardrails.breaker)")
    case .halfOpen(let errors, let acts, isTried: true):
        return Refusal(
            .breaker,
            "\(errors) of the last \(acts) acts within \(settings.breaker.windowSeconds) s went wrong; one act is under way to see whether "
                + "that is over, and until it ends nothing else is done (guardrails.breaker)")
    }
}
