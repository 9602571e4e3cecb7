// SPDX-License-Identifier: Apache-2.0

/// What was learnt of shapes; holds a bounded number, the newest of those that meet in one place.
final class ShapeMemo {
    private let count: Int
    private let shapes: UnsafeMutablePointer<Shape?>
    private let words: UnsafeMutablePointer<UInt64>
    private let wordsPerShape: Int

    /// Room for so many shapes (a power of two) with so many words of bits each.
    init(count: Int, words wordsPerShape: Int) {
        precondition(count > 0 && count & (count - 1) == 0)
        self.count = count
        self.wordsPerShape = wordsPerShape
        shapes = .allocate(capacity: count)
        shapes.initialize(repeating: nil, count: count)
        words = .allocate(capacity: max(count * wordsPerShape, 1))
        words.initialize(repeating: 0, count: max(count * wordsPerShape, 1))
    }

    deinit {
        shapes.deallocate()
        words.deallocate()
    }

    /// Where the bits of a shape are, and whether they were just made, all 0.
    func find(_ shape: Shape) -> (bits: UnsafeMutablePointer<UInt64>, isNew: Bool) {
        let place = Int(truncatingIfNeeded: shape.spread) & (count - 1)
        let bits = words + place * wordsPerShape
        if shapes[place] == shape { return (bits, false) }
        shapes[place] = shape
        bits.update(repeating: 0, count: wordsPerShape)
        return (bits, true)
    }
}

/// What is known of a shape.
struct ShapeBits {
    /// Which comparisons of its scope are true.
    let slots: UnsafeMutablePointer<UInt64>
    /// The rules that may hold.
    let row: UnsafeMutablePointer<UInt64>
    /// The units that can give or veto one of these rules, of each scope.
    let lineUnits: UnsafeMutablePointer<UInt64>
    let eventUnits: UnsafeMutablePointer<UInt64>
    /// Not 0 when there is such a rule.
    let hasRules: UnsafeMutablePointer<UInt64>

    @inline(__always)
    init(_ words: UnsafeMutablePointer<UInt64>, slotWords: Int, rowWords: Int) {
        slots = words
        row = slots + slotWords
        lineUnits = row + rowWords
        eventUnits = lineUnits + 1
        hasRules = eventUnits + 1
    }

    static func words(of program: Program) -> Int { program.shapeSlotWords + program.rowWords + 3 }
}
