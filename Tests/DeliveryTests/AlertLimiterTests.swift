// SPDX-License-Identifier: Apache-2.0
import EventModel
import Synchronization
import Testing

@testable import Delivery

@Suite("Limits of what is told")
struct AlertLimiterTests {
    private static let second: UInt64 = 1_000_000_000

    private func alert(
        _ rule: RuleName = "Read sensitive file", _ file: String = "/etc/shadow", container: String? = nil, at second: UInt64 = 0,
        tags: [String] = []
    ) -> Alert {
        Alert(
            trace: "told", time: Timestamp(nanoseconds: Sample.time.nanoseconds + second * Self.second), rule: rule, priority: .warning,
            source: "syscall", tags: tags, output: "read \(file)", fields: ["fd.name": .string(file), "evt.num": .int(Int64(second))],
            hostname: "node-1", subject: Subject(pid: 7, container: container.map { ContainerID($0) }))
    }

    @Test("The first alert is told at once, the rest of the window in one summary with the different values")
    func summary() {
        var limiter = AlertLimiter([AlertLimit(rule: "Read*", seconds: 10)])
        #expect(limiter.take(alert(), at: 0).isTold)
        for (number, file) in ["/etc/shadow", "/etc/sudoers", "/etc/shadow"].enumerated() {
            #expect(!limiter.take(alert("Read sensitive file", file, at: UInt64(number) + 1), at: UInt64(number) * Self.second).isTold)
        }
        #expect(limiter.due(at: 10 * Self.second - 1).isEmpty)
        let due = limiter.due(at: 10 * Self.second)
        #expect(due.map(\.count) == [3])
        let told = due[0].summary(trace: "summary")
        #expect(told.output == "3 more like alert told within 3 s (container.id=host) | fd.name: /etc/shadow, /etc/sudoers")
        #expect(
            told.fields == [
                "saker.held": 3, "saker.like_trace_id": "told", "saker.first_time": "2023-11-14T22:13:21.000000000Z",
                "container.id": "host", "fd.name": ["/etc/shadow", "/etc/sudoers"],
            ])
        #expect(told.rule == "Read sensitive file")
        #expect(told.time == alert(at: 3).time)
        #expect(limiter.due(at: .max).isEmpty)
    }

    @Test("A window in which nothing was held back ends without a word")
    func quiet() {
        var limiter = AlertLimiter([AlertLimit(rule: "*", first: 2, seconds: 1)])
        for _ in 0..<2 { #expect(limiter.take(alert(), at: 0).isTold) }
        #expect(limiter.rest().isEmpty)
    }

    @Test("After its window a group is told at once again, the summary of the last window before it")
    func nextWindow() {
        var limiter = AlertLimiter([AlertLimit(rule: "*", seconds: 1)])
        _ = limiter.take(alert(), at: 0)
        _ = limiter.take(alert(), at: 1)
        let verdict = limiter.take(alert(), at: Self.second)
        #expect(verdict.isTold)
        #expect(verdict.ended.map(\.count) == [1])
    }

    @Test("Alerts that differ in a field of the group, or in their rule, are told apart")
    func groups() {
        var limiter = AlertLimiter([AlertLimit(rule: "*", groupBy: ["container.id", "fd.name"])])
        #expect(limiter.take(alert(container: "0123456789abcdef"), at: 0).isTold)
        #expect(limiter.take(alert(container: "1123456789abcdef"), at: 0).isTold)
        #expect(limiter.take(alert(), at: 0).isTold)
        #expect(limiter.take(alert("Read sensitive file", "/etc/sudoers"), at: 0).isTold)
        #expect(limiter.take(alert("Other"), at: 0).isTold)
        #expect(!limiter.take(alert(container: "0123456789abcdef"), at: 0).isTold)
    }

    @Test("The first limit that covers a rule counts, by name or by tag; a rule without one is never held back")
    func coverage() {
        var limiter = AlertLimiter([AlertLimit(rule: "Read sensitive file", first: 3), AlertLimit(tag: "noisy")])
        let told = { (alert: Alert, limiter: inout AlertLimiter) in (0..<5).map { _ in limiter.take(alert, at: 0).isTold }.count { $0 } }
        #expect(told(alert(tags: ["noisy"]), &limiter) == 3)
        #expect(told(alert("Other", tags: ["noisy"]), &limiter) == 1)
        #expect(told(alert("Third"), &limiter) == 5)
    }

    @Test("What is kept of a flood is bounded: the first 8 values, long ones cut, and a word that there were others")
    func bounded() throws {
        var limiter = AlertLimiter([AlertLimit(rule: "*")])
        let name = String(repeating: "x", count: 1_000)
        for number in 0..<100 { _ = limiter.take(alert("r", "\(number)" + name), at: 0) }
        let held = try #require(limiter.rest().first)
        #expect(held.count == 99)
        let values = try #require(held.values["fd.name"])
        #expect(values.kept.count == 8)
        #expect(values.hasMore)
        #expect(values.kept.allSatisfy { ($0.string?.utf8.count ?? 0) <= 131 })
        #expect(held.summary(trace: "s").fields["fd.name"]?.array?.last == "...")
    }

    @Test("Told and counted alerts come to all there were, whatever the order, the groups and the time", arguments: 0..<20)
    func nothingLost(seed: UInt64) {
        var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: UInt64) -> UInt64 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return random % bound
        }
        var limiter = AlertLimiter([AlertLimit(rule: "a*", first: 2, seconds: 3), AlertLimit(rule: "b", groupBy: ["fd.name"])], capacity: 5)
        var told: UInt64 = 0, counted: UInt64 = 0, now: UInt64 = 0
        for _ in 0..<5_000 {
            now += next(Self.second / 2)
            let rule = RuleName(["a1", "a2", "b", "c"][Int(next(4))])
            let verdict = limiter.take(alert(rule, "f\(next(9))", container: "\(next(6))"), at: now)
            told += verdict.isTold ? 1 : 0
            counted += verdict.ended.reduce(0) { $0 + $1.count }
            if next(10) == 0 { counted += limiter.due(at: now).reduce(0) { $0 + $1.count } }
        }
        counted += limiter.rest().reduce(0) { $0 + $1.count }
        #expect(told + counted == 5_000)
        #expect(counted > 300)
    }

    @Test("What was held back is told when the limits change, and at the end")
    func shell() {
        let heard = Heard()
        let outlets = LimitedOutlets(
            [OutletQueue(heard) { _ in }], limits: [AlertLimit(rule: "*")], now: { 0 }, nextTrace: { "summary" })
        for _ in 0..<3 { outlets.offer(alert()) }
        outlets.use([AlertLimit(rule: "*", first: 2)])
        for _ in 0..<5 { outlets.offer(alert()) }
        outlets.tellDue()
        outlets.close(within: 10)
        #expect(heard.traces == ["told", "summary", "told", "told", "summary"])
        #expect(heard.held == [2, 3])
    }
}

/// An outlet that remembers.
private final class Heard: Outlet {
    let name = "heard"
    private let alerts = Mutex<[Alert]>([])

    func send(_ alert: Alert) throws(DeliveryError) { alerts.withLock { $0.append(alert) } }

    var traces: [String] { alerts.withLock { $0.map(\.trace.text) } }
    var held: [Int64] { alerts.withLock { $0.compactMap { $0.fields["saker.held"]?.int } } }
}
