// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import RuleLanguage

/// Takes events by chance, one of 256 on average, whose rules are timed one by one. The gaps are drawn, so that events which come in a
/// rhythm are taken as often as any.
struct RuleSampler {
    /// How many events there are for each that is taken, on average.
    static let interval: UInt64 = 256

    /// How long the taken event's rules took.
    var times: RuleTimes
    private var left: UInt64
    private var random: UInt64
    private var begin: UInt64 = 0

    // What two readings of two clocks may differ by.
    private static let tolerance: UInt64 = 1_000

    init(seed: UInt64) {
        times = RuleTimes(clock: RuleOrder.monotonic)
        random = seed | 1
        left = Self.interval
    }

    /// True when the next event is to be taken.
    @inline(__always)
    mutating func isDue() -> Bool {
        left -= 1
        return left == 0 ? draw() : false
    }

    private mutating func draw() -> Bool {
        // Marsaglia's xorshift: gaps of 1 to 511 events, 256 on average.
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        left = 1 + random % (2 * Self.interval - 1)
        begin = Self.threadTime()
        return true
    }

    /// False when this thread did not have the processor all the time while the event was timed: another is taken in its place, or the
    /// wait would count as some rule's work two hundred times over.
    mutating func isSound() -> Bool {
        let sound = times.total <= Self.threadTime() &- begin &+ Self.tolerance
        if !sound { left = 1 }
        return sound
    }

    // How long this thread has run, in nanoseconds; a system call, where the other clock is none.
    private static func threadTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
