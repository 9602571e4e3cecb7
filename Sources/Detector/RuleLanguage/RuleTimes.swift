// SPDX-License-Identifier: Apache-2.0

/// How long matching one event took, rule by rule: the clock is read twice a walk, and what a reading takes is left out. So it tells of one
/// event what `RuleCosts`, which reads the clock at each comparison too, cannot tell without making it slower.
public struct RuleTimes: Sendable {
    /// One rule whose condition was walked.
    public struct Walk: Sendable, Hashable {
        /// The rule's place in `RuleSet.rules`.
        public let rule: Int
        /// Its time in nanoseconds, with the comparisons that it was the first to ask.
        public let nanoseconds: UInt64
    }

    /// The rules whose conditions were walked for the latest event.
    public private(set) var walks: [Walk] = []
    /// What finding out which rules those are took, in nanoseconds: the work that all rules share.
    public private(set) var narrowing: UInt64 = 0
    /// What all of it took, in nanoseconds, the clock's readings with it.
    public private(set) var total: UInt64 = 0

    private let clock: @Sendable () -> UInt64
    private var reading: UInt64 = 0
    private var start: UInt64 = 0

    /// Begins with nothing; `clock` tells nanoseconds.
    public init(clock: @escaping @Sendable () -> UInt64) { self.clock = clock }

    mutating func begin() {
        walks.removeAll(keepingCapacity: true)
        let before = clock()
        start = clock()
        reading = start > before ? start - before : 0
    }

    mutating func end() {
        let inWalks = walks.reduce(0) { $0 &+ $1.nanoseconds &+ reading &+ reading }
        let all = elapsed(since: start)
        total = all &+ reading
        narrowing = all > inWalks ? all - inWalks : 0
    }

    private func elapsed(since start: UInt64) -> UInt64 {
        let now = clock()
        return now > start &+ reading ? now - start - reading : 0
    }
}

extension RuleTimes: Meter {
    func now() -> UInt64 { 0 }

    func beginWalk() -> UInt64 { clock() }

    mutating func answered(slot: Int, _ result: Bool) {}

    mutating func evaluated(slot: Int, _ result: Bool, since start: UInt64) {}

    mutating func looked(unit: Int, since start: UInt64) {}

    mutating func walked(rule: Int, _ result: Bool, since start: UInt64) {
        walks.append(Walk(rule: rule, nanoseconds: elapsed(since: start)))
    }
}
