// SPDX-License-Identifier: Apache-2.0

import EventModel
import Records
import Testing

@Suite("The acts of the guardrails' window")
struct RecallTests {
    @Test("are the same whether they were kept or are read from the beginning, whatever was written and asked in between")
    func keptAndRead() async throws {
        let scratch = try Scratch()
        let journal = try Journal(path: scratch.journal, role: .responder)
        let reader = JournalReader(path: scratch.journal)
        _ = try await journal.accept(Sample.alert("trace-0"), at: Sample.time)
        var open: [IntentionID] = []
        for round in UInt64(0)..<60 {
            let now = Sample.later(round)
            switch round * 7 % 5 {
            case 0, 1:
                open += try await journal.intend([Sample.act("trace-0", pod: "web-\(round)")], rehearsal: round % 7 == 0, at: now)
            case 2 where !open.isEmpty:
                _ = try await journal.close(open.removeFirst(), outcome: .done(Proof("done")), at: now)
            case 3 where !open.isEmpty:
                let failure = Failure(code: "forbidden", message: "no")
                _ = try await journal.close(open.removeLast(), outcome: .failed(failure), at: now)
            case 4 where !open.isEmpty:
                _ = try await journal.close(open.removeFirst(), outcome: .unknown(check: "look"), at: now)
            default: break
            }
            // The window moves on, and reaches back from time to time.
            let since = Sample.later(round % 9 == 8 ? 0 : round > 20 ? round - 20 : 0)
            #expect(try await journal.recentActs(since: since) == reader.recentActs(since: since), "round \(round)")
        }
        #expect(try await journal.recentActs(since: Sample.time).isEmpty == false)
        await journal.close()
    }
}
