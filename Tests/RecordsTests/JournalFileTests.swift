// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Records
import Testing

@Suite struct JournalFileTests {
    @Test("The journal and all its files are for their owner only, also under a lax umask")
    func modes() async throws {
        let scratch = try Scratch()
        let journal = try Journal(path: scratch.journal, role: .responder)
        _ = try await journal.accept(Sample.alert(), at: Sample.time)
        let folder = scratch.folder + "/state"
        #expect(try mode(folder) == 0o700)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names == ["journal.sqlite", "journal.sqlite-shm", "journal.sqlite-wal", "journal.sqlite.lock", "journal.sqlite.reserve"])
        for name in names { #expect(try mode(folder + "/" + name) == 0o600, "\(name)") }
        await journal.close()
    }

    @Test("An existing file that others may read is closed to them")
    func tightens() async throws {
        let scratch = try Scratch()
        try await filled(scratch)
        #expect(chmod(scratch.journal, 0o644) == 0)
        try await Journal(path: scratch.journal, role: .visitor).close()
        #expect(try mode(scratch.journal) == 0o600)
    }

    @Test("A folder that others may write and a symbolic link are refused")
    func unsafePlaces() throws {
        let scratch = try Scratch()
        let open = scratch.folder + "/open"
        try FileManager.default.createDirectory(atPath: open, withIntermediateDirectories: true)
        #expect(chmod(open, 0o777) == 0)
        #expect(failure { try Journal(path: open + "/journal.sqlite", role: .visitor) }?.code == .unsafePath)
        let link = scratch.folder + "/link.sqlite"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: scratch.folder + "/elsewhere.sqlite")
        #expect(failure { try Journal(path: link, role: .visitor) }?.code == .unsafePath)
        #expect(!FileManager.default.fileExists(atPath: scratch.folder + "/elsewhere.sqlite"))
    }

    @Test("UPDATE, DELETE and INSERT OR REPLACE abort, whoever sends them", arguments: [
        ("UPDATE entries SET trace = 'x' WHERE seq = 1", "history is never changed"),
        ("DELETE FROM entries WHERE seq = 3", "history is never deleted"),
        (
            "INSERT OR REPLACE INTO entries SELECT 2, time, kind, 'x', about, body, previous, hash FROM entries WHERE seq = 2",
            "history only grows at its end"
        ),
        (
            "INSERT INTO entries SELECT 9, time, kind, trace, about, body, previous, hash FROM entries WHERE seq = 3",
            "history only grows at its end"
        ),
    ])
    func appendOnly(statement: String, complaint: String) async throws {
        let scratch = try Scratch()
        try await filled(scratch)
        let answer = try sqlite(scratch.journal, statement)
        #expect(answer.contains(complaint))
        #expect(try await JournalReader(path: scratch.journal).verify(anchors: []).count == 3)
    }

    @Test("A file that is no SQLite file is called corrupt and is left as it is")
    func notADatabase() throws {
        let scratch = try Scratch()
        let path = scratch.folder + "/journal.sqlite"
        let bytes = Data(repeating: UInt8(ascii: "x"), count: 8_192)
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = failure { try Journal(path: path, role: .responder) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("move it aside") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }

    @Test("A journal that was damaged in the middle is called corrupt or verified as damaged, and never traps")
    func damaged() async throws {
        let scratch = try Scratch()
        try await filled(scratch, alerts: 200)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.journal))
        try file.seek(toOffset: 4_096 * 5)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 4_096 * 20))
        try file.close()
        var findings: [Verification.Finding] = []
        let error = await failure { findings = try await JournalReader(path: scratch.journal).verify(anchors: []).findings }
        #expect(error?.code == .corrupt || findings.contains { $0.kind == .damaged })
    }

    @Test("A database of another program and a journal of a later Saker are refused unchanged")
    func foreignAndNewer() async throws {
        let scratch = try Scratch()
        let foreign = scratch.folder + "/foreign.sqlite"
        _ = try sqlite(foreign, "CREATE TABLE theirs (x)")
        #expect(failure { try Journal(path: foreign, role: .visitor) }?.code == .foreign)
        #expect(try sqlite(foreign, "SELECT name FROM sqlite_schema") == "theirs\n")

        try await filled(scratch)
        _ = try sqlite(scratch.journal, "PRAGMA user_version = 99")
        #expect(failure { try Journal(path: scratch.journal, role: .visitor) }?.code == .newerSchema)
        #expect(await failure { try await JournalReader(path: scratch.journal).history(HistoryQuery()) }?.code == .newerSchema)
    }

    @Test("A writer that is kept out by another process's transaction says locked")
    func locked() async throws {
        let scratch = try Scratch()
        let journal = try await filled(scratch, closing: false)
        let other = Process()
        other.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        other.arguments = [scratch.journal]
        let input = Pipe(), output = Pipe()
        (other.standardInput, other.standardOutput) = (input, output)
        try other.run()
        try input.fileHandleForWriting.write(contentsOf: Data("BEGIN IMMEDIATE; SELECT 'held';\n".utf8))
        #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "held\n")
        #expect(await failure { try await journal.accept(Sample.alert("late"), at: Sample.time) }?.code == .locked)
        try input.fileHandleForWriting.close()
        other.waitUntilExit()
        #expect(await failure { try await journal.accept(Sample.alert("late"), at: Sample.time) } == nil)
        await journal.close()
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? NSNumber).intValue
    }
}
