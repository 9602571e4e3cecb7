// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Records
import Testing

@Suite struct VerifyTests {
    let scratch: Scratch
    let store: FolderResultStore

    /// Ten alerts, an act each, an outcome each (entries 1 to 30), and a result file for each outcome.
    init() async throws {
        scratch = try Scratch()
        store = FolderResultStore(folder: scratch.results)
        let journal = try Journal(path: scratch.journal, role: .responder)
        for index in 0..<10 {
            let alert = Sample.alert(TraceID("trace-\(index)"))
            let act = Sample.act(alert.trace)
            _ = try await journal.accept(alert, at: Sample.time)
            let id = try await journal.intend([act], rehearsal: false, at: Sample.time)[0]
            let outcome = Outcome.done(Proof("labelled"))
            let head = try await journal.close(id, outcome: outcome, at: Sample.later(1))
            let delays = ResultRecord.Delays(event: alert.time, accepted: Sample.time, intended: Sample.time, ended: Sample.later(1))
            _ = try await store.put(
                ResultRecord(id: id, alert: alert, act: act, outcome: outcome, rehearsal: false, delays: delays, head: head))
        }
        await journal.close()
    }

    @Test("An untouched journal is sound and agrees with every result file")
    func sound() async throws {
        let verification = try await verify()
        #expect(verification.isSound, "\(verification.findings)")
        #expect(verification.count == 30 && verification.head.seq == 30 && verification.anchorsChecked == 10)
    }

    @Test("An edited entry is named")
    func edited() async throws {
        try tamper("UPDATE entries SET body = replace(body, 'labelled', 'untouched') WHERE seq = 15")
        #expect(try await verify().findings.map(\.kind) == [.edited])
        #expect(try await verify().findings.map(\.seq) == [15])
    }

    @Test("Every column of an entry is bound by its hash", arguments: [
        "time = time + 1", "kind = 'note'", "trace = 'x'", "about = about - 1", "body = '{}'",
    ])
    func everyColumn(change: String) async throws {
        try tamper("UPDATE entries SET \(change) WHERE seq = 15")
        #expect(try await verify().findings.contains { $0.kind == .edited && $0.seq == 15 })
    }

    @Test("An edited entry whose own hash was made anew breaks the link to the next")
    func editedWithHash() async throws {
        try rewrite(from: 15, through: 15)
        let findings = try await verify().findings
        #expect(findings.map(\.kind) == [.recomputed, .brokenLink])
        #expect(findings.map(\.seq) == [15, 16])
    }

