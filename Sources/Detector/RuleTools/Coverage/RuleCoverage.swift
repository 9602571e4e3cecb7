// SPDX-License-Identifier: Apache-2.0

import EventModel
public import RuleLanguage

/// What a rule set would see: by technique and tactic of MITRE ATT&CK, as the rules' tags name them, and by event type.
public struct RuleCoverage: Sendable, Hashable {
    /// How much of what a rule is about this version reports.
    public enum Sight: String, Sendable, Comparable {
        /// The rule is switched off.
        case off
        /// None of the rule's events are reported: it can never match.
        case none
        /// Some of the rule's event types are reported.
        case partly
        /// All of the rule's event types are reported.
        case whole

        /// By how much is seen.
        public static func < (left: Sight, right: Sight) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .off: 0
            case .none: 1
            case .partly: 2
            case .whole: 3
            }
        }
    }

    /// A rule as far as it counts for a group.
    public struct Watcher: Sendable, Hashable {
        /// The rule's name.
        public let rule: String
        /// How much of what it is about is reported.
        public let sight: Sight
    }

    /// A technique such as `T1059.004`, a tactic such as `mitre_execution`, or an event type such as `openat`, with its rules.
    public struct Group: Sendable, Hashable {
        /// What the group is named.
        public let name: String
        /// The rules that name it, in definition order.
        public let watchers: [Watcher]

        /// The most that any of its rules sees.
        public var sight: Sight { watchers.map(\.sight).max() ?? .none }
    }

    /// By technique, sorted; a rule that names a part, such as `T1059.004`, counts for that part only.
    public let techniques: [Group]
    /// By tactic, sorted.
    public let tactics: [Group]
    /// By event type of syscalls, sorted; what a type's rules see of their other types does not count here.
    public let eventTypes: [Group]
    /// The rules whose tags name no technique and no tactic, in definition order.
    public let untagged: [Watcher]

    /// Reads the tags and event types of all rules, the disabled ones among them.
    public init(_ set: RuleSet) {
        let watchers = set.rules.map { ($0, Watcher(rule: $0.name.text, sight: Sight($0))) }
        techniques = Self.groups(watchers) { $0.tags.filter(Self.isTechnique) }
        tactics = Self.groups(watchers) { $0.tags.filter(Self.isTactic) }
        eventTypes = Self.groups(set.rules.flatMap { rule in rule.eventTypes.map { (rule, Self.watcher(rule, of: $0), $0) } })
        untagged = watchers.filter { rule, _ in !rule.tags.contains { Self.isTechnique($0) || Self.isTactic($0) } }.map(\.1)
    }

    fileprivate static let reportedTypes = Set(WrittenEvent.kinds.map(\.name))

    /// `T` and four digits, and for a part of a technique a dot and three more.
    static func isTechnique(_ tag: String) -> Bool { tag.wholeMatch(of: /T[0-9]{4}(\.[0-9]{3})?/) != nil }

    private static func isTactic(_ tag: String) -> Bool { tag.hasPrefix("mitre_") }

    private static func watcher(_ rule: Rule, of type: String) -> Watcher {
        let sight: Sight = !rule.enabled ? .off : reportedTypes.contains(type) ? .whole : .none
        return Watcher(rule: rule.name.text, sight: sight)
    }

    private static func groups(_ watchers: [(Rule, Watcher)], by names: (Rule) -> [String]) -> [Group] {
        groups(watchers.flatMap { rule, watcher in names(rule).map { (rule, watcher, $0) } })
    }

    private static func groups(_ named: [(rule: Rule, watcher: Watcher, name: String)]) -> [Group] {
        Dictionary(grouping: named, by: \.name).map { Group(name: $0, watchers: $1.map(\.watcher)) }.sorted { $0.name < $1.name }
    }
}

extension RuleCoverage.Sight {
    fileprivate init(_ rule: Rule) {
        let reported = rule.eventTypes.count(where: RuleCoverage.reportedTypes.contains)
        self =
            if !rule.enabled {
                .off
            } else if EventSource(rawValue: rule.source)?.isCaptured != true || reported == 0 && !rule.eventTypes.isEmpty {
                .none
            } else {
                reported == rule.eventTypes.count ? .whole : .partly
            }
    }
}
