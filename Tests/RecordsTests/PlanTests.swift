// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Records

@Suite struct PlanTests {
    @Test("What is asked for each alert and act is looked up by trace or number, however long the history is", arguments: [
        (Journal.alertByTrace, "entries_by_trace (trace=?)"), (Entry.answersByNumber, "entries_by_about (about=?)"),
        (Entry.byNumber, "INTEGER PRIMARY KEY (rowid=?)"),
    ])
    func plan(sql: String, search: String) async throws {
        let scratch = try Scratch()
        try await filled(scratch)
        let plan = try sqlite(scratch.journal, "EXPLAIN QUERY PLAN " + sql)
        #expect(plan.contains("SEARCH entries USING") && plan.contains(search) && !plan.contains("SCAN"), "\(plan)")
    }
}
