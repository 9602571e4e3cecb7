// SPDX-License-Identifier: Apache-2.0

/// A table of plain values at one address, which a walk reads without counting references. Good as long as its `TableMemory` lives.
struct Table<Element: BitwiseCopyable>: @unchecked Sendable {
    // Sendable because it is never written after it was made.
    private let base: UnsafePointer<Element>
    let count: Int

    fileprivate init(_ base: UnsafePointer<Element>, count: Int) {
        self.base = base
        self.count = count
    }

    var indices: Range<Int> { 0..<count }

    /// Traps outside of `0..<count`, also in release builds.
    @inline(__always)
    subscript(_ index: Int) -> Element {
        precondition(index >= 0 && index < count)
        return base[index]
    }

    /// Where an element is, to read parts of it. Traps outside of `0..<count`, also in release builds.
    @inline(__always)
    func at(_ index: Int) -> UnsafePointer<Element> { part(from: index, count: 1) }

    /// Where elements begin that lie one after another. Traps when they are not within, also in release builds.
    @inline(__always)
    func part(from start: Int, count: Int) -> UnsafePointer<Element> {
        precondition(start >= 0 && count >= 0 && start + count <= self.count)
        return base + start
    }
}

/// Rows of bits of one width. Good as long as its `TableMemory` lives.
struct BitRows: @unchecked Sendable {
    // Sendable because they are never written after they were made.
    private let table: Table<UInt64>
    private let words: Int

    fileprivate init(_ table: Table<UInt64>, words: Int) {
        self.table = table
        self.words = words
    }

    /// The words of a row. Traps for a row that there is not.
    @inline(__always)
    func row(_ index: Int) -> UnsafePointer<UInt64> { table.part(from: index * words, count: words) }
}

/// Owns tables.
final class TableMemory: @unchecked Sendable {
    // Sendable because it is written only while a plan is made, before it is handed out.
    private var owned: [UnsafeMutableRawPointer] = []

    deinit { for pointer in owned { pointer.deallocate() } }

    func rows(_ bits: [UInt64], words: Int) -> BitRows { BitRows(table(bits), words: words) }

    func table<Element: BitwiseCopyable>(_ elements: [Element]) -> Table<Element> {
        let base = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
        elements.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { base.update(from: start, count: source.count) }
        }
        owned.append(UnsafeMutableRawPointer(base))
        return Table(UnsafePointer(base), count: elements.count)
    }
}
