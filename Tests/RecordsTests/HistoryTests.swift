// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Records
import Testing

@Suite struct HistoryTests {
    let scratch: Scratch
    let journal: Journal
    let reader: JournalReader

    init() async throws {
        scratch = try Scratch()
        journal = try Journal(path: scratch.journal, role: .responder)
        reader = JournalReader(path: scratch.journal)
        for trace in ["a", "b"] as [TraceID] { _ = try await journal.accept(Sample.alert(trace), at: Sample.time) }
        // 3 done and taken back, 4 refused, 5 open, 6 and 7 a rehearsal.
        let ids = try await journal.intend(
            [Sample.act("a"), Sample.act("a", actuator: "kubernetes:terminate", pod: "web-2"), Sample.act("b", namespace: "bank")],
            rehearsal: false, at: Sample.later(10))
        _ = try await journal.settle(Sample.act("b"), outcome: .rehearsed(would: "label it"), rehearsal: true, at: Sample.later(20))
        _ = try await journal.close(ids[0], outcome: .done(Proof("labelled", readBack: ["version": "7"])), at: Sample.later(11))
        _ = try await journal.close(ids[1], outcome: .refused(Refusal(.budget, "3 of 3")), at: Sample.later(12))
        _ = try await journal.observe(Proof("seen enforced"), of: ids[0], at: Sample.later(13))
        let undo = try await journal.intendUndo(of: ids[0], by: "ada", at: Sample.later(14))
        _ = try await journal.closeUndo(undo, outcome: .done(Proof("label removed")), at: Sample.later(15))
    }

    @Test("Each filter narrows the history down, and filters add up")
    func filters() async throws {
        #expect(try await ids { _ in } == [6, 5, 4, 3])
        #expect(try await ids { $0.trace = "a" } == [4, 3])
        #expect(try await ids { $0.namespace = "bank" } == [5])
        #expect(try await ids { $0.pod = "web-2" } == [4])
        #expect(try await ids { $0.playbook = "Contain shells" } == [6, 5, 4, 3])
        #expect(try await ids { $0.playbook = "Other" } == [])
        #expect(try await ids { $0.rule = "Terminal shell in container" }.count == 4)
        #expect(try await ids { $0.rule = "' OR 1=1 --" } == [])
        #expect(try await ids { $0.actuator = "kubernetes:terminate" } == [4])
        #expect(try await ids { $0.outcome = "refused" } == [4])
        #expect(try await ids { $0.outcome = "open" } == [5])
        #expect(try await ids { $0.since = Sample.later(20) } == [6])
        #expect(try await ids { $0.until = Sample.later(20) } == [5, 4, 3])
        #expect(try await ids { $0.isUndone = true } == [3])
        #expect(try await ids { $0.isUndone = false } == [6, 5, 4])
        #expect(try await ids { $0.intention = EntryID(4) } == [4])
        #expect(try await ids { $0.limit = 2 } == [6, 5])
        #expect(try await ids { ($0.trace, $0.outcome) = ("a", "done") } == [3])
    }

    @Test("An act is shown with its alert, outcome, observations and undo")
    func wholeStory() async throws {
        let entry = try #require(try await entries { $0.intention = EntryID(3) }.first)
        #expect(entry.alert == Sample.alert("a") && entry.act == Sample.act("a") && !entry.rehearsal)
        #expect(entry.label == "done" && entry.sentence == "labelled")
        #expect(entry.ending?.outcome == .done(Proof("labelled", readBack: ["version": "7"])))
        #expect(entry.observations.map(\.proof.sentence) == ["seen enforced"])
        #expect(entry.undoState == .undone && entry.undos.map(\.by) == ["ada"])
        #expect(entry.targetName == "pod shop/web-1")
        #expect(entry.nanosecondsSinceEvent == 11_000_000_000)
    }

    @Test("The state of the undo follows from what happened", arguments: [
        (3, HistoryEntry.UndoState.undone), (4, .impossible), (5, .impossible), (6, .impossible),
    ] as [(Int64, HistoryEntry.UndoState)])
    func undoStates(seq: Int64, state: HistoryEntry.UndoState) async throws {
        #expect(try await entries { $0.intention = EntryID(seq) }.first?.undoState == state)
    }

