// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import RuleLanguage
internal import Synchronization

/// What each rule did and cost since it was first loaded. Matches are counted; what a rule cost is an estimate, from events taken by chance
/// (`RuleSampler`). Written by the detection thread, read by any.
public final class RuleBook: Sendable {
    /// What one rule did and cost.
    public struct Entry: Sendable, Hashable {
        /// The rule.
        public let rule: RuleName
        /// How grave its alerts are.
        public let priority: Priority
        /// Where its events come from.
        public let source: String
        /// How many events it matched.
        public fileprivate(set) var matches: UInt64 = 0
        /// For how many of the sampled events its condition was walked: for the others, shape, process or texts had ruled it out.
        public fileprivate(set) var walks: UInt64 = 0
        /// How long these walks took, in nanoseconds.
        public fileprivate(set) var nanoseconds: UInt64 = 0

        init(_ rule: Rule) {
            (self.rule, priority, source) = (rule.name, rule.priority, rule.source)
        }
    }

    /// All of it at one moment.
    public struct Content: Sendable, Hashable {
        /// How many events were judged for each that was sampled, on average: estimates are the samples' figures times this.
        public let eventsPerSample: UInt64
        /// How many events were sampled.
        public fileprivate(set) var samples: UInt64 = 0
        /// What finding out which rules may hold took in them, in nanoseconds: the work that all rules share.
        public fileprivate(set) var narrowing: UInt64 = 0
        /// The rules, in definition order; Saker's own that matched are behind them.
        public fileprivate(set) var entries: [Entry] = []
        fileprivate var places: [RuleName: Int] = [:]

        /// An estimate of the processor time that a rule has taken, in seconds.
        public func seconds(_ entry: Entry) -> Double { seconds(entry.nanoseconds) }
        /// An estimate of the processor time that the work which all rules share has taken, in seconds.
        public var narrowingSeconds: Double { seconds(narrowing) }

        private func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) * Double(eventsPerSample) / 1e9 }
    }

    private let state = Mutex(Content(eventsPerSample: RuleSampler.interval))

    /// An empty one.
    public init() {}

    /// What is known now.
    public var content: Content { state.withLock { $0 } }

    /// Goes on with these rules: figures of those that stay are kept.
    func begin(with rules: RuleSet) {
        state.withLock { state in
            state.entries = rules.rules.filter(\.enabled).map { rule in state.places[rule.name].map { state.entries[$0] } ?? Entry(rule) }
            state.places = Dictionary(uniqueKeysWithValues: zip(state.entries.map(\.rule), 0...))
        }
    }

    /// Counts a match.
    func add(match rule: Rule) {
        state.withLock { state in
            let place = state.places[rule.name] ?? state.entries.count
            if place == state.entries.count {
                state.entries.append(Entry(rule))
                state.places[rule.name] = place
            }
            state.entries[place].matches += 1
        }
    }

    /// Adds a sampled event.
    func add(sample times: RuleTimes, of rules: RuleSet) {
        state.withLock { state in
            state.samples += 1
            state.narrowing += times.narrowing
            for walk in times.walks {
                guard let place = state.places[rules.rules[walk.rule].name] else { continue }
                state.entries[place].walks += 1
                state.entries[place].nanoseconds += walk.nanoseconds
            }
        }
    }
}
