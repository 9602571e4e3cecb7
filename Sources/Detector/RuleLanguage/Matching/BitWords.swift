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

    func clear() { words.update(repeating: 0, count: count) }
}

extension UnsafeMutablePointer<UInt64> {
    @inline(__always)
    func has(bit: Int) -> Bool { self[bit >> 6] >> UInt64(bit & 63) & 1 == 1 }

    @inline(__always)
    func insert(bit: Int) { self[bit >> 6] |= 1 << UInt64(bit & 63) }

    @inline(__always)
    func remove(bit: Int) { self[bit >> 6] &= ~(1 << UInt64(bit & 63)) }
}
