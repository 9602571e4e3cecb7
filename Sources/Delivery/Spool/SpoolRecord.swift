// SPDX-License-Identifier: Apache-2.0

/// One record of a segment file: mark, length and CRC-32 (4 bytes each, little-endian), then the payload.
enum SpoolRecord {
    static let headerBytes = 12
    /// No alert is as large; a length beyond this is damage.
    static let largestPayload = 1 << 20

    // "SKR1" as the file has it.
    private static let mark: UInt32 = 0x3152_4b53

    static func framed(_ payload: [UInt8]) -> [UInt8] {
        bytes(mark) + bytes(UInt32(payload.count)) + bytes(checksum(payload[...])) + payload
    }

    /// What a segment holds.
    struct Scan: Equatable {
        /// Where the payloads of whole records lie.
        var payloads: [Range<Int>] = []
        /// How many records are damaged: at least, since one whose start is unreadable and that follows a damaged one is not seen.
        var damaged = 0
        /// Where the bytes lie that belong to no whole record.
        var gaps: [Range<Int>] = []
        /// Where the first byte lies of a record that the file's end cuts off; nil when there is none.
        var tornAt: Int?
    }

    /// Reads a segment. What a crash cut off at the end is told apart from damage, behind which the next whole record is looked for.
    static func scan(_ segment: [UInt8]) -> Scan {
        var scan = Scan()
        var place = 0
        while place < segment.count {
            let found = look(segment, at: place)
            if case .whole(let payload) = found {
                scan.payloads.append(payload)
                place = payload.upperBound
                continue
            }
            let next = nextStart(segment, after: place)
            if next == nil, found == .cutOff {
                scan.tornAt = place
                return scan
            }
            scan.damaged += 1
            scan.gaps.append(place..<(next ?? segment.count))
            place = next ?? segment.count
        }
        return scan
    }

    private enum Found: Equatable {
        case whole(Range<Int>)
        /// It begins like a record, and the file ends before it does.
        case cutOff
        case damaged
    }

    private static func look(_ segment: [UInt8], at place: Int) -> Found {
        let start = place + headerBytes
        guard start <= segment.count else {
            return segment[place...].starts(with: bytes(mark).prefix(segment.count - place)) ? .cutOff : .damaged
        }
        guard beginsRecord(segment, at: place) else { return .damaged }
        let end = start + length(segment, at: place)
        guard end <= segment.count else { return .cutOff }
        return number(segment, at: place + 8) == checksum(segment[start..<end]) ? .whole(start..<end) : .damaged
    }

    /// The next place that may begin a record. No alert's text can pass for one: a length has a zero byte, which JSON writes as `\u0000`.
    private static func nextStart(_ segment: [UInt8], after place: Int) -> Int? {
        let last = segment.count - headerBytes
        return place < last ? (place + 1...last).first { beginsRecord(segment, at: $0) } : nil
    }

    private static func beginsRecord(_ segment: [UInt8], at place: Int) -> Bool {
        segment[place] == UInt8(truncatingIfNeeded: mark) && number(segment, at: place) == mark
            && length(segment, at: place) <= largestPayload
    }

    private static func length(_ segment: [UInt8], at place: Int) -> Int { Int(number(segment, at: place + 4)) }

    // The length is part of what is checked, so that a damaged one cannot pass with another record's bytes.
    private static func checksum(_ payload: ArraySlice<UInt8>) -> UInt32 {
        CRC32.of(bytes(UInt32(payload.count)), then: payload)
    }

    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }

    private static func number(_ bytes: [UInt8], at place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
    }
}

/// The CRC-32 of IEEE 802.3, as zlib has it.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
    }

    static func of(_ first: [UInt8], then second: ArraySlice<UInt8>) -> UInt32 {
        var value = UInt32.max
        for byte in first { value = table[Int((value ^ UInt32(byte)) & 0xff)] ^ (value >> 8) }
        for byte in second { value = table[Int((value ^ UInt32(byte)) & 0xff)] ^ (value >> 8) }
        return ~value
    }
}
