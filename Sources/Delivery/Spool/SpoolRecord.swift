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
        /// How many records between whole ones are damaged.
        var damaged = 0
        /// Where the first byte lies that belongs to no record; nil when the file ends with a record's end.
        var tornAt: Int?
    }

    /// Reads a segment. What a crash cut off at the end is told apart from damage in the middle.
    static func scan(_ segment: [UInt8]) -> Scan {
        var scan = Scan()
        var place = 0
        while place < segment.count {
            guard place + headerBytes <= segment.count, number(segment, at: place) == mark else {
                scan.tornAt = place
                return scan
            }
            let length = Int(number(segment, at: place + 4)), start = place + headerBytes
            guard length <= largestPayload, start + length <= segment.count else {
                scan.tornAt = place
                return scan
            }
            let end = start + length
            if number(segment, at: place + 8) == checksum(segment[start..<end]) {
                scan.payloads.append(start..<end)
            } else if end == segment.count {
                scan.tornAt = place
                return scan
            } else {
                scan.damaged += 1
            }
            place = end
        }
        return scan
    }

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
