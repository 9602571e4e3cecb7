// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import SourceText
import Testing

@testable import RuleLanguage

/// The compiled program against the naive one. A run can be told what is random in it: SAKER_TEST_SEED.
@Suite("The compiled program agrees with the naive one") struct DifferentialTests {
    @Test("on random events of processes that change, for random conditions", arguments: 0..<16) func random(_ round: Int) throws {
        let seed = SeededNumbers.seed &+ UInt64(round)
        var conditions = RandomConditions(numbers: SeededNumbers(seed: seed))
        let file = SourceFile(name: "random.yaml", text: Self.rules((0..<100).map { _ in conditions.condition() }))
        let naive = NaiveMatcher([file])
        let result = RuleLoader.load([file])
        let set = try #require(result.ruleSet, "seed \(seed): \(result.diagnostics.rendered(from: [file]).prefix(2_000))")
        try #require(naive.rules.count == set.rules.count && naive.rules.count > 20, "seed \(seed)")
        var compared = Compared(set, naive, lineSets: round % 2 == 0 ? 1 : 128)
        var events = RandomEvents(numbers: SeededNumbers(seed: seed &+ 1_000_000))
        for number in 0..<250 {
            if number == 120 { compared.order() }
            let fixture = events.next()
            guard compared.agree(fixture.event) else {
                Issue.record("seed \(seed), event \(number) (\(fixture.event.kind.name)): \(compared.difference)")
                return
            }
        }
        #expect(compared.matches > 100, "seed \(seed): random conditions hold now and then")
    }

    // Conditions that the checker refuses are left out beforehand: which is which is not the question here.
    private static func rules(_ conditions: [String]) -> String {
        var text = ""
        for (number, condition) in conditions.enumerated() {
            let rule = """
                - rule: r\(number)
                  desc: d
                  priority: INFO
                  output: o
                  warn_evttypes: false
                  condition: |
                    \(condition)

                """
            if RuleLoader.load([SourceFile(name: "one.yaml", text: rule)]).ruleSet != nil { text += rule }
        }
        return text
    }
}

/// Both matchers beside each other, for the first match and for all.
struct Compared {
    private let naive: NaiveMatcher
    private var first: RuleMatcher
    private var all: RuleMatcher
    private var costs: RuleCosts
    private let lineSets: Int
    private(set) var matches: Int
    private(set) var difference = ""

    init(_ set: RuleSet, _ naive: NaiveMatcher, lineSets: Int = 128, matches: Int = 0) {
        self.naive = naive
        self.lineSets = lineSets
        self.matches = matches
        // A clock that stands still, so that the order depends on the events alone.
        costs = RuleCosts(of: set) { 0 }
        first = RuleMatcher(set, matching: .first, hostname: "node-1", userNames: EventSpec.userNames)
        all = RuleMatcher(set, matching: .all, hostname: "node-1", userNames: EventSpec.userNames)
        let reader = FieldReader(hostname: "node-1", userNames: EventSpec.userNames)
        first.walk = Walk(set.program, reader: reader, lineSets: lineSets)
        all.walk = Walk(set.program, reader: FieldReader(hostname: "node-1", userNames: EventSpec.userNames), lineSets: lineSets)
    }

    /// Goes on with the rules in the order that the events so far ask for.
    mutating func order() {
        let set = all.rules.ordered(by: costs)
        self = Compared(set, naive, lineSets: lineSets, matches: matches)
    }

    mutating func agree(_ event: Event) -> Bool {
        let expected = naive.matches(event, .all)
        var found: (first: [String], all: [String]) = ([], [])
        first.match(event) { found.first.append($0.name.text) }
        all.match(event, costs: &costs) { found.all.append($0.name.text) }
        matches += expected.count
        if found.all == expected, found.first == Array(expected.prefix(1)) { return true }
        let rules = Set(found.all).symmetricDifference(expected).union(found.first).sorted()
        let conditions = naive.rules.filter { rules.contains($0.name) }.map { "\($0.name): \($0.condition)" }
        let shown = String(conditions.joined(separator: "\n").prefix(3_000))
        difference = "naive \(expected), all \(found.all), first \(found.first): \(shown)"
        return false
    }
}
