// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import RuleLanguage

/// What rules and their comparisons cost over a recording, the most costly first.
public struct CostReport: Sendable {
    /// The rules' names, with what each cost.
    public let rules: [(name: String, cost: RuleCosts.OfRule)]
    /// The comparisons that were asked.
    public let comparisons: [RuleCosts.OfComparison]
    /// The texts that were looked up, each for all comparisons that ask it alike.
    public let groups: [RuleCosts.OfGroup]
    /// How many events there were.
    public let events: UInt64

    /// Orders costs that were counted with a set. Rules and comparisons that no event came to are left out.
    public init(_ set: RuleSet, _ costs: RuleCosts) {
        let walked = costs.rules.filter { $0.walks > 0 }.sorted { ($0.nanoseconds, $1.rule) > ($1.nanoseconds, $0.rule) }
        rules = walked.map { (set.rules[$0.rule].name.text, $0) }
        comparisons = costs.comparisons.filter { $0.asked > 0 }.sorted { ($0.nanoseconds, $0.asked) > ($1.nanoseconds, $1.asked) }
        groups = costs.groups.filter { $0.evaluations > 0 }.sorted { $0.nanoseconds > $1.nanoseconds }
        events = costs.events
    }

    /// How long all rules were walked, in nanoseconds.
    public var total: UInt64 { rules.reduce(0) { $0 + $1.cost.nanoseconds } }

    /// Three tables of at most `top` lines each; for a terminal of that width.
    public func text(top: Int = 20, width: Int? = nil) -> String {
        let each = events == 0 ? 0 : total / events
        var text = "\(events) events; rules were walked for \(Self.time(total)), \(each) ns an event (reading the clock is in every time)\n"
        text += "\nRULES\n" + ruleTable(top).text(width: width) + Self.rest(rules.count, top, "rules")
        text += "\nCOMPARISONS, those of a group with their group's look\n" + comparisonTable(top).text(width: width)
        text += Self.rest(comparisons.count, top, "comparisons")
        text += "\nGROUPS: one look answers several comparisons\n" + groupTable(top).text(width: width)
        return text + Self.rest(groups.count, top, "groups")
    }

    private func ruleTable(_ top: Int) -> TextTable {
        var table = TextTable(columns: ["TIME", "SHARE", "WALKS", "MATCHES", "RULE"], wrapping: [4])
        for (name, cost) in rules.prefix(top) {
            let share = total == 0 ? 0 : cost.nanoseconds * 1000 / total
            table.add([Self.time(cost.nanoseconds), "\(share / 10).\(share % 10) %", "\(cost.walks)", "\(cost.matches)", name])
        }
        return table
    }

    private func comparisonTable(_ top: Int) -> TextTable {
        var table = TextTable(columns: ["TIME", "ASKED", "MADE", "TRUE", "COMPARISON"], wrapping: [4])
        for cost in comparisons.prefix(top) {
            let made = cost.group == nil ? "\(cost.evaluations)" : "group"
            let trues = cost.group == nil ? "\(cost.trues)" : "-"
            table.add([cost.group == nil ? Self.time(cost.nanoseconds) : "-", "\(cost.asked)", made, trues, cost.text])
        }
        return table
    }

    private func groupTable(_ top: Int) -> TextTable {
        var table = TextTable(columns: ["TIME", "LOOKS", "COMPARISONS", "TEXT"], wrapping: [3])
        for cost in groups.prefix(top) {
            table.add([Self.time(cost.nanoseconds), "\(cost.evaluations)", "\(cost.comparisons)", cost.text])
        }
        return table
    }

    private static func rest(_ count: Int, _ top: Int, _ what: String) -> String {
        count > top ? "and \(count - top) more \(what)\n" : ""
    }

    /// Microseconds below ten milliseconds, milliseconds above.
    static func time(_ nanoseconds: UInt64) -> String {
        nanoseconds < 10_000_000
            ? "\(nanoseconds / 1000).\(nanoseconds / 100 % 10) us" : "\(nanoseconds / 1_000_000).\(nanoseconds / 100_000 % 10) ms"
    }

    /// An object with `events`, `nanoseconds` (of all walks), and arrays `rules` (`name`, `walks`, `matches`, `nanoseconds`),
    /// `comparisons` (`text`, `asked`, `evaluations`, `trues`, `nanoseconds`, `in_group`) and `groups` (`text`, `comparisons`,
    /// `evaluations`, `nanoseconds`).
    public var json: JSONValue {
        [
            "events": Self.number(events), "nanoseconds": Self.number(total),
            "rules": .array(
                rules.map { name, cost in
                    [
                        "name": .string(name), "walks": Self.number(cost.walks), "matches": Self.number(cost.matches),
                        "nanoseconds": Self.number(cost.nanoseconds),
                    ]
                }),
            "comparisons": .array(comparisons.map(Self.json)), "groups": .array(groups.map(Self.json)),
        ]
    }

    private static func json(_ cost: RuleCosts.OfComparison) -> JSONValue {
        [
            "text": .string(cost.text), "asked": number(cost.asked), "evaluations": number(cost.evaluations), "trues": number(cost.trues),
            "nanoseconds": number(cost.nanoseconds), "in_group": .bool(cost.group != nil),
        ]
    }

    private static func json(_ cost: RuleCosts.OfGroup) -> JSONValue {
        [
            "text": .string(cost.text), "comparisons": .int(Int64(cost.comparisons)), "evaluations": number(cost.evaluations),
            "nanoseconds": number(cost.nanoseconds),
        ]
    }

    private static func number(_ number: UInt64) -> JSONValue { .int(Int64(clamping: number)) }
}
