// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import RuleLanguage
internal import Synchronization

/// When it is measured what the rules' comparisons cost and how often they hold: for the first events, and again each time that sixteen
/// times as many have passed. What comes of it is compiled on another thread, and taken up between two events.
struct RuleOrder {
    private let window: UInt64
    private let clock: @Sendable () -> UInt64
    /// What the events now cost; nil while nothing is measured.
    var costs: RuleCosts?
    private var seen: UInt64 = 0
    /// The count of events at which something is to be done.
    private var due: UInt64
    private var plan: OrderPlan?

    /// Measures so many events at a time, none for 0.
    init(of rules: RuleSet, window: Int, clock: @escaping @Sendable () -> UInt64) {
        self.window = UInt64(window)
        self.clock = clock
        due = window == 0 ? .max : UInt64(window)
        costs = window == 0 ? nil : RuleCosts(of: rules, clock: clock)
    }

    /// Counts an event; gives the rules in their new order when they are ready.
    @inline(__always)
    mutating func count(_ rules: RuleSet) -> RuleSet? {
        seen += 1
        return seen >= due ? turn(rules) : nil
    }

    private mutating func turn(_ rules: RuleSet) -> RuleSet? {
        if let measured = costs {
            let plan = OrderPlan()
            Task.detached { plan.put(rules.ordered(by: measured)) }
            self.plan = plan
            costs = nil
            due = seen + Self.pause
        } else if let plan {
            guard let ordered = plan.ordered else {
                due = seen + Self.pause
                return nil
            }
            self.plan = nil
            due = seen * 16
            return ordered
        } else {
            costs = RuleCosts(of: rules, clock: clock)
            due = seen + window
        }
        return nil
    }

    // How many events pass between two looks at whether a plan is ready.
    private static let pause: UInt64 = 256

    /// Nanoseconds of a clock that only goes forward.
    static let monotonic: @Sendable () -> UInt64 = {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Where rules wait that were compiled beside.
private final class OrderPlan: Sendable {
    private let rules = Mutex<RuleSet?>(nil)

    var ordered: RuleSet? { rules.withLock { $0 } }

    func put(_ ordered: RuleSet) { rules.withLock { $0 = ordered } }
}
