// SPDX-License-Identifier: Apache-2.0
import Console
import Delivery
import EventModel
import Foundation
import Records
import Synchronization
import Testing

@testable import saker

@Suite("The queue between intake and answers")
struct IntakeQueueTests {
    private static func alert(_ number: Int, bytes: Int) -> Alert {
        var alert = TwoMachines.alert(number, pod: "p")
        alert.output = String(repeating: "x", count: bytes - (alert.approximateBytes - alert.output.utf8.count))
        return alert
    }

    private static func taken(_ acceptances: [Acceptance]) -> Int { acceptances.count { $0 == .accepted } }

    /// A journal that takes everything, as new.
    private static func accept(_ alerts: [Alert]) async -> Result<[Journal.Acceptance], JournalError> {
        .success(alerts.indices.map { .accepted(EntryID(Int64($0))) })
    }

    @Test("It holds so many alerts and so many bytes, whichever is reached first, and what is answered makes room")
    func bounds() async {
        let small = (0..<6).map { Self.alert($0, bytes: 1_000) }, large = (0..<6).map { Self.alert($0, bytes: 4_000) }
        #expect(large.allSatisfy { $0.approximateBytes == 4_000 })
        let queue = IntakeQueue(capacity: 4, bytes: 10_000)
        #expect(Self.taken(await queue.admit(small, Self.accept)) == 4)
        for alert in small.prefix(4) { queue.release(alert) }
        #expect(Self.taken(await queue.admit(large, Self.accept)) == 2)
        #expect(Self.taken(await queue.admit(large, Self.accept)) == 0)
        queue.release(large[0])
        // 3 alerts and 6,000 bytes are free now.
        #expect(Self.taken(await queue.admit([small[0], large[0], large[1]], Self.accept)) == 2)
    }

    @Test("What the journal has already, or cannot take, keeps no room")
    func unkept() async {
        let queue = IntakeQueue(capacity: 2, bytes: 10_000), alerts = [Self.alert(1, bytes: 4_000), Self.alert(2, bytes: 4_000)]
        for _ in 0..<3 {
            let known = await queue.admit(alerts) { .success($0.map { _ in .duplicate(EntryID(1)) }) }
            #expect(known == [.duplicate, .duplicate])
            let failed = await queue.admit(alerts) { _ in .failure(JournalError(.diskFull, "no room left")) }
            #expect(failed.allSatisfy { $0 == .unavailable(why: "the journal cannot be written: no room left") })
        }
        #expect(Self.taken(await queue.admit(alerts, Self.accept)) == 2)
    }

    @Test("An alert larger than all its room is taken when nothing else waits, so that it does not come again for ever")
    func oversized() async {
        let queue = IntakeQueue(capacity: 4, bytes: 2_000), large = Self.alert(1, bytes: 5_000)
        #expect(Self.taken(await queue.admit([large, Self.alert(2, bytes: 1_000)], Self.accept)) == 1)
        #expect(Self.taken(await queue.admit([Self.alert(3, bytes: 1_000)], Self.accept)) == 0)
        queue.release(large)
        #expect(Self.taken(await queue.admit([Self.alert(3, bytes: 1_000)], Self.accept)) == 1)
    }

    @Test("A sender whose alerts find no room is told 503 and when to come again, and their alerts are taken later")
    func answers() async throws {
        let queue = IntakeQueue(capacity: 100, bytes: 64 << 10), folder = try TemporaryFolder()
        let file = try folder.write("token", "a-token-of-enough-length")
        let sender = SenderEntry(name: "s", proof: .bearer(tokenFile: file), nodes: .any, namespaces: nil)
        let now: @Sendable () -> Timestamp = { TwoMachines.now }
        let book = SenderBook([sender], now: now, review: nil, log: { _ in })
        let handlers = IntakeHandlers(
            accept: { await queue.admit($0, Self.accept) }, trouble: { nil }, log: { _ in })
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let server = try await IntakeServer.start(IntakeSettings(address: address, tls: nil), senders: book, handlers: handlers, now: now)
        let alerts = (1...3).map { Self.alert($0, bytes: 30 << 10) }
        let body = try folder.write("body", try alerts.map { try AlertFormat.json.line($0) }.joined())
        func post() throws -> String {
            try Tool.run(
                "curl", "--silent", "--include", "--header", "Authorization: Bearer a-token-of-enough-length", "--data-binary", "@" + body,
                "http://127.0.0.1:\(server.port)/").text
        }
        let full = try post()
        #expect(full.hasPrefix("HTTP/1.1 503") && full.lowercased().contains("retry-after: 2"), "\(full)")
        #expect(full.components(separatedBy: #""result":"accepted""#).count == 3, "\(full)")
        #expect(full.contains(#""result":"unavailable""#), "\(full)")
        for alert in alerts.prefix(2) { queue.release(alert) }
        let later = try post()
        #expect(later.components(separatedBy: #""result":"accepted""#).count == 3, "\(later)")
        await server.stop()
    }
}
