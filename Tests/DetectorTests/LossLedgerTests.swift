// SPDX-License-Identifier: Apache-2.0
import Capture
import Detector
import EventModel
import Testing

@testable import Detector

private let second: UInt64 = 1_000_000_000

private func counted(_ counts: [(DropReason, EventKind, UInt64)]) -> DropCounts {
    counts.reduce(into: DropCounts()) { $0[$1.0, $1.1] = $1.2 }
}

private func held(_ cgroup: UInt64, pid: Int32 = 0, heldBack: UInt64) -> Flood {
    Flood(source: Flood.Source(cgroupV2: 1, cgroupV1: cgroup, pid: pid), heldBack: heldBack, pid: 77, name: "find")
}

@Suite("Losses that are told")
struct LossLedgerTests {
    private let own = OwnAlerts(hostname: "node-1", node: NodeName("node-1"))

    private func texts(_ due: [OwnAlert]) -> [String] { due.map { own.alert($0, at: Timestamp(nanoseconds: 0)).output } }

    @Test("The first loss is told at once, the next ones together after a minute, with reasons and kinds")
    func losses() {
        var ledger = LossLedger { _ in nil }
        #expect(ledger.due(DropCounts(), [], at: 0).isEmpty)
        let first = counted([(.ringFull, .execve, 2), (.shed, .openat, 40), (.readFault, .open, 9)])
        #expect(
            texts(ledger.due(first, [], at: second)) == [
                "Events were lost before any rule could see them (ring_full 2, shed 40; of the kinds openat 40, execve 2)"
            ])
        let second60 = counted([(.ringFull, .execve, 3), (.shed, .openat, 50), (.readFault, .open, 9)])
        #expect(ledger.due(second60, [], at: 2 * second).isEmpty)
        #expect(
            texts(ledger.due(second60, [], at: 61 * second)) == [
                "Events were lost before any rule could see them (ring_full 1, shed 10; of the kinds openat 10, execve 1)"
            ])
        #expect(ledger.due(second60, [], at: 200 * second).isEmpty)
    }

    @Test("Counts of another probe begin again from nothing")
    func anotherProbe() {
        var ledger = LossLedger { _ in nil }
        _ = ledger.due(counted([(.ringFull, .open, 100)]), [], at: 0)
        #expect(texts(ledger.due(counted([(.ringFull, .open, 7)]), [], at: 100 * second)).first?.contains("ring_full 7") == true)
    }

    @Test("Whoever floods is told by name once a minute, each source on its own, and not as a loss of nobody's")
    func named() {
        var ledger = LossLedger { _ in nil }
        let throttled = counted([(.throttled, .openat, 500)])
        let told = ledger.due(throttled, [held(12, heldBack: 500)], at: 0)
        #expect(
            texts(told) == [
                "Events of one source were held back, because it told more than its share (events=500 process=find pid=77 container=host)"
            ])
        #expect(ledger.due(throttled, [held(12, heldBack: 900)], at: second).isEmpty)
        #expect(ledger.due(throttled, [held(12, heldBack: 900), held(1, pid: 77, heldBack: 1)], at: 2 * second).count == 1)
        let later = ledger.due(throttled, [held(12, heldBack: 900), held(1, pid: 77, heldBack: 1)], at: 61 * second)
        #expect(texts(later).first?.contains("events=400 ") == true && later.count == 1)
    }

    @Test("An own alert is of the source internal, Critical, and about the process that was held back")
    func form() {
        let alert = own.alert(.floodHeldBack(held(12, heldBack: 5), container: nil), at: Timestamp(nanoseconds: 5))
        #expect(alert.source == "internal" && alert.priority == .critical && alert.tags == ["saker"])
        #expect(alert.rule == "Saker held back a flood")
        #expect(alert.subject.pid == 77 && alert.fields["saker.held_back"] == 5 && alert.fields["proc.name"] == "find")
    }
}
