// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Testing

@testable import Delivery

@Suite("The spool of alerts for another machine")
struct SpoolTests {
    private let world = SpoolWorld()

    private func next(_ spool: Spool, _ limit: Int = 100) async throws -> [Spool.Item] {
        try #require(await spool.next(limit: limit, bytes: 1 << 20))
    }

    @Test("Alerts come out in order, as JSON lines, grave ones first; what is put back comes again, and what is settled does not")
    func order() async throws {
        let spool = try world.open()
        for number in 1...3 { #expect(spool.offer(SpoolWorld.alert(number))) }
        #expect(spool.offer(SpoolWorld.alert(4, .critical)))
        #expect(await eventually { spool.waiting == 4 })
        let first = try await next(spool, 2)
        spool.putBack(first.map(\.id))
        let all = try await next(spool)
        #expect(Set(all.map(\.number)) == [1, 2, 3, 4] && all.map(\.number).filter { $0 < 4 } == [1, 2, 3])
        let line = try JSONParser.parse(all[0].line)
        #expect(line["trace_id"]?.string == all[0].trace.text && line["node"] == "n1" && all[0].line.last == 10)
        spool.settle(all.map(\.id))
        #expect(await eventually { spool.waiting == 0 })
        #expect(world.files == [])
        spool.close(within: 5)
    }

    @Test("What waits outlives the process, and what was settled is not sent again once its file is gone")
    func restart() async throws {
        let first = try world.open()
        for number in 1...5 { first.offer(SpoolWorld.alert(number)) }
        first.close(within: 5)
        #expect(await first.next(limit: 1, bytes: 1) == nil)
        let second = try world.open()
        #expect(second.waiting == 5)
        let items = try await next(second)
        #expect(items.map(\.number) == [1, 2, 3, 4, 5])
        second.settle(items.map(\.id))
        #expect(await eventually { second.waiting == 0 })
        second.close(within: 5)
        let third = try world.open()
        #expect(third.waiting == 0)
        third.close(within: 5)
    }

    @Test("A second process is refused the folder")
    func lock() throws {
        let spool = try world.open()
        #expect(throws: DeliveryError.self) { try world.open() }
        spool.close(within: 5)
    }

    @Test("A record that a crash tore off is cut with a line in the log, wherever it was torn, and the others are sent")
    func torn() async throws {
        let spool = try world.open()
        for number in 1...3 { spool.offer(SpoolWorld.alert(number)) }
        spool.close(within: 5)
        let file = try #require(world.files.first)
        let whole = try world.bytes(file)
        let ends = SpoolRecord.scan(whole).payloads.map(\.upperBound)
        #expect(ends.count == 3)
        for cut in [ends[1] + 1, ends[1] + 11, ends[1] + 12, ends[2] - 1] {
            try world.write(Array(whole[..<cut]), to: file)
            let again = try world.open()
            #expect(again.waiting == 2, "cut at \(cut)")
            #expect(world.lines.last?.contains("ends within a record; cut \(cut - ends[1]) bytes") == true)
            again.close(within: 5)
            #expect(try world.bytes(file).count == ends[1])
        }
    }

    @Test(
        "A damaged record in the middle is counted, skipped, said with its place, and told of by an alert, wherever it is damaged",
        arguments: [-12, -8, -6, -5, -1, 0, 5])
    func damaged(offset: Int) async throws {
        let spool = try world.open()
        for number in 1...3 { spool.offer(SpoolWorld.alert(number)) }
        spool.close(within: 5)
        let file = try #require(world.files.first)
        var bytes = try world.bytes(file)
        let second = SpoolRecord.scan(bytes).payloads[1]
        bytes[second.lowerBound + offset] ^= 1
        try world.write(bytes, to: file)
        let again = try world.open()
        #expect(again.losses == [.damaged: 1])
        let size = second.count + SpoolRecord.headerBytes
        let words = "is damaged from byte \(second.lowerBound - SpoolRecord.headerBytes) on, \(size) bytes: 1 alerts in it are lost"
        #expect(world.lines.contains { $0.contains(words) }, "\(world.lines)")
        #expect(await eventually { again.waiting == 3 })
        let items = try await next(again)
        #expect(items.map(\.number) == [9_999, 1, 3])
        again.close(within: 5)
    }

    @Test("Whatever bytes are flipped, each record that was not hit is found as it was, none else is, and what was hit is counted")
    func flipped() {
        var chance = SeededChance(1)
        for round in 0..<2_000 {
            let payloads = (0..<Int.random(in: 1...12, using: &chance)).map { number in
                Array(#"{"n":\#(number),"text":"\#(String(repeating: "SKR1x", count: Int.random(in: 0...20, using: &chance)))"}"#.utf8)
            }
            let whole = payloads.map(SpoolRecord.framed)
            var ends: [Int] = []
            for record in whole { ends.append((ends.last ?? 0) + record.count) }
            var segment = Array(whole.joined()), hit: Set<Int> = []
            for _ in 0..<Int.random(in: 1...6, using: &chance) {
                let place = segment.indices.randomElement(using: &chance) ?? 0
                // Never twice at one place with the same bit, which would mend it.
                if hit.insert(ends.firstIndex { place < $0 } ?? 0).inserted { segment[place] ^= UInt8(1 << (round % 8)) }
            }
            let scan = SpoolRecord.scan(segment)
            let expected = payloads.indices.filter { !hit.contains($0) }.map { payloads[$0] }
            #expect(scan.payloads.map { Array(segment[$0]) } == expected, "round \(round)")
            let runs = hit.count { !hit.contains($0 - 1) }, torn = scan.tornAt == nil ? 0 : 1
            #expect((runs...hit.count).contains(scan.damaged + torn), "round \(round): \(hit.sorted()), \(scan)")
        }
    }

    @Test("When it is full, alerts are counted, and one alert a minute tells of the loss; grave ones still find room")
    func overflow() async throws {
        let spool = try world.open(64 << 10)
        var taken = 0
        func fill() async {
            // The room that estimates hold is given back once an alert is written, so it is full when nothing is being written.
            for number in 0..<4_000 {
                let isTaken = spool.offer(SpoolWorld.alert(number, container: "c\(number)"))
                if isTaken { taken += 1 } else { try? await Task.sleep(for: .milliseconds(1)) }
                if (spool.losses[.full] ?? 0) > 100 { return }
            }
        }
        await fill()
        #expect(taken > 20 && spool.losses == [.full: 101])
        #expect(await eventually { spool.waiting == taken + 1 })
        #expect(spool.offer(SpoolWorld.alert(8_000, .critical, container: "late")))
        #expect(await eventually { spool.waiting == taken + 2 })
        let grave = try await next(spool, 2)
        #expect(Set(grave.map(\.number)) == [8_000, 9_999])
        let told = try JSONParser.parse(try #require(grave.first { $0.number == 9_999 }).line)
        #expect(told["rule"] == "lost" && told["output_fields"]?["full"] != nil)
        #expect(!spool.offer(SpoolWorld.alert(8_001, container: "x")))
        world.pass(seconds: 61)
        #expect(await eventually { spool.waiting == taken + 3 })
        #expect(world.lines.count { $0.contains("alerts were lost on the way") } == 2)
        spool.close(within: 5)
    }

    @Test("One noisy container cannot take the room of others, nor that of its own grave alerts")
    func fairness() throws {
        let spool = try world.open(256 << 10)
        var noisy = 0, quiet = 0
        for number in 0..<2_000 where spool.offer(SpoolWorld.alert(number, container: "noisy")) { noisy += 1 }
        for number in 0..<50 where spool.offer(SpoolWorld.alert(number, container: "quiet")) { quiet += 1 }
        #expect(noisy > 50 && quiet == 50)
        #expect((spool.losses[.share] ?? 0) > 1_000 && spool.losses[.full] == nil)
        #expect(spool.offer(SpoolWorld.alert(3_000, .critical, container: "noisy")))
        spool.close(within: 5)
    }

    @Test("Two hundred thousand offers do not wait for the disk")
    func speed() throws {
        let spool = try world.open(1 << 20)
        let began = ContinuousClock.now
        for number in 0..<200_000 { spool.offer(SpoolWorld.alert(number)) }
        // A single sync of this machine's disk may take 10 ms; as many as offers would take minutes.
        #expect(began.duration(to: .now) < .seconds(10))
        spool.close(within: 5)
    }

    @Test("The share is what is left free: one owner fills half, a second one half of the rest")
    func quota() {
        var quota = SpoolQuota(capacity: 1_600)
        let noisy = SpoolQuota.Owner(container: "a", isCritical: false), other = SpoolQuota.Owner(container: "b", isCritical: false)
        var counts = (noisy: 0, other: 0)
        while quota.refusal(10, of: noisy) == nil {
            quota.take(10, of: noisy)
            counts.noisy += 1
        }
        while quota.refusal(10, of: other) == nil {
            quota.take(10, of: other)
            counts.other += 1
        }
        #expect(counts == (60, 30))
        #expect(quota.refusal(10, of: noisy) == .share)
        #expect(quota.refusal(400, of: SpoolQuota.Owner(container: "a", isCritical: true)) == nil)
        quota.settle(600, of: noisy)
        #expect(quota.refusal(10, of: noisy) == nil)
    }

    @Test("The checksum is the one of zlib")
    func checksum() { #expect(CRC32.of([], then: Array("123456789".utf8)[...]) == 0xcbf4_3926) }
}

/// The same numbers every time (SplitMix64).
private struct SeededChance: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
