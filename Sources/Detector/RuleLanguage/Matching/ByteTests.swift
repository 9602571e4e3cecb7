// SPDX-License-Identifier: Apache-2.0

import EventModel
import Glibc

/// Questions about bytes that allocate nothing.
extension ByteView {
    /// `contains` without regard to the case of ASCII letters.
    func containsFolded(_ other: ByteView) -> Bool {
        guard !other.isEmpty else { return true }
        guard count >= other.count else { return false }
        var start = 0
        while start + other.count <= count {
            var index = 0
            while index < other.count, Self.folded(raw[start + index]) == Self.folded(other.raw[index]) { index += 1 }
            if index == other.count { return true }
            start += 1
        }
        return false
    }

    /// Order by bytes, a prefix first.
    func isLess(than other: ByteView) -> Bool {
        let shared = min(count, other.count)
        let order = shared == 0 ? 0 : memcmp(raw.baseAddress!, other.raw.baseAddress!, shared)
        return order == 0 ? count < other.count : order < 0
    }

    func holds(_ relation: Relation, _ other: ByteView) -> Bool {
        switch relation {
        case .equal: equals(other)
        case .notEqual: !equals(other)
        case .less: isLess(than: other)
        case .lessOrEqual: !other.isLess(than: self)
        case .greater: other.isLess(than: self)
        case .greaterOrEqual: !isLess(than: other)
        }
    }

    /// The part after the last `/`; the whole when there is none.
    var lastComponent: ByteView {
        guard let slash = lastSlash else { return self }
        return slice(slash + 1, count)
    }

    /// Where the last `/` stands.
    var lastSlash: Int? {
        var end = count
        // Eight bytes at a time: the last one of a word in memory is its highest.
        while end >= 8 {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self))
            let slashes = Self.slashes(in: word)
            if slashes != 0 { return end - 1 - slashes.leadingZeroBitCount / 8 }
            end -= 8
        }
        while end > 0, raw[end - 1] != UInt8(ascii: "/") { end -= 1 }
        return end == 0 ? nil : end - 1
    }

    // The highest bit of each byte that is a slash: turned, that byte alone is 0, and 0x7f added to the low bits of any other makes its
    // highest bit, if it has none.
    @inline(__always)
    private static func slashes(in word: UInt64) -> UInt64 {
        let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f, turned = word ^ 0x2f2f_2f2f_2f2f_2f2f
        return ~(((turned & low) &+ low) | turned | low)
    }

    /// True when the path is `prefix` or lies below it; a component of `prefix` may be a glob.
    func isPath(atOrBelow prefix: ByteView) -> Bool {
        let slash = UInt8(ascii: "/")
        var mine = 0, theirs = 0
        while theirs < prefix.count {
            while theirs < prefix.count, prefix[theirs] == slash { theirs += 1 }
            while mine < count, self[mine] == slash { mine += 1 }
            guard theirs < prefix.count else { break }
            let wanted = prefix.component(from: theirs)
            let found = component(from: mine)
            guard !found.isEmpty, found.matches(glob: wanted, folded: false) else { return false }
            theirs += wanted.count
            mine += found.count
        }
        let isAbsolute = prefix.isEmpty || prefix[0] != slash || (!isEmpty && self[0] == slash)
        return isAbsolute
    }

    private func component(from start: Int) -> ByteView {
        var end = start
        while end < count, self[end] != UInt8(ascii: "/") { end += 1 }
        return slice(start, end)
    }

    static func folded(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

/// Shell patterns as fnmatch(3) with no flags reads them: `*` and `?` match `/` too.
extension ByteView {
    func matches(glob pattern: ByteView, folded: Bool) -> Bool {
        var text = 0, place = 0
        // Where to go on when what follows the last star fails: one byte further in the text.
        var star = -1, mark = 0
        while text < count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = place
                mark = text
                place += 1
            } else if let next = Self.step(pattern, place, self[text], folded) {
                place = next
                text += 1
            } else if star >= 0 {
                place = star + 1
                mark += 1
                text = mark
            } else {
                return false
            }
        }
        while place < pattern.count, pattern[place] == UInt8(ascii: "*") { place += 1 }
        return place == pattern.count
    }

    // The place behind the pattern's element at `place` if that matches the byte.
    private static func step(_ pattern: ByteView, _ place: Int, _ byte: UInt8, _ folded: Bool) -> Int? {
        guard place < pattern.count else { return nil }
        switch pattern[place] {
        case UInt8(ascii: "?"): return place + 1
        case UInt8(ascii: "[") where bracketEnd(pattern, place) != nil: return bracket(pattern, place, byte, folded)
        case UInt8(ascii: "\\") where place + 1 < pattern.count: return same(pattern[place + 1], byte, folded) ? place + 2 : nil
        case let wanted: return same(wanted, byte, folded) ? place + 1 : nil
        }
    }

    private static func same(_ a: UInt8, _ b: UInt8, _ folded: Bool) -> Bool { folded ? self.folded(a) == self.folded(b) : a == b }

    private static func bracketEnd(_ pattern: ByteView, _ place: Int) -> Int? {
        var index = place + 1
        if index < pattern.count, isNegation(pattern[index]) { index += 1 }
        if index < pattern.count, pattern[index] == UInt8(ascii: "]") { index += 1 }
        while index < pattern.count, pattern[index] != UInt8(ascii: "]") { index += 1 }
        return index < pattern.count ? index : nil
    }

    private static func isNegation(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "!") || byte == UInt8(ascii: "^") }

    private static func bracket(_ pattern: ByteView, _ place: Int, _ byte: UInt8, _ folded: Bool) -> Int? {
        guard let end = bracketEnd(pattern, place) else { return nil }
        let negated = isNegation(pattern[place + 1])
        var index = place + (negated ? 2 : 1)
        var found = false
        let wanted = folded ? self.folded(byte) : byte
        while index < end {
            if index + 2 < end, pattern[index + 1] == UInt8(ascii: "-") {
                let low = folded ? self.folded(pattern[index]) : pattern[index]
                let high = folded ? self.folded(pattern[index + 2]) : pattern[index + 2]
                if low <= wanted, wanted <= high { found = true }
                index += 3
            } else {
                if same(pattern[index], byte, folded) { found = true }
                index += 1
            }
        }
        return found != negated ? end + 1 : nil
    }
}
