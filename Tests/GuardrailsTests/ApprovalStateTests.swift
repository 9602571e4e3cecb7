// SPDX-License-Identifier: Apache-2.0

import EventModel
import Guardrails
import Testing

@Suite struct ApprovalStateTests {
    private static let rule = ApprovalRule(people: 2, expiresSeconds: 60)

    private func state(_ votes: [(String, Bool, UInt64)], now: UInt64, _ rule: ApprovalRule = rule) -> ApprovalState {
        let answers = votes.map { ApprovalVote(by: $0.0, approves: $0.1, at: Given.time($0.2)) }
        return ApprovalState(rule, asked: Given.time(0), votes: answers, now: Given.time(now))
    }

    @Test("Two different people must agree where two are asked for, however a name is written")
    func two() {
        #expect(state([], now: 1) == .waiting(missing: 2, until: Given.time(60)))
        #expect(state([("ann", true, 5)], now: 6) == .waiting(missing: 1, until: Given.time(60)))
        #expect(state([("ann", true, 5), ("Ann", true, 6)], now: 7) == .waiting(missing: 1, until: Given.time(60)))
        #expect(state([("ann", true, 5), ("bob", true, 9)], now: 10) == .approved(by: ["ann", "bob"], at: Given.time(9)))
    }

    @Test("One No decides, also after one Yes")
    func denied() {
        let no = ApprovalVote(by: "bob", approves: false, at: Given.time(6))
        #expect(state([("ann", true, 5), ("bob", false, 6)], now: 7) == .denied(no))
    }

    @Test("After the deadline the default counts, and answers that came too late do not; those in time stand for ever")
    func expired() {
        #expect(state([("ann", true, 5)], now: 61) == .expired(.skip))
        #expect(state([("ann", true, 5), ("bob", true, 61)], now: 62) == .expired(.skip))
        #expect(state([], now: 61, ApprovalRule(people: 1, expiresSeconds: 60, otherwise: .act)) == .expired(.act))
        #expect(state([("ann", true, 5), ("bob", true, 60)], now: 10_000) == .approved(by: ["ann", "bob"], at: Given.time(60)))
    }
}
