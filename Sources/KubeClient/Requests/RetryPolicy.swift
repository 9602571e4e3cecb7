// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Decides after each failure of one call whether it is tried again.
public struct RetryDecision: Sendable, Hashable {
    /// What to do.
    public enum Answer: Sendable, Hashable {
        /// Hand the error to the caller.
        case giveUp
        /// Wait that long, then send the same call again.
        case retry(after: Duration)
    }

    /// A wait that the server asks for beyond this is the caller's business.
    private static let longestRetryAfter = Duration.seconds(30)

    private let limit: Int
    private var tries = 0
    private var backoff: Backoff

    /// At most `limit` tries in all.
    public init(limit: Int = 4, backoff: Backoff = Backoff(first: .milliseconds(100), cap: .seconds(5))) {
        self.limit = limit
        self.backoff = backoff
    }

    /// A call that changes nothing is tried again after any transient failure. A write is tried again only when it is known not to have
    /// been carried out: no byte of it was sent, or the server said "later" (429 or 503 with Retry-After) in place of doing it.
    public mutating func answer(to error: KubeError, verb: KubeCall.Verb, jitter: Double) -> Answer {
        tries += 1
        guard tries < limit else { return .giveUp }
        guard error.isTransient else { return .giveUp }
        let isPutOff = error.code == .tooManyRequests || error.code == .serverError && error.status == 503
        if let wait = error.retryAfter, isPutOff || !verb.isWrite {
            return wait <= Self.longestRetryAfter ? .retry(after: wait) : .giveUp
        }
        guard !verb.isWrite || error.isKnownUnsent else { return .giveUp }
        return .retry(after: backoff.next(jitter: jitter))
    }
}
