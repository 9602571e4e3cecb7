// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import RuleLanguage

/// What a rule set holds, in definition order.
public struct RuleListing: Sendable, Hashable {
    /// One rule.
    public struct Entry: Sendable, Hashable {
        /// The rule's name.
        public let name: String
        /// Where its events come from, such as `syscall`.
        public let source: String
        /// How grave its alerts are.
        public let priority: Priority
        /// False for a rule that is never run.
        public let enabled: Bool
        /// Its tags, sorted.
        public let tags: [String]
        /// The fields that its condition and output read, sorted.
        public let fields: [String]
        /// The event types that it can match, sorted; empty when its condition names none.
        public let eventTypes: [String]
    }

    /// The rules.
    public let entries: [Entry]

    /// Lists the rules of a set, the disabled ones among them.
    public init(_ set: RuleSet) {
        entries = set.rules.map { rule in
            Entry(
                name: rule.name.text, source: rule.source, priority: rule.priority, enabled: rule.enabled, tags: rule.tags,
                fields: rule.fields, eventTypes: rule.eventTypes)
        }
    }

    /// An array with an object a rule: `name`, `source`, `priority` (Falco's word), `enabled`, `tags`, `fields` and `event_types`.
    public var json: JSONValue {
        .array(
            entries.map { entry in
                [
                    "name": .string(entry.name), "source": .string(entry.source), "priority": .string(entry.priority.name),
                    "enabled": .bool(entry.enabled), "tags": .array(entry.tags.map { .string($0) }),
                    "fields": .array(entry.fields.map { .string($0) }), "event_types": .array(entry.eventTypes.map { .string($0) }),
                ]
            })
    }

    /// A table for a terminal of that width; nil for lines of any length.
    public func text(width: Int? = nil) -> String {
        var table = TextTable(columns: ["PRIORITY", "ENABLED", "SOURCE", "RULE", "EVENT TYPES"], wrapping: [3, 4])
        for entry in entries {
            let types = entry.eventTypes.isEmpty ? "all" : entry.eventTypes.joined(separator: ", ")
            table.add([entry.priority.name, entry.enabled ? "yes" : "no", entry.source, entry.name, types])
        }
        return table.text(width: width)
    }
}
