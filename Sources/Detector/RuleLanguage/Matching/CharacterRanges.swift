// SPDX-License-Identifier: Apache-2.0

/// A set of Unicode characters, as ranges of their numbers.
struct CharacterRanges: Hashable {
    private static let all: ClosedRange<UInt32> = 0...0x10FFFF

    private(set) var ranges: [ClosedRange<UInt32>] = []

    init(_ ranges: [ClosedRange<UInt32>] = []) {
        for range in ranges { insert(range) }
    }

    /// Every character that is not in `excluded`.
    init(allBut excluded: CharacterRanges) {
        var next = Self.all.lowerBound
        for range in excluded.ranges {
            if range.lowerBound > next { ranges.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= Self.all.upperBound { ranges.append(next...Self.all.upperBound) }
    }

    /// Adds a range; the ranges stay apart and in order.
    mutating func insert(_ range: ClosedRange<UInt32>) {
        var whole = range
        var apart: [ClosedRange<UInt32>] = []
        for other in ranges {
            let touches = other.lowerBound <= whole.upperBound &+ 1 && whole.lowerBound <= other.upperBound &+ 1
            guard touches else {
                apart.append(other)
                continue
            }
            whole = min(whole.lowerBound, other.lowerBound)...max(whole.upperBound, other.upperBound)
        }
        ranges = (apart + [whole]).sorted { $0.lowerBound < $1.lowerBound }
    }

    mutating func insert(_ other: CharacterRanges) {
        for range in other.ranges { insert(range) }
    }

    /// The ASCII characters in it, which are bytes.
    var ascii: RegexProgram.ByteSet {
        var set = RegexProgram.ByteSet()
        for range in ranges where range.lowerBound < 0x80 {
            set.insert(UInt8(range.lowerBound)...UInt8(min(range.upperBound, 0x7F)))
        }
        return set
    }

    /// The others as sequences of ranges of bytes, which together are their UTF-8 and nothing else that is UTF-8.
    var sequences: [[ClosedRange<UInt8>]] {
        if ranges.last == 0x80...Self.all.upperBound || ranges.last.map({ $0.lowerBound < 0x80 && $0.upperBound == 0x10FFFF }) == true {
            let tail: ClosedRange<UInt8> = 0x80...0xBF
            return [[0xC2...0xDF, tail], [0xE0...0xEF, tail, tail], [0xF0...0xF4, tail, tail, tail]]
        }
        return ranges.flatMap { range in
            range.upperBound < 0x80 ? [] : Self.sequences(from: max(range.lowerBound, 0x80), through: range.upperBound)
        }
    }

    // Split where the number of bytes changes, and where a byte further behind does not take all its values.
    private static func sequences(from low: UInt32, through high: UInt32) -> [[ClosedRange<UInt8>]] {
        for last: UInt32 in [0x7FF, 0xFFFF] where low <= last && last < high {
            return sequences(from: low, through: last) + sequences(from: last + 1, through: high)
        }
        let length = low < 0x800 ? 2 : low < 0x10000 ? 3 : 4
        for place in 1..<length {
            let rest = UInt32(1) << UInt32(6 * place) - 1
            guard low & ~rest != high & ~rest else { continue }
            if low & rest != 0 { return sequences(from: low, through: low | rest) + sequences(from: (low | rest) + 1, through: high) }
            if high & rest != rest {
                return sequences(from: low, through: high & ~rest - 1) + sequences(from: high & ~rest, through: high)
            }
        }
        return [zip(bytes(of: low, length), bytes(of: high, length)).map { $0...$1 }]
    }

    /// The UTF-8 of a character of that many bytes.
    private static func bytes(of character: UInt32, _ length: Int) -> [UInt8] {
        let mark: [UInt32] = [0, 0, 0xC0, 0xE0, 0xF0]
        return (0..<length).map { place in
            let bits = character >> UInt32(6 * (length - 1 - place))
            return UInt8(truncatingIfNeeded: place == 0 ? mark[length] | bits : 0x80 | bits & 0x3F)
        }
    }
}
