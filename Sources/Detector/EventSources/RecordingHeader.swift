// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Capture

/// What a recording says of itself, before its records.
///
/// On disk, little-endian: `SAKERREC`, format version (2 bytes), wire version (2), length of the header with all its parts (4),
/// creation time (8), wall clock offset (8), the host's name, and a checksum of all this (4).
public struct RecordingHeader: Sendable, Hashable {
    /// When it was begun.
    public let created: Timestamp
    /// The wall clock minus CLOCK_BOOTTIME on that host, in nanoseconds: the decoder of its records needs it.
    public let wallClockOffset: Int64
    /// The host whose events these are.
    public let hostname: String

    /// States what a new recording is.
    public init(created: Timestamp, wallClockOffset: Int64, hostname: String) {
        self.created = created
        self.wallClockOffset = wallClockOffset
        self.hostname = hostname
    }

    static let magic = Array("SAKERREC".utf8)
    static let formatVersion: UInt16 = 3
    /// Of the older ones, 2 is the same without knowledge.
    static let readableFormats: ClosedRange<UInt16> = 2...3
    static let fixedLength = 32
    /// No header is longer: a host's name has at most 64 bytes.
    static let maximumLength = 4_096

    var bytes: [UInt8] {
        let name = Array(hostname.utf8.prefix(Self.maximumLength - Self.fixedLength - 4))
        var bytes = Self.magic
        bytes += Self.bytes(of: Self.formatVersion) + Self.bytes(of: WireDecoder.version)
        bytes += Self.bytes(of: UInt32(Self.fixedLength + name.count + 4))
        bytes += Self.bytes(of: created.nanoseconds) + Self.bytes(of: wallClockOffset) + name
        return bytes + Self.bytes(of: RecordingChecksum.of(bytes))
    }

    /// The length of the whole header, from its fixed part.
    static func length(fixed: [UInt8], path: String) throws(RecordingError) -> Int {
        guard fixed.count >= magic.count, fixed.starts(with: magic) else {
            throw RecordingError(.notARecording, "\(path) is no recording of Saker's: it does not begin with SAKERREC.")
        }
        guard fixed.count == fixedLength else { throw damaged(path) }
        let format = number(fixed, at: 8, as: UInt16.self), wire = number(fixed, at: 10, as: UInt16.self)
        guard readableFormats.contains(format) else {
            let range = "\(readableFormats.lowerBound) to \(readableFormats.upperBound)"
            throw RecordingError(
                .otherVersion, "\(path) has recording format \(format), this Saker reads \(range); use the Saker that wrote it.")
        }
        let readable = WireDecoder.readableVersions
        guard readable.contains(wire) else {
            throw RecordingError(
                .otherVersion,
                "\(path) has records of version \(wire), this Saker reads \(readable.lowerBound) to \(readable.upperBound); "
                    + "use the Saker that wrote it.")
        }
        let length = Int(number(fixed, at: 12, as: UInt32.self))
        guard (fixedLength + 4...maximumLength).contains(length) else { throw damaged(path) }
        return length
    }

    init(bytes: [UInt8], path: String) throws(RecordingError) {
        let body = Array(bytes.dropLast(4))
        guard Self.number(bytes, at: body.count, as: UInt32.self) == RecordingChecksum.of(body) else { throw Self.damaged(path) }
        created = Timestamp(nanoseconds: Self.number(bytes, at: 16, as: UInt64.self))
        wallClockOffset = Self.number(bytes, at: 24, as: Int64.self)
        hostname = String(decoding: body[Self.fixedLength...], as: UTF8.self)
    }

    private static func damaged(_ path: String) -> RecordingError {
        RecordingError(.damagedHeader, "The header of the recording \(path) is cut or damaged; nothing after it can be trusted.")
    }

    static func bytes(of number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }

    static func number<Number: FixedWidthInteger & BitwiseCopyable>(_ bytes: [UInt8], at offset: Int, as: Number.Type) -> Number {
        Number(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) })
    }
}

/// The checksum of headers: FNV-1a folded to 32 bits. It finds cut and damaged bytes, and is no seal against forgery.
enum RecordingChecksum {
    static func of(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes(of) }

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let hash = ByteView(bytes).hash64
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
