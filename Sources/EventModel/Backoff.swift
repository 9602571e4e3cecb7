// SPDX-License-Identifier: Apache-2.0

/// How long to wait before the next try: twice as long each time, up to a limit, and by chance up to half of that less, so that many who
/// failed together do not come back together.
public struct Backoff: Sendable, Hashable {
    /// The longest first wait.
    public let first: Duration
    /// The longest wait of all.
    public let cap: Duration
    private var failures = 0

    /// Waits of at most `first`, twice, four times that, and so on up to `cap`.
    public init(first: Duration, cap: Duration) {
        self.first = first
        self.cap = cap
    }

    /// The next wait; `jitter` is a random number from 0 up to 1.
    public mutating func next(jitter: Double) -> Duration {
        let whole = min(cap, first * (1 << min(failures, 30)))
        failures += 1
        return whole * (1 - jitter / 2)
    }

    /// Begins anew after a success.
    public mutating func reset() { failures = 0 }
}
