// SPDX-License-Identifier: Apache-2.0
import Delivery
import EventModel
import Foundation
import Records
import StubServer
import Synchronization
import Testing
import Transport

/// Notices in a journal's outbox, couriers, and real peers that misbehave.
@Suite("Couriers")
struct CourierTests {
    @Test("Through a broken connection, silence, 500 and 429 each notice is accepted exactly once, in order, no sooner than was asked")
    func trouble() async throws {
        let times = Mutex<[ContinuousClock.Instant]>([])
        let server = StubServer { _, count in
            times.withLock { $0.append(.now) }
            return switch count {
            case 0: [.close]
            case 1: [.wait(milliseconds: 900), .close]
            case 2: [.send(response(500))]
            case 3: [.send(response(429, headers: "Retry-After: 1\r\n"))]
            case _: [.send(response(200))]
            }
        }
        defer { server.stop() }
        let client = HTTPClient()
        let hook = WebhookNotifier(.url(server.url), client: client, limits: HTTPLimits(connect: .seconds(1), total: .milliseconds(400)))
        try await withOutbox { journal, said in
            for number in 0..<3 { try await journal.tell(number, ["webhook"]) }
            try await running([courier(journal, hook, said)]) {
                let isDone = try await eventually { try await journal.waiting(for: "webhook").isEmpty }
                #expect(isDone)
            }
            #expect(server.requests.count == 7)
            let keys = server.requests.map { $0.headers["idempotency-key"] ?? "" }
            #expect(keys == ["0", "0", "0", "0", "0", "1", "2"])
            let moments = times.withLock { $0 }
            #expect(moments[4] - moments[3] >= .seconds(1))
            #expect(said.lines.count == 2 && said.lines[1] == "webhook accepts messages again", "\(said.lines)")
        }
        client.shutDown()
    }

    @Test("A destination that is down delays no other")
    func apart() async throws {
        try await withOutbox { journal, said in
            for number in 0..<20 { try await journal.tell(number, ["down", "silent", "up"]) }
            let taken = Mutex<[String]>([])
            let couriers = [
                Courier(journal, to: "down", .quick, say: said.say) { _ in .later(why: "no", after: nil) },
                Courier(journal, to: "silent", .quick, say: said.say) { _ in
                    try? await Task.sleep(for: .seconds(3_600))
                    return .later(why: "no", after: nil)
                },
                Courier(journal, to: "up", .quick, say: said.say) { message in
                    taken.withLock { $0.append(message.key) }
                    return .accepted
                },
            ]
            try await running(couriers) {
                let isDone = try await eventually { try await journal.waiting(for: "up").isEmpty }
                #expect(isDone)
                // What comes later is brought at once, with no wait for the next look.
                let began = ContinuousClock.now
                try await journal.tell(20, ["up"])
                let isBrought = await eventually { taken.withLock { $0.count } == 21 }
                #expect(isBrought && ContinuousClock.now - began < .seconds(5))
            }
            #expect(taken.withLock { $0 } == (0...20).map(String.init))
            #expect(try await journal.waiting(for: "down", limit: 100).count == 20)
            #expect(try await journal.waiting(for: "silent", limit: 100).count == 20)
        }
    }

    @Test("What a destination will never take, and what became too old, is a note in the history and a line, and the next one goes on")
    func givenUp() async throws {
        try await withOutbox { journal, said in
            for number in 0..<3 { try await journal.tell(number, ["a", "b"]) }
            let never = Courier(journal, to: "a", .quick, say: said.say) { $0.key == "1" ? .refused(why: "too rude") : .accepted }
            // The courier starts in time; a day passes while nobody takes what it brings.
            let looks = Mutex(0)
            var late = Courier.Settings.quick
            late.now = {
                let isStart = looks.withLock { $0 += 1; return $0 == 1 }
                return Timestamp(nanoseconds: Sample.time.nanoseconds + (isStart ? 0 : 86_400_000_000_000))
            }
            let old = Courier(journal, to: "b", late, say: said.say) { _ in .later(why: "nobody there", after: nil) }
            try await running([never, old]) {
                let isDone = try await eventually {
                    let first = try await journal.waiting(for: "a"), second = try await journal.waiting(for: "b")
                    return first.isEmpty && second.isEmpty
                }
                #expect(isDone)
            }
            let notes = try await JournalReader(path: journal.path).notes()
            let sentences = Set(notes.map(\.proof.sentence))
            #expect(sentences.contains("a message for a was given up: too rude") && notes.count == 4, "\(sentences)")
            #expect(sentences.contains("a message for b was given up: not accepted within 86400 s, at last: nobody there"))
            #expect(said.lines.filter { $0.contains("was given up") }.count == 4)
        }
    }

