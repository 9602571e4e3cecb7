// SPDX-License-Identifier: Apache-2.0
import EventModel
import EventSources
import Foundation
import Glibc
import Testing

/// A file path that is removed with the test.
final class ScratchFile: Sendable {
    let path = NSTemporaryDirectory() + "saker-test-\(UUID().uuidString)"
    deinit { unlink(path) }

    var bytes: [UInt8] {
        get throws { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
    }

    func put(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
}

private let header = RecordingHeader(
    created: Timestamp(nanoseconds: 1_700_000_000_000_000_000), wallClockOffset: -77, hostname: "node-1")
private let records = (0..<100).map { number in (0..<(number * 7 + 1)).map { UInt8(truncatingIfNeeded: number &+ $0) } }

private func recorded(_ file: ScratchFile, finish: Bool = true) throws {
    var writer = try RecordingWriter(path: file.path, header: header)
    for record in records { try record.withUnsafeBytes { bytes in try writer.append(bytes) } }
    if finish { try writer.finish() } else { try writer.flush() }
}

private func readAll(_ path: String) throws -> ([[UInt8]], RecordingEnd) {
    var reader = try RecordingReader(path: path)
    var read: [[UInt8]] = []
    let end = reader.forEach {
        read.append(Array($0))
        return true
    }
    return (read, end)
}

private func refusal(_ path: String) -> RecordingError? {
    do throws(RecordingError) {
        _ = try RecordingReader(path: path)
        return nil
    } catch {
        return error
    }
}

@Suite("Recordings")
struct RecordingTests {
    @Test("What is written is read back, with what the recording says of itself")
    func roundTrip() throws {
        let file = ScratchFile()
        try recorded(file)
        let reader = try RecordingReader(path: file.path)
        #expect(reader.header == header)
        let (read, end) = try readAll(file.path)
        #expect(read == records)
        #expect(end == .whole(records: 100))
    }

    @Test("A recording is its owner's only, and is never overwritten")
    func ownership() throws {
        let file = ScratchFile()
        try recorded(file)
        var facts = stat()
        #expect(stat(file.path, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
        let before = try file.bytes
        do throws(RecordingError) {
            _ = try RecordingWriter(path: file.path, header: header)
            Issue.record("the file was overwritten")
        } catch {
            #expect(error.code == .cannotOpen)
            #expect(error.message.contains("exists"))
        }
        #expect(try file.bytes == before)
    }

    @Test("A recorder that was killed leaves its whole records, and the reader says that the end is missing")
    func unfinished() throws {
        let file = ScratchFile()
        try recorded(file, finish: false)
        let (read, end) = try readAll(file.path)
        #expect(read == records)
        #expect(end == .cut(records: 100, atByte: UInt64(try file.bytes.count)))
    }

    @Test("Cut anywhere, a recording gives the records before the cut and says where it is")
    func cut() throws {
        let whole = ScratchFile(), part = ScratchFile()
        try recorded(whole)
        let bytes = try whole.bytes
        let start = bytes.count - records.reduce(16) { $0 + 8 + $1.count }
        for length in stride(from: start, to: bytes.count, by: 97) {
            try part.put(Array(bytes[..<length]))
            let (read, end) = try readAll(part.path)
            #expect(read == Array(records[..<read.count]))
            #expect(end == .cut(records: UInt64(read.count), atByte: UInt64(length)))
        }
    }

    @Test("A changed byte in a record is noticed where it is")
    func damaged() throws {
        let whole = ScratchFile()
        try recorded(whole)
        var bytes = try whole.bytes
        let start = bytes.count - records.reduce(16) { $0 + 8 + $1.count }
        bytes[start + 8] ^= 1
        let damaged = ScratchFile()
        try damaged.put(bytes)
        let (read, end) = try readAll(damaged.path)
        #expect(read.isEmpty)
        #expect(end == .damaged(records: 0, atByte: UInt64(start)))
    }

    @Test("A reader can be stopped between two records")
    func stopped() throws {
        let file = ScratchFile()
        try recorded(file)
        var reader = try RecordingReader(path: file.path)
        var seen = 0
        let end = reader.forEach { _ in
            seen += 1
            return seen < 3
        }
        #expect(end == .stopped(records: 3))
    }

    @Test("A file that is no recording, of another version or without a whole header is refused with a reason")
    func refused() throws {
        let whole = ScratchFile(), other = ScratchFile()
        try recorded(whole)
        let bytes = try whole.bytes
        try other.put(Array("#!/bin/sh\nexit 0\n and some more text to be longer than a header".utf8))
        #expect(refusal(other.path)?.code == .notARecording)
        try other.put([])
        #expect(refusal(other.path)?.code == .notARecording)
        try other.put(Array(bytes[..<20]))
        #expect(refusal(other.path)?.code == .damagedHeader)
        try other.put(Array(bytes[..<34]))
        #expect(refusal(other.path)?.code == .damagedHeader)
        for (place, code) in [(8, RecordingError.Code.otherVersion), (10, .otherVersion), (13, .damagedHeader), (17, .damagedHeader)] {
            var changed = bytes
            changed[place] ^= 0x40
            try other.put(changed)
            #expect(refusal(other.path)?.code == code)
        }
        #expect(refusal("/nonexistent/recording")?.code == .cannotOpen)
    }
}
