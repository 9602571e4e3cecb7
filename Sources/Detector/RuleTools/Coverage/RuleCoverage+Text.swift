// SPDX-License-Identifier: Apache-2.0

public import EventModel

extension RuleCoverage {
    /// An object with `techniques`, `tactics` and `event_types`, each an array of `name`, `seen` (`whole`, `partly`, `none` or `off`)
    /// and `rules` (of `name` and `seen`), and `untagged`, an array of such rules.
    public var json: JSONValue {
        [
            "techniques": .array(techniques.map(\.json)), "tactics": .array(tactics.map(\.json)),
            "event_types": .array(eventTypes.map(\.json)), "untagged": .array(untagged.map(\.json)),
        ]
    }

    /// Tables for a terminal of that width, and a sum; nil for lines of any length.
    public func text(width: Int? = nil) -> String {
        let tables = [("TECHNIQUE", techniques), ("TACTIC", tactics), ("EVENT TYPE", eventTypes)].filter { !$1.isEmpty }
        let sum = "\(techniques.count { $0.sight >= .partly }) of \(techniques.count) techniques and "
            + "\(eventTypes.count { $0.sight == .whole }) of \(eventTypes.count) event types that rules name are seen"
        let rest = untagged.isEmpty ? "" : "; \(untagged.count) rules name no technique and no tactic"
        return tables.map { Self.table($0, $1, width) + "\n" }.joined() + sum + rest + "\n"
    }

    private static func table(_ heading: String, _ groups: [Group], _ width: Int?) -> String {
        var table = TextTable(columns: [heading, "SEEN", "RULES"], wrapping: [2])
        for group in groups {
            let rules = group.watchers.map { $0.sight == .whole ? $0.rule : "\($0.rule) (\($0.sight.rawValue))" }
            table.add([group.name, group.sight.rawValue, rules.joined(separator: ", ")])
        }
        return table.text(width: width)
    }
}

extension RuleCoverage.Group {
    fileprivate var json: JSONValue {
        ["name": .string(name), "seen": .string(sight.rawValue), "rules": .array(watchers.map(\.json))]
    }
}

extension RuleCoverage.Watcher {
    fileprivate var json: JSONValue { ["name": .string(rule), "seen": .string(sight.rawValue)] }
}
