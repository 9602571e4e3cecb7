// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText
import Synchronization
import Testing

@testable import RuleLanguage

@Suite("What rules cost") struct RuleCostsTests {
    private static let rules = """
        - {rule: read, desc: d, condition: "evt.type = open and fd.name = /a and proc.name = sh", output: o, priority: INFO}
        - {rule: other, desc: d, condition: "evt.type = open and fd.name = /b and user.uid = 0", output: o, priority: INFO}
        - {rule: any, desc: d, condition: "evt.type = open and user.uid = 0", output: o, priority: INFO}
        - {rule: off, desc: d, condition: "evt.type = open and user.uid = 7", output: o, priority: INFO, enabled: false}
        """

    private final class Clock: Sendable {
        private let time = Mutex<UInt64>(0)

        /// Goes on by 1 each time that it is read.
        func read() -> UInt64 {
            time.withLock { time in
                time += 1
                return time
            }
        }
    }

    @Test("is counted per rule, per comparison and per group, and changes no match") func counts() throws {
        let set = try #require(RuleLoader.load([SourceFile(name: "r", text: Self.rules)]).ruleSet)
        let clock = Clock()
        var costs = RuleCosts(of: set) { clock.read() }
        var matcher = RuleMatcher(set, matching: .all)
        let process = ProcessFixture.node("sh")
        var names: [String] = []
        for path in ["/a", "/a", "/c"] {
            let fixture = EventFixture(
                kind: .open, result: 3, process: process,
                detail: .open(rawPath: path, path: path, flags: 0, mode: 0, directory: -100, isDirectory: false))
            matcher.match(fixture.event, costs: &costs) { names.append($0.name.text) }
        }
        #expect(names == ["read", "any", "read", "any", "any"])
        #expect(costs.events == 3)
        #expect(costs.rules.map(\.walks) == [2, 0, 3, 0])
        #expect(costs.rules.map(\.matches) == [2, 0, 3, 0])
        #expect(costs.rules[0].nanoseconds > 0 && costs.rules[1].nanoseconds == 0)
        let uid = try #require(costs.comparisons.first { $0.text == "user.uid = 0" })
        #expect(uid.evaluations == 3 && uid.trues == 3 && uid.asked == 3 && uid.nanoseconds == 3)
        let path = try #require(costs.comparisons.first { $0.text == "fd.name = /a" })
        let group = try #require(path.group.map { costs.groups[$0] })
        #expect(group.text == "fd.name" && group.comparisons == 2 && group.evaluations == 3)
        // The process has not changed, so its name was looked up once.
        #expect(costs.groups.first { $0.text == "proc.name" }?.evaluations == 1)
    }

    @Test("is timed for one event rule by rule, without what the clock's readings take") func times() throws {
        let set = try #require(RuleLoader.load([SourceFile(name: "r", text: Self.rules)]).ruleSet)
        let readings = Mutex<[UInt64]>([])
        var matcher = RuleMatcher(set, matching: .all)
        // A reading takes 2; so the clock itself leaves nothing of a walk, and what comes on top is the walk's.
        var times = RuleTimes {
            readings.withLock { readings in
                let extra: UInt64 = readings.count == 3 ? 10 : 0
                readings.append((readings.last ?? 100) + 2 + extra)
                return readings.last ?? 0
            }
        }
        let fixture = EventFixture(
            kind: .open, result: 3, process: ProcessFixture.node("sh"),
            detail: .open(rawPath: "/a", path: "/a", flags: 0, mode: 0, directory: -100, isDirectory: false))
        var names: [String] = []
        withUnsafePointer(to: fixture.event) { event in
            matcher.match(at: event, times: &times) { names.append($0.name.text) }
            #expect(names == ["read", "any"])
            #expect(times.walks.map(\.rule) == [0, 2])
            #expect(times.walks.map(\.nanoseconds) == [10, 0])
            #expect(times.narrowing == 0 && times.total == 20)
            matcher.match(at: event, times: &times) { _ in }
            #expect(times.walks.count == 2, "only the latest event's")
        }
    }

    @Test("orders the parts of each condition by what decides it at the least cost", arguments: [true, false])
    func order(_ isMeasured: Bool) throws {
        let rules = """
            - rule: both
              desc: d
              condition: evt.type = open and user.uid = 0 and (user.loginuid = 7 or proc.tty = 0)
              output: o
              priority: INFO
            """
        var set = try #require(RuleLoader.load([SourceFile(name: "r", text: rules)]).ruleSet)
        let clock = Clock()
        var costs = RuleCosts(of: set) { clock.read() }
        var matcher = RuleMatcher(set)
        // The user is always the right one, and it is always the second part of the rest that holds, or seldom both.
        for number in 0..<100 {
            let fixture = EventFixture(
                kind: .open, result: 3, uid: 0, loginuid: 1000, tty: number % 50 == 0 ? 0 : 1, process: ProcessFixture.node("sh"),
                detail: .open(rawPath: "/a", path: "/a", flags: 0, mode: 0, directory: -100, isDirectory: false))
            matcher.match(fixture.event, costs: &costs) { _ in }
        }
        if isMeasured { set = set.ordered(by: costs) }
        let wanted: [Field] = isMeasured ? [.processTerminal, .userLoginID, .userID] : [.userID, .userLoginID, .processTerminal]
        #expect(Self.fields(set.program) == wanted)
        let held = Dictionary(uniqueKeysWithValues: costs.comparisons.map { ($0.text, $0.held) })
        #expect(held["user.uid = 0"] == 100 && held["user.loginuid = 7"] == 0 && held["proc.tty = 0"] == 2)
    }

    // In the order in which they stand in the walk, the last step of which is filed first.
    private static func fields(_ program: Program) -> [Field] {
        var found: [Field] = [], place = program.walks[0].rest
        while place >= 0 {
            let step = program.steps[Int(place)]
            found.append(program.tests[Int(step.slot)].left.field)
            place = max(step.whenTrue, step.whenFalse)
        }
        return found
    }

    @Test("is nothing for a rule that the shape of an event leaves no way to hold") func shape() throws {
        let rule = """
            - rule: either
              desc: d
              condition: (evt.type = open and evt.is_open_write = true and fd.name startswith /a) or (evt.type = execve and proc.name = sh)
              output: o
              priority: INFO
            """
        let set = try #require(RuleLoader.load([SourceFile(name: "r", text: rule)]).ruleSet)
        var costs = RuleCosts(of: set) { 0 }
        var matcher = RuleMatcher(set)
        for flags: UInt32 in [0, 1] {
            let fixture = EventFixture(
                kind: .open, result: 3, process: ProcessFixture.node("sh"),
                detail: .open(rawPath: "/a", path: "/a", flags: flags, mode: 0, directory: -100, isDirectory: false))
            matcher.match(fixture.event, costs: &costs) { _ in }
        }
        #expect(costs.rules[0].walks == 1 && costs.rules[0].matches == 1)
    }
}
