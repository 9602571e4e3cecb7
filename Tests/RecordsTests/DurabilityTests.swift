// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Records
import Testing

/// What holds when the machine is against us.
@Suite struct DurabilityTests {
    @Test("synchronous is FULL on the connection that writes")
    func synchronousIsFull() async throws {
        let scratch = try Scratch()
        let journal = try Journal(path: scratch.journal, role: .responder)
        let settings = try await journal.durability()
        #expect(settings == Journal.Durability(journalMode: "wal", synchronous: 2))
        await journal.close()
    }

    @Test("An fdatasync of the log is over before intend returns, and callers that wait together share one")
    func syncsBeforeTheAct() async throws {
        let scratch = try Scratch()
        let folder = scratch.folder
        await #expect(processExitsWith: .success) { [folder = folder as String] in try await Self.traceIntentions(in: folder) }
    }

    private static func traceIntentions(in folder: String) async throws {
        guard let tracer = try SyscallTracer(log: folder + "/trace") else { return }
        let journal = try Journal(path: folder + "/state/journal.sqlite", role: .responder)
        _ = try await journal.accept(Sample.alert(), at: Sample.time)
        for round in 0..<5 {
            tracer.mark("before-\(round)")
            _ = try await journal.intend([Sample.act(), Sample.act()], rehearsal: false, at: Sample.time)
            tracer.mark("after-\(round)")
        }
        tracer.mark("crowd-begins")
        await withTaskGroup { group in
            for number in 0..<50 {
                group.addTask {
                    _ = try? await journal.accept(Sample.alert(TraceID("t\(number)")), at: Sample.time)
                    _ = try? await journal.intend([Sample.act(TraceID("t\(number)"))], rehearsal: false, at: Sample.time)
                }
            }
        }
        tracer.mark("crowd-ends")
        await journal.close()
        let lines = try tracer.finish()
        for round in 0..<5 {
            #expect(try syncs(in: lines, between: "before-\(round)", and: "after-\(round)") == 1)
        }
        #expect((1...25).contains(try syncs(in: lines, between: "crowd-begins", and: "crowd-ends")))
    }

    private static func syncs(in lines: [String], between begin: String, and end: String) throws -> Int {
        let first = try #require(lines.firstIndex { $0.contains(begin) })
        let last = try #require(lines.firstIndex { $0.contains(end) })
        return lines[first..<last].filter { $0.contains("fdatasync") && $0.contains("journal.sqlite-wal") && $0.hasSuffix("= 0") }.count
    }

    @Test("What was acknowledged before a SIGKILL is there afterwards, and open")
    func survivesKill() async throws {
        let scratch = try Scratch()
        let path = scratch.journal
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let journal = try Journal(path: path, role: .responder)
            _ = try await journal.accept(Sample.alert(), at: Sample.time)
            _ = try await journal.intend([Sample.act(), Sample.act()], rehearsal: false, at: Sample.later(1))
            kill(getpid(), SIGKILL)
        }
        let journal = try Journal(path: path, role: .responder)
        #expect(try await journal.openIntentions().map(\.id) == [EntryID(2), EntryID(3)])
        #expect(try await JournalReader(path: path).verify(anchors: []).isSound)
        await journal.close()
    }

    @Test("A full disk is named, nothing of the refused entry is kept, and the journal goes on when there is room again")
    func diskFull() async throws {
        let scratch = try Scratch()
        guard let disk = SmallDisk(on: scratch.folder, mebibytes: 1) else { return }
        let journal = try Journal(path: scratch.journal, role: .responder)
        _ = try await journal.accept(Sample.alert(), at: Sample.time)
        let ballast = scratch.folder + "/ballast"
        disk.fill(ballast)
        let (accepted, refusal) = await acceptUntilRefused(journal)
        #expect(refusal?.code == .diskFull && refusal?.message.contains("free space") == true, "\(String(describing: refusal))")
        let results = FolderResultStore(folder: scratch.results)
        #expect(await failure { try await results.put(Sample.result()) }?.code == .diskFull)

        try FileManager.default.removeItem(atPath: ballast)
        _ = try await journal.accept(Sample.alert("after"), at: Sample.time)
        #expect(try await results.put(Sample.result()) == .stored(at: scratch.results + "/" + Sample.result().key))
        let verification = try await JournalReader(path: scratch.journal).verify(anchors: [])
        #expect(verification.isSound && verification.count == Int64(accepted) + 2, "\(verification)")
        await journal.close()
    }

    @Test("A file system that cannot be written is named, and reading works all the same")
    func readOnly() async throws {
        let scratch = try Scratch()
        guard let disk = SmallDisk(on: scratch.folder, mebibytes: 1) else { return }
        try await filled(scratch)
        disk.makeReadOnly()
        #expect(failure { try Journal(path: scratch.journal, role: .responder) }?.code == .readOnly)
        let verification = try await JournalReader(path: scratch.journal).verify(anchors: [])
        #expect(verification.isSound && verification.count == 3)
        let results = FolderResultStore(folder: scratch.results)
        #expect(await failure { try await results.put(Sample.result()) }?.code == .readOnly)
    }

    private func acceptUntilRefused(_ journal: Journal) async -> (accepted: Int, refusal: JournalError?) {
        for number in 0..<10_000 {
            let refusal = await failure { try await journal.accept(Sample.alert(TraceID("t\(number)")), at: Sample.time) }
            if let refusal { return (number, refusal) }
        }
        return (10_000, nil)
    }
}
