// SPDX-License-Identifier: Apache-2.0

import EventModel
import Guardrails
import Testing

@Suite struct LimitsTests {
    @Test("Destructive acts are allowed until the workload's or the cluster's budget is spent, and again when the window is over")
    func budgetsAreNeverExceeded() {
        var random = Seeded(state: 42)
        for _ in 0..<200 {
            let settings = GuardrailSettings(
                mode: .act, budgetPerWorkload: Int(random.below(4)), budgetPerCluster: Int(random.below(7)),
                budgetWindowSeconds: 1 + Int(random.below(100)), cooldownSeconds: 0)
            var done: [PastAct] = []
            var second: UInt64 = 0
            for step in 0..<60 {
                second += random.below(20)
                var facts = Given.facts(now: second, recent: done)
                facts.act.workload = "shop/Deployment/\(random.below(3))"
                let window = done.filter { second - $0.second < settings.budgetWindowSeconds }
                let free = window.filter { $0.workload == facts.act.workload }.count < settings.budgetPerWorkload
                    && window.count < settings.budgetPerCluster
                let verdict = judge(facts, settings)
                #expect(verdict == .allow ? free : !free && refusal(verdict)?.guardrail == .budget)
                if verdict == .allow { done.append(Given.past(second, id: Int64(step), workload: facts.act.workload)) }
            }
        }
    }

    @Test("Only destructive acts use up a budget, and only they are held to it", arguments: [ActKind.observe, .reversible])
    func onlyDestructiveActsCount(kind: ActKind) {
        let many = (0..<20).map { Given.past(0, id: $0, kind: kind) }
        #expect(judge(Given.facts(recent: many), Given.acting) == .allow)
        let destroyed = (0..<20).map { Given.past(0, id: $0) }
        #expect(judge(Given.facts(kind: kind, recent: destroyed), Given.acting) == .allow)
    }

    @Test("A spent budget says when the next act is possible")
    func nextIsPossible() {
        let recent = [Given.past(0), Given.past(100, id: 2), Given.past(200, id: 3)]
        #expect(
            refusal(judge(Given.facts(now: 300, recent: recent), Given.acting))?.sentence
                == "workload shop/Deployment/web saw 3 destructive acts within 600 s, the limit is 3; the next is possible in 300 s "
                + "(guardrails.budget_per_workload)")
        #expect(judge(Given.facts(now: 600, recent: recent), Given.acting) == .allow)
    }

    @Test("A clock that was set back does not free a budget or a cooldown")
    func clockSetBack() {
        let future = (0..<3).map { Given.past(5_000, id: $0) }
        #expect(refusal(judge(Given.facts(now: 10, recent: future), Given.acting))?.guardrail == .budget)
        let same = [Given.past(5_000, target: Given.target())]
        #expect(refusal(judge(Given.facts(now: 10, recent: same), Given.acting))?.guardrail == .cooldown)
    }

    @Test("One actuator leaves one target alone until its cooldown is over")
    func cooldown() {
        let recent = [Given.past(0, id: 7, target: Given.target())]
        #expect(
            refusal(judge(Given.facts(now: 15, recent: recent), Given.acting))?.sentence
                == "kubernetes:terminate acted on this target 15 s ago (number 7); it may again in 45 s")
        #expect(refusal(judge(Given.facts(now: 59, recent: recent), Given.acting))?.guardrail == .cooldown)
        #expect(judge(Given.facts(now: 60, recent: recent), Given.acting) == .allow)
    }

    @Test("Only a repeated answer is held to the cooldown: not the steps of one playbook about one alert, whose destruction still counts")
    func cooldownIsPerAnswer() {
        let own = Given.past(0, target: Given.target(), trace: "t", playbook: "p")
        #expect(judge(Given.facts(now: 1, recent: [own]), Given.acting) == .allow)
        for other in [Given.past(0, target: Given.target(), trace: "t", playbook: "q"), Given.past(0, target: Given.target())] {
            #expect(refusal(judge(Given.facts(now: 1, recent: [own, other]), Given.acting))?.guardrail == .cooldown)
        }
        let spent = (0..<3).map { _ in own }
        #expect(refusal(judge(Given.facts(now: 1, recent: spent), Given.acting))?.guardrail == .budget)
    }

    @Test("Another actuator, another target and a reborn target are not held to the cooldown")
    func cooldownIsPerActuatorAndTarget() {
        let others = [
            Given.past(0, kind: .reversible, actuator: "kubernetes:label", target: Given.target()),
            Given.past(0, target: Given.target("web-2", uid: "uid-2")), Given.past(0, target: Given.target("web-1", uid: "uid-0")),
        ]
        for other in others { #expect(judge(Given.facts(recent: [other]), Given.acting) == .allow) }
        let nameless = [Given.past(0, target: Given.target("web-1", uid: nil))]
        #expect(refusal(judge(Given.facts(recent: nameless), Given.acting))?.guardrail == .cooldown)
    }
}

@Suite struct MinimumHealthyTests {
    @Test("Counts and shares are read, anything else is not", arguments: [
        ("3", MinimumHealthy.count(3)), ("0", .count(0)), ("33%", .percent(33)), ("100%", .percent(100)), ("0%", .percent(0)),
        ("101%", nil), ("-1", nil), ("", nil), ("%", nil), ("3.5", nil), (" 3", nil), ("3 %", nil), ("99999999999999999999", nil),
    ])
    func reads(text: String, wanted: MinimumHealthy?) {
        #expect(MinimumHealthy(text) == wanted)
    }

    @Test("A share is taken of the desired replicas, not of the ready ones")
    func share() {
        #expect(MinimumHealthy.percent(33).shortfall(ready: 1, desired: 3) == nil)
        #expect(MinimumHealthy.percent(34).shortfall(ready: 1, desired: 3) != nil)
        #expect(MinimumHealthy.percent(100).shortfall(ready: 2, desired: 3) != nil)
        #expect(MinimumHealthy.count(2).shortfall(ready: 2, desired: 3) == nil)
        #expect(MinimumHealthy.count(3).shortfall(ready: 2, desired: 3) == "2 of 3 replicas are ready and at least 3 must be")
        #expect(MinimumHealthy.percent(50).shortfall(ready: 0, desired: 0) == nil)
    }
}

extension PastAct {
    fileprivate var second: UInt64 { time.nanoseconds / 1_000_000_000 - 1_700_000_000 }
}

/// SplitMix64: the same numbers in every run.
private struct Seeded {
    var state: UInt64

    mutating func below(_ limit: UInt64) -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return (mixed ^ (mixed >> 31)) % limit
    }
}