    @Test("An undo is available after done or unknown, open while it runs, and failed until it works")
    func undoGoesOn() async throws {
        func state() async throws -> HistoryEntry.UndoState? { try await entries { $0.intention = EntryID(5) }.first?.undoState }
        _ = try await journal.close(EntryID(5), outcome: .unknown(check: "look"), at: Sample.later(30))
        #expect(try await state() == .available)
        let undo = try await journal.intendUndo(of: EntryID(5), by: "ada", at: Sample.later(31))
        #expect(try await state() == .open)
        _ = try await journal.closeUndo(undo, outcome: .failed(Failure(code: "timeout", message: "no answer")), at: Sample.later(32))
        #expect(try await state() == .failed)
    }

    @Test("A note stands beside the acts, in the same chain")
    func notes() async throws {
        _ = try await journal.note(Proof("mode is act now"), at: Sample.later(50))
        let notes = try await reader.notes()
        #expect(notes.map(\.proof.sentence) == ["mode is act now"] && notes.map(\.time) == [Sample.later(50)])
        #expect(try await entries { _ in }.count == 4)
        #expect(try await reader.verify(anchors: []).isSound)
    }

    @Test("The JSON form says result and sentence, and reads back the same")
    func json() async throws {
        let entry = try #require(try await entries { $0.intention = EntryID(4) }.first)
        let bytes = try JSONEncoder().encode(entry)
        #expect(try JSONDecoder().decode(HistoryEntry.self, from: bytes) == entry)
        let value = try JSONDecoder().decode(JSONValue.self, from: bytes)
        #expect(value["ending"]?["outcome"] == ["result": "refused", "guardrail": "budget", "sentence": "3 of 3"])
        #expect(value["id"] == 4)
    }

    @Test("Reading beside the writer sees what is committed, and changes no byte of journal and log")
    func readingWritesNothing() async throws {
        let before = try files()
        #expect(try await entries { _ in }.count == 4)
        _ = try await reader.verify(anchors: [])
        #expect(try files() == before)
        _ = try await journal.settle(Sample.act("b"), outcome: .skipped(why: "gone"), rehearsal: false, at: Sample.later(40))
        #expect(try await entries { _ in }.count == 5)
    }

    @Test("Reading a journal that nobody writes, and a copy of it without its log, makes and changes no file")
    func readingAtRest() async throws {
        await journal.close()
        let before = try files()
        #expect(try await entries { _ in }.count == 4)
        #expect(try files() == before)

        let copies = scratch.folder + "/a copy? of #1"
        try FileManager.default.createDirectory(atPath: copies, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: scratch.journal, toPath: copies + "/copy.sqlite")
        let copy = JournalReader(path: copies + "/copy.sqlite")
        #expect(try await copy.history(HistoryQuery()).count == 4)
        #expect(try await copy.verify(anchors: []).isSound)
        #expect(try FileManager.default.contentsOfDirectory(atPath: copies) == ["copy.sqlite"])
    }

    @Test("A journal that is not there is an error that names it, and is not made by reading")
    func missing() async throws {
        let path = scratch.folder + "/none.sqlite"
        let error = await failure { try await JournalReader(path: path).history(HistoryQuery()) }
        #expect(error?.code == .io && error?.message.contains(path) == true)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    private func entries(_ narrow: (inout HistoryQuery) -> Void) async throws -> [HistoryEntry] {
        var query = HistoryQuery()
        narrow(&query)
        return try await reader.history(query)
    }

    private func ids(_ narrow: (inout HistoryQuery) -> Void) async throws -> [Int64] { try await entries(narrow).map(\.id.seq) }

    /// Content of the journal and its log; the shared-memory index beside them holds readers' locks and is no record.
    private func files() throws -> [String: Data] {
        let folder = scratch.folder + "/state"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let contents = try names.map { ($0, $0.hasSuffix("-shm") ? Data() : try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)"))) }
        return Dictionary(uniqueKeysWithValues: contents)
    }
}
