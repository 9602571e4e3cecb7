// SPDX-License-Identifier: Apache-2.0

/// The bytes that go on from a node with several children.
struct TextFork: BitwiseCopyable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt64 = 0
    private var fourth: UInt64 = 0
    /// How many bytes are in the words before the second, the third and the fourth.
    private var before: (Int32, Int32, Int32) = (0, 0, 0)

    init(_ bytes: [UInt8]) {
        var words: [UInt64] = [0, 0, 0, 0]
        for byte in bytes { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
        (first, second, third, fourth) = (words[0], words[1], words[2], words[3])
        let counts = words.map { Int32($0.nonzeroBitCount) }
        before = (counts[0], counts[0] + counts[1], counts[0] + counts[1] + counts[2])
    }

    /// How many bytes are before that one; nil when it is not among them.
    @inline(__always)
    func rank(_ byte: UInt8) -> Int? {
        let bit = UInt64(byte & 63)
        switch byte >> 6 {
        case 0: return Self.rank(first, bit, 0)
        case 1: return Self.rank(second, bit, before.0)
        case 2: return Self.rank(third, bit, before.1)
        case _: return Self.rank(fourth, bit, before.2)
        }
    }

    @inline(__always)
    private static func rank(_ word: UInt64, _ bit: UInt64, _ before: Int32) -> Int? {
        guard word >> bit & 1 == 1 else { return nil }
        return Int(before) + (word & ((1 << bit) - 1)).nonzeroBitCount
    }
}

/// The children of a node, one a byte, next to each other in the order of their bytes. Most nodes have one.
struct TextChildren: BitwiseCopyable {
    private var first: Int32 = 0
    /// Where the fork is; -1 for none.
    private var fork: Int32 = -1
    private var isOne = false
    private var only: UInt8 = 0

    /// No children.
    init() {}

    init(_ bytes: [UInt8], first: Int, _ forks: inout [TextFork]) {
        self.first = Int32(first)
        isOne = bytes.count == 1
        only = bytes.first ?? 0
        guard bytes.count > 1 else { return }
        fork = Int32(forks.count)
        forks.append(TextFork(bytes))
    }

    /// The child for a byte; nil when there is none.
    @inline(__always)
    func child(_ byte: UInt8, _ forks: Table<TextFork>) -> Int? {
        guard fork >= 0 else { return isOne && only == byte ? Int(first) : nil }
        return forks[Int(fork)].rank(byte).map { Int(first) + $0 }
    }
}
