// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How the reading of a recording ended.
public enum RecordingEnd: Sendable, Hashable, CustomStringConvertible {
    /// All records were read.
    case whole(records: UInt64)
    /// The file ends within a record or without its end mark: the recorder was killed, or the file was cut.
    case cut(records: UInt64, atByte: UInt64)
    /// A record's bytes are not those that were written; what follows cannot be trusted.
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

    private let file: UnsafeMutablePointer<FILE>
    private var records: UInt64 = 0
    private var position: UInt64
    private var buffer: [UInt8] = []

    // A wire record has at most eight parts of 64 KiB; a longer one is damage.
    private static let recordLimit = 1 << 20

    /// Opens a recording and reads its header. Throws when the file is no recording, of another version, or its header damaged.
    public init(path: String) throws(RecordingError) {
        guard let file = fopen(path, "re") else {
            let reason = errno
            throw RecordingError(
                .cannotOpen, "The recording \(path) cannot be opened: \(String(cString: strerror(reason))).", errno: reason)
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
        } catch {
            fclose(file)
            throw error
        }
        self.file = file
    }

    deinit { fclose(file) }

    /// Hands over every whole record that is left, until `handle` says false; the bytes are good until it returns.
    public mutating func forEach(_ handle: (UnsafeRawBufferPointer) -> Bool) -> RecordingEnd {
        while true {
            let frame = Self.read(8, from: file)
            guard frame.count == 8 else { return .cut(records: records, atByte: position + UInt64(frame.count)) }
            let length = Int(RecordingHeader.number(frame, at: 0, as: UInt32.self))
            if length == 0 { return end() }
            guard length <= Self.recordLimit else { return .damaged(records: records, atByte: position) }
            let got = fill(length)
            guard got == length else { return .cut(records: records, atByte: position + 8 + UInt64(got)) }
            let goesOn = buffer.withUnsafeBytes { bytes -> Bool? in
                let record = UnsafeRawBufferPointer(rebasing: bytes[..<length])
                guard RecordingChecksum.of(record) == RecordingHeader.number(frame, at: 4, as: UInt32.self) else { return nil }
                return handle(record)
            }
            guard let goesOn else { return .damaged(records: records, atByte: position) }
            records += 1
            position += UInt64(8 + length)
            if !goesOn { return .stopped(records: records) }
        }
    }

    private func end() -> RecordingEnd {
        let mark = Self.read(8, from: file)
        guard mark.count == 8 else { return .cut(records: records, atByte: position + 8 + UInt64(mark.count)) }
        let written = RecordingHeader.number(mark, at: 0, as: UInt64.self)
        return written == records ? .whole(records: records) : .damaged(records: records, atByte: position)
    }

    private mutating func fill(_ length: Int) -> Int {
        if buffer.count < length { buffer = [UInt8](repeating: 0, count: length) }
        let file = file
        return buffer.withUnsafeMutableBytes { fread($0.baseAddress!, 1, length, file) }
    }

    private static func read(_ count: Int, from file: UnsafeMutablePointer<FILE>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, got in got = fread(buffer.baseAddress!, 1, count, file) }
    }
}
