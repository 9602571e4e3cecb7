// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// How many rules may match one event.
public enum RuleMatching: String, Sendable, CaseIterable {
    /// The first in definition order (the dialect's default).
    case first
    /// Each one.
    case all
}

/// Runs events through a rule set. It keeps memory between events, so each thread has its own; an event that matches nothing
/// allocates nothing.
public struct RuleMatcher {
    /// The rules.
    public let rules: RuleSet
    /// How many rules may match one event.
    public let matching: RuleMatching

    var walk: Walk

    /// Makes a matcher; `hostname` and `userNames` answer for fields that an event does not carry; `symlinks` says which
    /// paths of an opened file comparisons know.
    public init(
        _ rules: RuleSet, matching: RuleMatching = .first, hostname: String = "", symlinks: SymlinkReading = .either,
        userNames: @escaping UserNames = { uid, _ in uid == 0 ? "root" : nil }
    ) {
        self.rules = rules
        self.matching = matching
        walk = Walk(rules.program, reader: FieldReader(hostname: hostname, symlinks: symlinks, userNames: userNames))
    }

    /// Calls `found` with each rule that matches, in definition order.
    public mutating func match(_ event: Event, _ found: (borrowing Rule) -> Void) {
        withUnsafePointer(to: event) { match(at: $0, found) }
    }

    /// The same for an event where it is: to hand on a copy would cost as much as some rules.
    public mutating func match(at event: UnsafePointer<Event>, _ found: (borrowing Rule) -> Void) {
        var meter = NoMeter()
        run(event, &meter, found)
    }

    /// Matches as ever, and adds to `costs` what it cost; those are made of the same rule set.
    public mutating func match(_ event: Event, costs: inout RuleCosts, _ found: (borrowing Rule) -> Void) {
        costs.countEvent()
        withUnsafePointer(to: event) { run($0, &costs, found) }
    }

    /// Matches as ever, and puts into `times` how long it took, rule by rule.
    public mutating func match(at event: UnsafePointer<Event>, times: inout RuleTimes, _ found: (borrowing Rule) -> Void) {
        times.begin()
        run(event, &times, found)
        times.end()
    }

    private mutating func run<M: Meter>(_ event: UnsafePointer<Event>, _ meter: inout M, _ found: (borrowing Rule) -> Void) {
        walk.begin(event, &meter)
        while let index = walk.next(event, &meter) {
            found(rules.rules[index])
            if matching == .first { return }
        }
    }

    /// True when a rule matches.
    public mutating func matches(_ event: Event) -> Bool {
        var meter = NoMeter()
        return withUnsafePointer(to: event) { event in
            walk.begin(event, &meter)
            return walk.next(event, &meter) != nil
        }
    }
}
