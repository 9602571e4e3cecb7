// SPDX-License-Identifier: Apache-2.0

/// How long to wait before the next try: twice as long each time, up to a limit, and by chance up to half of that less, so that
/// many who failed together do not come back together.
struct Backoff {
    private let first: Duration
    private let longest: Duration
    private var next: Duration

    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
        next = first
    }

    /// The next wait; at least what the other side asked for. `chance` is from 0 up to 1.
    mutating func wait(asked: Duration?, chance: Double) -> Duration {
        let wait = next * (1 - chance / 2)
        next = min(next * 2, longest)
        return max(wait, asked ?? .zero)
    }

    mutating func reset() { next = first }
}
