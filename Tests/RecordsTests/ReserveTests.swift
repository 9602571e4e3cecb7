// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Records
import Synchronization
import Testing

/// What holds at the edges of the machine: its disk is full, another responder is there already, a destination never answers.
@Suite struct ReserveTests {
    @Test("On a full disk the reserve is given up first, said, and taken again when there is room; nothing is refused meanwhile")
    func fullDisk() async throws {
        let scratch = try Scratch()
        guard let disk = SmallDisk(on: scratch.folder, mebibytes: 64) else { return }
        let said = Mutex<[String]>([])
        let journal = try Journal(path: scratch.journal, role: .responder) { line in said.withLock { $0.append(line) } }
        let reserve = scratch.journal + ".reserve"
        #expect(try FileManager.default.attributesOfItem(atPath: reserve)[.size] as? Int == 16 << 20)
        #expect(!journal.isReserveSpent)
        let ballast = scratch.folder + "/ballast"
        disk.fill(ballast)
        for number in 0..<200 { _ = try await journal.accept(Sample.alert(TraceID("t\(number)")), at: Sample.time) }
        #expect(journal.isReserveSpent && !FileManager.default.fileExists(atPath: reserve))
        #expect(said.withLock { $0 }.first?.hasPrefix("the disk is full: the journal's reserve") == true)

        try FileManager.default.removeItem(atPath: ballast)
        _ = try await journal.accept(Sample.alert("after"), at: Sample.time)
        _ = try await journal.accept(Sample.alert("again"), at: Sample.time)
        #expect(!journal.isReserveSpent && FileManager.default.fileExists(atPath: reserve))
        #expect(said.withLock { $0 }.count == 2)
        let verification = try await JournalReader(path: scratch.journal).verify(anchors: [])
        #expect(verification.isSound && verification.count == 202)
        await journal.close()
    }

    @Test("A second responder is refused with the holder's process id; one that waits goes on when the first has ended")
    func two() async throws {
        let scratch = try Scratch()
        let first = try Journal(path: scratch.journal, role: .responder)
        let refusal = failure { try Journal(path: scratch.journal, role: .responder) }
        #expect(refusal?.code == .locked && refusal?.message.contains("(process \(getpid()))") == true, "\(String(describing: refusal))")
        #expect(await failure { try await Journal.open(path: scratch.journal, patience: .milliseconds(200)) }?.code == .locked)
        let said = Mutex<[String]>([])
        let path = scratch.journal
        async let second = Journal.open(path: path, patience: .seconds(20)) { line in said.withLock { $0.append(line) } }
        try await Task.sleep(for: .milliseconds(300))
        await first.close()
        let journal = try await second
        _ = try await journal.accept(Sample.alert(), at: Sample.time)
        #expect(said.withLock { $0 }.count == 1)
        await journal.close()
    }

    @Test("More messages than may wait are dropped and counted, and the history is whole")
    func overflow() async throws {
        let scratch = try Scratch()
        let journal = try await filled(scratch, closing: false)
        _ = try await journal.observe(Proof("seen"), of: EntryID(2), at: Sample.time) { _, _ in
            try (0..<10_003).map { try OutboxMessage(to: "down", key: String($0), "hello") }
                + [try OutboxMessage(to: "up", key: "0", "hello")]
        }
        #expect(journal.droppedMessages == ["down": 3])
        #expect(try await journal.waiting(for: "down", limit: 1).first?.message.key == "0")
        #expect(try await journal.waiting(for: "up").count == 1)
        #expect(try await JournalReader(path: scratch.journal).verify(anchors: []).isSound)
        await journal.close()
    }

    @Test("A journal from before the first release is read, and not gone on with")
    func unreleased() async throws {
        let scratch = try Scratch()
        try await filled(scratch)
        _ = try sqlite(scratch.journal, "PRAGMA user_version = 1")
        let refusal = failure { try Journal(path: scratch.journal, role: .responder) }
        #expect(refusal?.code == .foreign && refusal?.message.contains("name another file") == true)
        #expect(try await JournalReader(path: scratch.journal).history(HistoryQuery()).count == 1)
    }
}
