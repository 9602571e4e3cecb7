// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Glibc
import Testing

@testable import EventSources

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
// Shorter than a wire record, so that none has a time that would close a block.
private let records = (0..<100).map { number in (0..<(number + 1)).map { UInt8(truncatingIfNeeded: number &+ $0) } }

private func recorded(_ file: ScratchFile, finish: Bool = true) throws {
    var writer = try RecordingWriter(path: file.path, header: header)
    for (number, record) in records.enumerated() {
        try record.withUnsafeBytes { bytes in try writer.append(bytes) }
        if number % 10 == 9 { try writer.flush() }
    }
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

    private static let knowledge: RecordedKnowledge = {
        var description = ContainerDescription(source: .podman)
        (description.name, description.image, description.isPrivileged) = ("web", "localhost/web:1", true)
        description.labels = ["app": "shop \"1\""]
        description.mounts = [ContainerMount(source: "/a", destination: "/b", mode: "", isWritable: true, propagation: "rprivate")]
        let id = ContainerID(String(repeating: "a1", count: 32))
        let container = Container(id: id, podUID: nil, facts: ContainerFacts(description))
        return RecordedKnowledge(
            node: "n1", containers: [RecordedContainer(container, cgroups: [RecordedContainer.Cgroups(v2: 7, v1: 0)])],
            users: [RecordedUsers(container: id, names: [0: "root", 7: "ann"])])
    }()

    @Test("What is known of containers and users comes before all records, wherever it was written; nobody takes it for a record")
    func knowledge() throws {
        let file = ScratchFile()
        var writer = try RecordingWriter(path: file.path, header: header)
        for record in records[..<50] { try record.withUnsafeBytes { try writer.append($0) } }
        try writer.append(Self.knowledge)
        for record in records[50...] { try record.withUnsafeBytes { try writer.append($0) } }
        try writer.append(RecordedKnowledge(users: [RecordedUsers(container: nil, names: [1_000: "eve"])]))
        #expect(writer.count == 100)
        try writer.finish()
        let reader = try RecordingReader(path: file.path)
        #expect(reader.knowledge.containers == Self.knowledge.containers && reader.knowledge.node == "n1")
        #expect(reader.knowledge.users.map(\.names) == [[0: "root", 7: "ann"], [1_000: "eve"]])
        let again = try #require(reader.knowledge.containers.first?.container)
        #expect(again.known.facts?.description == Self.knowledge.containers[0].description && again.known.source == .podman)
        let (read, end) = try readAll(file.path)
        #expect(read == records && end == .whole(records: 100))
    }

    @Test("Knowledge that was damaged is told as damage where it stands, and the records before it are read")
    func damagedKnowledge() throws {
        let file = ScratchFile(), other = ScratchFile()
        var writer = try RecordingWriter(path: file.path, header: header)
        for record in records { try record.withUnsafeBytes { try writer.append($0) } }
        try writer.flush()
        let place = try file.bytes.count
        try writer.append(Self.knowledge)
        try writer.finish()
        var bytes = try file.bytes
        bytes[place + 30] ^= 0x10
        try other.put(bytes)
        #expect(try RecordingReader(path: other.path).knowledge.isEmpty)
        let (read, end) = try readAll(other.path)
        #expect(read == records && end == .damaged(records: 100, atByte: UInt64(place)))
    }

    @Test("A recording of format 2, which has no knowledge, is read as ever")
    func formerFormat() throws {
        let file = ScratchFile(), former = ScratchFile()
        try recorded(file)
        var bytes = try file.bytes
        let length = RecordingHeader.fixedLength + header.hostname.utf8.count
        bytes[8] = 2
        bytes.replaceSubrange(length..<length + 4, with: RecordingHeader.bytes(of: RecordingChecksum.of(Array(bytes[..<length]))))
        try former.put(bytes)
        let reader = try RecordingReader(path: former.path)
        #expect(reader.header == header && reader.knowledge.isEmpty)
        let (read, end) = try readAll(former.path)
        #expect(read == records && end == .whole(records: 100))
    }

    @Test("A recorder that was killed leaves its whole records, and the reader says that the end is missing")
    func unfinished() throws {
        let file = ScratchFile()
        try recorded(file, finish: false)
        let (read, end) = try readAll(file.path)
        #expect(read == records)
        #expect(end == .cut(records: 100, atByte: UInt64(try file.bytes.count)))
    }

    /// Where the blocks of a recording begin, and its end mark.
    private func blocks(_ bytes: [UInt8]) -> [Int] {
        func number(_ place: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) } }
        var places = [number(12)]
        while let last = places.last, number(last) > 0 { places.append(last + 8 + number(last + 4)) }
        return places
    }

    @Test("A recording is smaller than its records")
    func size() throws {
        let file = ScratchFile()
        try recorded(file)
        #expect(try file.bytes.count < records.reduce(0) { $0 + $1.count } / 2)
    }

    @Test("Cut anywhere, a recording gives the records of the blocks before the cut and says where it is")
    func cut() throws {
        let whole = ScratchFile(), part = ScratchFile()
        try recorded(whole)
        let bytes = try whole.bytes
        let blocks = blocks(bytes)
        for length in stride(from: blocks[0], to: bytes.count, by: 97) {
            try part.put(Array(bytes[..<length]))
            let (read, end) = try readAll(part.path)
            #expect(read == Array(records[..<(10 * blocks.dropFirst().count { $0 <= length })]))
            #expect(end == .cut(records: UInt64(read.count), atByte: UInt64(length)))
        }
    }

    @Test("A changed byte is noticed in its block, and the blocks before it are read")
    func damaged() throws {
        let whole = ScratchFile()
        try recorded(whole)
        let bytes = try whole.bytes, damaged = ScratchFile()
        let third = blocks(bytes)[2]
        for place in stride(from: third, to: blocks(bytes)[3], by: 3) {
            var changed = bytes
            changed[place] ^= 1
            try damaged.put(changed)
            let (read, end) = try readAll(damaged.path)
            #expect(read == Array(records[..<20]))
            #expect(end == .damaged(records: 20, atByte: UInt64(third)) || end == .cut(records: 20, atByte: UInt64(bytes.count)))
        }
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
