// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import Synchronization
import Testing

@testable import RuleTools

@Suite("What rules cost, told") struct CostReportTests {
    private final class Ticks: Sendable {
        private let time = Mutex<UInt64>(0)

        /// Goes on by a microsecond each time that it is read.
        func read() -> UInt64 {
            time.withLock { time in
                time += 1_000
                return time
            }
        }
    }

    @Test("orders rules and comparisons by their time, and leaves out what no event came to") func order() throws {
        let set = try loaded(
            """
            - {rule: cheap, desc: d, condition: "evt.type = openat and user.uid = 0", output: o, priority: INFO}
            - {rule: costly, desc: d, condition: "evt.type = execve and user.uid = 0 and proc.tty = 0", output: o, priority: INFO}
            - {rule: never, desc: d, condition: "evt.type = connect and user.uid = 7", output: o, priority: INFO}
            """)
        let ticks = Ticks()
        var costs = RuleCosts(of: set) { ticks.read() }
        var matcher = RuleMatcher(set, matching: .all)
        for type in ["execve", "execve", "openat"] {
            let event = try WrittenEvent([GivenField(try FieldReference("evt.type"), type)])
            matcher.match(event.owned.event, costs: &costs) { _ in }
        }
        let report = CostReport(set, costs)
        #expect(report.events == 3)
        #expect(report.rules.map(\.name) == ["costly", "cheap"])
        #expect(report.rules.map(\.cost.matches) == [2, 1])
        #expect(report.total == report.rules.reduce(0) { $0 + $1.cost.nanoseconds })
        #expect(report.comparisons.contains { $0.text == "proc.tty = 0" } && !report.comparisons.contains { $0.text == "user.uid = 7" })
        let text = report.text(top: 1)
        #expect(text.hasPrefix("3 events; rules were walked for "))
        #expect(text.contains("costly\nand 1 more rules\n"))
        #expect(report.json["rules"]?.array?.first?["name"] == "costly")
        #expect(report.json["events"] == 3)
    }

    @Test("tells times in the unit that fits") func times() {
        #expect(CostReport.time(1_250) == "1.2 us")
        #expect(CostReport.time(12_340_000) == "12.3 ms")
    }
}
