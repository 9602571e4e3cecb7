// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Foundation
internal import Glibc

/// How the reading of a recording ended.
public enum RecordingEnd: Sendable, Hashable, CustomStringConvertible {
    /// All records were read.
    case whole(records: UInt64)
    /// The file ends within a block or without its end mark: the recorder was killed, or the file was cut.
    case cut(records: UInt64, atByte: UInt64)
    /// The bytes of the block that begins there are not those that were written; what follows cannot be trusted.
    case damaged(records: UInt64, atByte: UInt64)
    /// The handler asked to stop.
    case stopped(records: UInt64)

    public var description: String {
        switch self {
        case .whole(let records): "\(records) records, to the end"
        case .cut(let records, let byte): "\(records) whole records, then the recording is cut at byte \(byte)"
        case .damaged(let records, let byte): "\(records) whole records, then the recording is damaged at byte \(byte)"
        case .stopped(let records): "\(records) records, then stopped"
        }
    }
}

/// Reads a recording, record by record, in the order in which they were written. Used by one thread.
public struct RecordingReader: ~Copyable {
    /// What the recording says of itself.
    public let header: RecordingHeader
    /// What is known beside records, of the whole recording.
    public let knowledge: RecordedKnowledge

    private let file: UnsafeMutablePointer<FILE>
    private var records: UInt64 = 0
    private let opener: BlockOpener
    private var position: UInt64
    private var content: [UInt8] = []

    /// Opens a recording and reads its header. Throws when the file is no recording, of another version, or its header damaged.
    public init(path: String) throws(RecordingError) {
        guard let file = fopen(path, "re") else {
            let reason = errno
            throw RecordingError(
                .cannotOpen, "The recording \(path) cannot be opened: \(String(cString: strerror(reason))).", errno: reason)
        }
        guard let opener = BlockOpener() else {
            fclose(file)
            throw RecordingError(.cannotOpen, "There is no memory to open the recording \(path) in.")
        }
        do throws(RecordingError) {
            var bytes = Self.read(RecordingHeader.fixedLength, from: file)
            let length = try RecordingHeader.length(fixed: bytes, path: path)
            bytes += Self.read(length - bytes.count, from: file)
            guard bytes.count == length else {
                throw RecordingError(.damagedHeader, "The recording \(path) is cut within its header, at byte \(bytes.count).")
            }
            header = try RecordingHeader(bytes: bytes, path: path)
            position = UInt64(length)
            knowledge = Self.knowledge(of: file, opener)
        } catch {
            fclose(file)
            throw error
        }
        self.file = file
        self.opener = opener
    }

    deinit { fclose(file) }

    /// Hands over every whole record that is left, until `handle` says false; the bytes are good until it returns.
    public mutating func forEach(_ handle: (UnsafeRawBufferPointer) -> Bool) -> RecordingEnd {
        while true {
            let length: Int
            switch nextBlock() {
            case .ended(let end): return end
            case .block(let content): length = content
            case .knowledge: continue
            }
            let walked = content.withUnsafeBytes { Self.walk(UnsafeRawBufferPointer(rebasing: $0[..<length]), handle) }
            records += walked.records
            switch walked.end {
            case .whole: continue
            case .damaged: return .damaged(records: records, atByte: position)
            case .stopped: return .stopped(records: records)
            }
        }
    }

    private enum BlockEnd { case whole, damaged, stopped }

    private static func walk(
        _ content: UnsafeRawBufferPointer, _ handle: (UnsafeRawBufferPointer) -> Bool
    ) -> (records: UInt64, end: BlockEnd) {
        var records: UInt64 = 0, place = 0
        while place < content.count {
            guard let record = RecordingBlock.record(at: place, in: content) else { return (records, .damaged) }
            records += 1
            place = record.upperBound
            guard handle(UnsafeRawBufferPointer(rebasing: content[record])) else { return (records, .stopped) }
        }
        return (records, .whole)
    }

    private enum Next {
        /// So many bytes of records are in `content`.
        case block(Int)
        /// It was read before.
        case knowledge
        case ended(RecordingEnd)
    }

    private mutating func nextBlock() -> Next {
        let head = Self.read(RecordingBlock.headLength, from: file)
        guard head.count == RecordingBlock.headLength else { return cut(after: head.count) }
        let lengths = BlockLengths(head)
        if lengths.areZero { return .ended(end()) }
        guard lengths.areSound else { return damaged }
        let frame = Self.read(lengths.packed, from: file)
        guard frame.count == lengths.packed else { return cut(after: head.count + frame.count) }
        guard opener.open(frame, of: lengths.content, into: &content) else { return damaged }
        if lengths.isKnowledge, Self.knowledge(content[..<lengths.content]) == nil { return damaged }
        position += UInt64(head.count + lengths.packed)
        return lengths.isKnowledge ? .knowledge : .block(lengths.content)
    }

    /// Reads the blocks of knowledge and passes over the others; then the file is where it was. What is damaged is told by `forEach`, when
    /// it comes there; a file in which nobody can go back, such as a pipe, is left alone.
    private static func knowledge(of file: UnsafeMutablePointer<FILE>, _ opener: borrowing BlockOpener) -> RecordedKnowledge {
        var all = RecordedKnowledge(), content: [UInt8] = []
        let begin = ftello(file)
        guard begin >= 0, fseeko(file, begin, SEEK_SET) == 0 else { return all }
        defer { fseeko(file, begin, SEEK_SET) }
        while true {
            let head = read(RecordingBlock.headLength, from: file)
            guard head.count == RecordingBlock.headLength else { return all }
            let lengths = BlockLengths(head)
            guard !lengths.areZero, lengths.areSound else { return all }
            guard lengths.isKnowledge else {
                guard fseeko(file, lengths.packed, SEEK_CUR) == 0 else { return all }
                continue
            }
            let frame = read(lengths.packed, from: file)
            guard frame.count == lengths.packed, opener.open(frame, of: lengths.content, into: &content),
                let knowledge = knowledge(content[..<lengths.content])
            else { return all }
            all.add(knowledge)
        }
    }

    private static func knowledge(_ content: ArraySlice<UInt8>) -> RecordedKnowledge? {
        try? JSONDecoder().decode(RecordedKnowledge.self, from: Data(content))
    }

    private var damaged: Next { .ended(.damaged(records: records, atByte: position)) }

    private func cut(after bytes: Int) -> Next { .ended(.cut(records: records, atByte: position + UInt64(bytes))) }

    private func end() -> RecordingEnd {
        let mark = Self.read(8, from: file)
        let place = position + UInt64(RecordingBlock.headLength)
        guard mark.count == 8 else { return .cut(records: records, atByte: place + UInt64(mark.count)) }
        let written = RecordingHeader.number(mark, at: 0, as: UInt64.self)
        return written == records ? .whole(records: records) : .damaged(records: records, atByte: position)
    }

    private static func read(_ count: Int, from file: UnsafeMutablePointer<FILE>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, got in got = fread(buffer.baseAddress!, 1, count, file) }
    }
}