    @Test("Removed entries are named, also at the beginning")
    func removed() async throws {
        try tamper("DELETE FROM entries WHERE seq IN (1, 2, 8)")
        let findings = try await verify().findings.filter { $0.kind == .removed }
        #expect(findings.map(\.seq) == [1, 8])
        #expect(findings.map(\.sentence) == [
            "entries 1 to 2 are missing: history was removed", "entry 8 is missing: history was removed",
        ])
    }

    @Test("A cut-off tail is invisible in the journal alone and shown by the result files that knew it")
    func truncated() async throws {
        try tamper("DELETE FROM entries WHERE seq > 25")
        #expect(try await JournalReader(path: scratch.journal).verify(anchors: []).isSound)
        let findings = try await verify().findings
        #expect(findings.map(\.kind) == [.truncated, .truncated])
        #expect(findings.map(\.seq) == [27, 30])
        #expect(findings[0].sentence.contains("2023/11/14/shop/web-1/trace-8-26-kubernetes.label.json"))
    }

    @Test("A wholly recomputed chain is consistent in itself and shown by the result files that knew the old one")
    func recomputed() async throws {
        try rewrite(from: 14, through: 30)
        #expect(try await JournalReader(path: scratch.journal).verify(anchors: []).isSound)
        let findings = try await verify().findings
        #expect(findings.allSatisfy { $0.kind == .recomputed })
        #expect(findings.map(\.seq) == [15, 18, 21, 24, 27, 30])
    }

    @Test("A removed or changed trigger is named")
    func trigger() async throws {
        _ = try sqlite(
            scratch.journal,
            """
            DROP TRIGGER entries_no_delete; DROP TRIGGER entries_no_update;
            CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT 1; END;
            CREATE TRIGGER helper AFTER INSERT ON entries BEGIN DELETE FROM entries WHERE seq = 1; END;
            """)
        let findings = try await verify().findings
        #expect(findings.map(\.kind) == [.schema, .schema, .schema])
        for name in ["entries_no_delete", "entries_no_update", "helper"] {
            #expect(findings.contains { $0.sentence.hasPrefix("'\(name)'") })
        }
    }

    @Test("A result file that cannot be read vouches for nothing, and says so")
    func unreadableAnchor() async throws {
        let anchors = try store.anchors()
        let first = scratch.results + "/" + anchors[0].source
        try Data("{\"head\":".utf8).write(to: URL(fileURLWithPath: first))
        let verification = try await verify()
        #expect(verification.findings.map(\.kind) == [.unreadableAnchor])
        #expect(verification.anchorsChecked == 9)
    }

    @Test("A wrong type where a number belongs is called corrupt and does not trap")
    func wrongType() async throws {
        try tamper(
            "CREATE TABLE loose AS SELECT * FROM entries; DROP TABLE entries; ALTER TABLE loose RENAME TO entries",
            "UPDATE entries SET hash = NULL, time = 'soon' WHERE seq = 3")
        #expect(await failure { try await verify() }?.code == .corrupt)
    }

    private func verify() async throws -> Verification {
        try await JournalReader(path: scratch.journal).verify(anchors: store.anchors())
    }

    /// Runs each statement in a shell of its own with the triggers out of the way, and puts them back as they were.
    private func tamper(_ statements: String...) throws {
        let triggers = try sqlite(scratch.journal, "SELECT sql || ';' FROM sqlite_schema WHERE type = 'trigger'")
        let names = try sqlite(scratch.journal, "SELECT name FROM sqlite_schema WHERE type = 'trigger'").split(separator: "\n")
        try #require(names.count == 3)
        _ = try sqlite(scratch.journal, names.map { "DROP TRIGGER \($0);" }.joined())
        for statement in statements { #expect(try sqlite(scratch.journal, statement) == "") }
        #expect(try sqlite(scratch.journal, triggers) == "")
    }

    /// Adds a blank to each body and makes the hashes anew, as somebody would who can write the file and has read this code.
    private func rewrite(from first: Int, through last: Int) throws {
        let script = """
            import hashlib, sqlite3, struct, sys
            db = sqlite3.connect(sys.argv[1]); first, last = int(sys.argv[2]), int(sys.argv[3])
            triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            for name, _ in triggers: db.execute("DROP TRIGGER " + name)
            number = lambda n: struct.pack(">q", n)
            text = lambda b: number(len(b)) + b
            for seq in range(first, last + 1):
                time, kind, trace, about, body, previous = db.execute(
                    "SELECT time, kind, trace, about, body, previous FROM entries WHERE seq = ?", (seq,)).fetchone()
                if seq > first: previous = db.execute("SELECT hash FROM entries WHERE seq = ?", (seq - 1,)).fetchone()[0]
                body += " "
                hash = hashlib.sha256(text(previous) + number(seq) + text(kind.encode()) + number(time) + text(trace.encode())
                    + number(about) + text(body.encode())).digest()
                db.execute("UPDATE entries SET body = ?, previous = ?, hash = ? WHERE seq = ?", (body, previous, hash, seq))
            for _, sql in triggers: db.execute(sql)
            db.commit()
            """
        #expect(try run("/usr/bin/python3", ["-c", script, scratch.journal, "\(first)", "\(last)"]) == "")
    }
}