    @Test("What waited over a long stop is tried like what is new: its age counts from the courier's start")
    func longStop() async throws {
        try await withOutbox { journal, said in
            try await journal.tell(0, ["a"])
            var late = Courier.Settings.quick
            late.now = { Timestamp(nanoseconds: Sample.time.nanoseconds + 200_000_000_000_000) }
            let tries = Mutex(0)
            let courier = Courier(journal, to: "a", late, say: said.say) { _ in
                tries.withLock { $0 += 1; return $0 } < 3 ? .later(why: "not up yet", after: nil) : .accepted
            }
            try await running([courier]) {
                let isDone = try await eventually { try await journal.waiting(for: "a").isEmpty }
                #expect(isDone)
            }
            let count = tries.withLock { $0 }, isGivenUp = said.lines.contains { $0.contains("given up") }
            #expect(count == 3 && !isGivenUp)
        }
    }

    @Test("A courier that is stopped leaves what it had not delivered for the next one, and a key is kept once")
    func restart() async throws {
        try await withOutbox { journal, said in
            for _ in 0..<2 { try await journal.tell(0, ["a"]) }
            #expect(try await journal.waiting(for: "a").count == 1)
            let first = Courier(journal, to: "a", .quick, say: said.say) { _ in
                try? await Task.sleep(for: .seconds(3_600))
                return .later(why: "ended", after: nil)
            }
            try await running([first]) { try await Task.sleep(for: .milliseconds(50)) }
            #expect(try await journal.waiting(for: "a").count == 1 && said.lines.isEmpty)
        }
    }

    private func courier(_ journal: Journal, _ notifier: some Notifier, _ said: Said) -> Courier {
        Courier(journal, to: notifier.name, .quick, say: said.say) { message in
            guard let notice = try? message.content(Notice.self) else { return .refused(why: "no notice") }
            return await notifier.send(notice, key: message.key)
        }
    }

    private func running(_ couriers: [Courier], _ body: () async throws -> Void) async throws {
        let task = Task {
            await withTaskGroup { group in
                for courier in couriers { group.addTask { await courier.run() } }
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        task.cancel()
        await task.value
        try result.get()
    }

    private func withOutbox(_ body: (Journal, Said) async throws -> Void) async throws {
        let scratch = try Scratch()
        let journal = try Journal(path: scratch.folder + "/journal.sqlite", role: .responder)
        let notice = Sample.notice()
        _ = try await journal.accept(notice.alert, at: Sample.time)
        _ = try await journal.intend([notice.act], rehearsal: false, at: Sample.time)
        try await body(journal, Said())
        await journal.close()
    }
}

/// Keeps what a courier says.
final class Said: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }
    var say: @Sendable (String) -> Void { { line in self.kept.withLock { $0.append(line) } } }
}

extension Courier.Settings {
    /// Impatient, so that a test need not be patient.
    static var quick: Courier.Settings {
        var settings = Courier.Settings(now: { Sample.time })
        settings.firstWait = .milliseconds(10)
        settings.longestWait = .milliseconds(40)
        return settings
    }
}

extension Journal {
    /// Puts a notice for each destination into the outbox; its key is the number.
    func tell(_ number: Int, _ destinations: [String]) async throws {
        _ = try await observe(Proof("seen"), of: IntentionID(2), at: Sample.time) { _, _ in
            try destinations.map { try OutboxMessage(to: $0, key: String(number), Sample.notice(Int64(number))) }
        }
    }
}
