// SPDX-License-Identifier: Apache-2.0

import EventModel
import Records
import Testing

@Suite struct JournalTests {
    @Test("A second acceptance of one trace is a duplicate and adds nothing")
    func duplicates() async throws {
        let scratch = try Scratch()
        let journal = try Journal(path: scratch.journal, role: .responder)
        let first = try await journal.accept(Sample.alert(), at: Sample.time)
        let second = try await journal.accept(Sample.alert(), at: Sample.time)
        #expect(first == .accepted(EntryID(1)))
        #expect(second == .duplicate(EntryID(1)))
        await journal.close()
    }
}
