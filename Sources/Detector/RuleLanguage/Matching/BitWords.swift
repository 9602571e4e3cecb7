// SPDX-License-Identifier: Apache-2.0

/// Words of bits at one address, all 0 at first.
final class BitWords {
    let words: UnsafeMutablePointer<UInt64>
    let count: Int

    init(count: Int) {
        self.count = count
        words = .allocate(capacity: max(count, 1))
        words.initialize(repeating: 0, count: max(count, 1))
    }

    deinit { words.deallocate() }

    @inline(__always)
    func clear() {
        // Up to 64 rules are one word, for which a call would cost more than the work.
        if count == 1 { words[0] = 0 } else { words.update(repeating: 0, count: count) }
    }
}

extension UnsafePointer<UInt64> {
    @inline(__always)
    func has(bit: Int) -> Bool { self[bit >> 6] >> UInt64(bit & 63) & 1 == 1 }
}

extension UnsafeMutablePointer<UInt64> {
    /// Writes what becomes of each of the other's words, which is told with its place; true when a bit is left.
    @inline(__always)
    func fill(from other: UnsafeMutablePointer<UInt64>, count: Int, _ change: (UInt64, Int) -> UInt64) -> Bool {
        if count == 1 {
            self[0] = change(other[0], 0)
            return self[0] != 0
        }
        var any: UInt64 = 0
        for place in 0..<count {
            let word = change(other[place], place)
            self[place] = word
            any |= word
        }
        return any != 0
    }

    @inline(__always)
    func has(bit: Int) -> Bool { self[bit >> 6] >> UInt64(bit & 63) & 1 == 1 }

    @inline(__always)
    func insert(bit: Int) { self[bit >> 6] |= 1 << UInt64(bit & 63) }

    @inline(__always)
    func remove(bit: Int) { self[bit >> 6] &= ~(1 << UInt64(bit & 63)) }
}
