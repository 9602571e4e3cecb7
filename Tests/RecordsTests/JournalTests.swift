// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Records
import Testing

@Suite struct JournalTests {
    let scratch: Scratch
    let journal: Journal

    init() throws {
        scratch = try Scratch()
        journal = try Journal(path: scratch.journal, role: .responder)
    }

    @Test("A second acceptance of one trace is a duplicate and adds nothing")
    func duplicates() async throws {
        let first = try await journal.accept(Sample.alert(), at: Sample.time)
        let second = try await journal.accept(Sample.alert(), at: Sample.later(1))
        #expect(first == .accepted(EntryID(1)))
        #expect(second == .duplicate(EntryID(1)))
        #expect(try await JournalReader(path: scratch.journal).verify(anchors: []).count == 1)
    }

    @Test("Many callers at once get distinct numbers without a gap, and a sound chain")
    func manyAtOnce() async throws {
        let journal = journal
        let numbers = try await withThrowingTaskGroup(of: Int64.self) { group in
            for index in 0..<200 {
                group.addTask { try await journal.accept(Sample.alert(TraceID("trace-\(index % 150)")), at: Sample.time).id.seq }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(numbers == Set(1...150))
        let verification = try await JournalReader(path: scratch.journal).verify(anchors: [])
        #expect(verification.isSound && verification.count == 150)
    }

    @Test("The intentions of a plan have consecutive numbers, and none is kept when one of them is refused")
    func planIsOneCommit() async throws {
        _ = try await journal.accept(Sample.alert(), at: Sample.time)
        let ids = try await journal.intend([Sample.act(), Sample.act(actuator: "kubernetes:terminate")], rehearsal: false, at: Sample.time)
        #expect(ids == [EntryID(2), EntryID(3)])
        let refused = await failure { try await journal.intend([Sample.act(), Sample.act("unknown")], rehearsal: false, at: Sample.time) }
        #expect(refused?.code == .conflict)
        #expect(try await JournalReader(path: scratch.journal).verify(anchors: []).count == 3)
    }

    @Test("One caller's mistake does not undo what others wrote in the same commit")
    func mistakesAreAlone() async throws {
        let journal = journal
        let kept = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<60 {
                group.addTask {
                    let error: JournalError? = index % 2 == 0
                        ? await failure { try await journal.accept(Sample.alert(TraceID("t\(index)")), at: Sample.time) }
                        : await failure { try await journal.close(EntryID(9_999), outcome: .skipped(why: ""), at: Sample.time) }
                    return error == nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(kept == 30)
        #expect(try await JournalReader(path: scratch.journal).verify(anchors: []).count == 30)
    }

    @Test("An intention ends once; a second end is a conflict")
    func endsOnce() async throws {
        _ = try await journal.accept(Sample.alert(), at: Sample.time)
        let id = try await journal.intend([Sample.act()], rehearsal: false, at: Sample.time)[0]
        let head = try await journal.close(id, outcome: .done(Proof("labelled")), at: Sample.later(1))
        #expect(head.seq == 3 && head.hash.count == 64)
        let again = await failure { try await journal.close(id, outcome: .skipped(why: "late"), at: Sample.later(2)) }
        #expect(again?.code == .conflict)
    }

    @Test("What a stopped process left open is found at the next start, until it is ended")
    func openIntentions() async throws {
        _ = try await journal.accept(Sample.alert(), at: Sample.time)
        let ids = try await journal.intend([Sample.act(), Sample.act(actuator: "kubernetes:x")], rehearsal: false, at: Sample.later(1))
        _ = try await journal.close(ids[0], outcome: .done(Proof("labelled")), at: Sample.later(2))
        let undo = try await journal.intendUndo(of: ids[0], by: "ada", at: Sample.later(3))
        await journal.close()

        let next = try Journal(path: scratch.journal, role: .responder)
        let open = try await next.openIntentions()
        #expect(open.map(\.id) == [ids[1], ids[0]])
        #expect(open.map(\.work) == [.act, .undo(undo)])
        #expect(open.map(\.since) == [Sample.later(1), Sample.later(3)])
        #expect(open[0].alert == Sample.alert() && open[0].act == Sample.act(actuator: "kubernetes:x"))
        _ = try await next.close(ids[1], outcome: .unknown(check: "look at pod shop/web-1"), at: Sample.later(4))
        _ = try await next.closeUndo(undo, outcome: .done(Proof("removed")), at: Sample.later(5))
        #expect(try await next.openIntentions().isEmpty)
    }

    @Test("Budgets are counted after a restart from what happened or may have happened")
    func recentActs() async throws {
        _ = try await journal.accept(Sample.alert(), at: Sample.time)
        let outcomes: [Outcome?] = [
            .done(Proof("gone")), .unknown(check: "look"), nil, .failed(Failure(code: "forbidden", message: "no")),
            .refused(Refusal(.budget, "spent")), .skipped(why: "gone"), .rehearsed(would: "delete"),
        ]
        for (index, outcome) in outcomes.enumerated() {
            let act = Sample.act(actuator: "kubernetes:terminate", kind: .destructive, pod: "web-\(index)")
            let id = try await journal.intend([act], rehearsal: false, at: Sample.later(UInt64(index)))[0]
            if let outcome { _ = try await journal.close(id, outcome: outcome, at: Sample.later(20)) }
        }
        _ = try await journal.intend([Sample.act(pod: "rehearsed")], rehearsal: true, at: Sample.later(9))
        await journal.close()

        let next = try Journal(path: scratch.journal, role: .responder)
        let acts = try await next.recentActs(since: Sample.time)
        #expect(acts.map(\.target.name) == ["web-0", "web-1", "web-2"])
        #expect(acts.allSatisfy { $0.kind == .destructive && $0.workload == "shop/Deployment/web" })
        #expect(try await next.recentActs(since: Sample.later(1)).map(\.target.name) == ["web-1", "web-2"])
    }

    @Test("Only what happened and has an undo is taken back, once; a failed undo may be tried again")
    func undo() async throws {
        _ = try await journal.accept(Sample.alert(), at: Sample.time)
        let acts = [Sample.act(), Sample.act(undo: nil), Sample.act(), Sample.act()]
        let ids = try await journal.intend(acts, rehearsal: false, at: Sample.time)
        for id in ids.prefix(2) { _ = try await journal.close(id, outcome: .done(Proof("labelled")), at: Sample.time) }
        _ = try await journal.close(ids[2], outcome: .failed(Failure(code: "forbidden", message: "no")), at: Sample.time)

        for id in [ids[1], ids[2], EntryID(1), EntryID(77)] {
            #expect(await failure { try await journal.intendUndo(of: id, by: "ada", at: Sample.time) }?.code == .conflict)
        }
        let first = try await journal.intendUndo(of: ids[0], by: "ada", at: Sample.time)
        #expect(await failure { try await journal.intendUndo(of: ids[0], by: "bob", at: Sample.time) }?.code == .conflict)
        _ = try await journal.closeUndo(first, outcome: .failed(Failure(code: "timeout", message: "no answer")), at: Sample.time)
        let second = try await journal.intendUndo(of: ids[0], by: "bob", at: Sample.time)
        _ = try await journal.closeUndo(second, outcome: .done(Proof("removed")), at: Sample.time)
        #expect(await failure { try await journal.intendUndo(of: ids[0], by: "eve", at: Sample.time) }?.code == .conflict)
    }

    @Test("A second responder on one journal is refused, a visitor is let in and its entries join the chain")
    func roles() async throws {
        let path = scratch.journal
        #expect(failure { try Journal(path: path, role: .responder) }?.code == .locked)
        let visitor = try Journal(path: path, role: .visitor)
        _ = try await journal.accept(Sample.alert("a"), at: Sample.time)
        _ = try await visitor.accept(Sample.alert("b"), at: Sample.time)
        _ = try await journal.accept(Sample.alert("c"), at: Sample.time)
        await visitor.close()
        let verification = try await JournalReader(path: path).verify(anchors: [])
        #expect(verification.isSound && verification.count == 3)
        await journal.close()
        await Self.close(try Journal(path: path, role: .responder))
    }

    @Test("A closed journal refuses what comes later, and closing twice is no harm")
    func closed() async throws {
        await journal.close()
        await journal.close()
        #expect(await failure { try await journal.accept(Sample.alert(), at: Sample.time) }?.code == .closed)
    }

    private static func close(_ journal: Journal) async { await journal.close() }
}
