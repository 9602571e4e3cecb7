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
}

/// Owns tables.
final class TableMemory: @unchecked Sendable {
    // Sendable because it is written only while a plan is made, before it is handed out.
    private var owned: [UnsafeMutableRawPointer] = []

    deinit { for pointer in owned { pointer.deallocate() } }

    func table<Element: BitwiseCopyable>(_ elements: [Element]) -> Table<Element> {
        let base = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
        elements.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { base.update(from: start, count: source.count) }
        }
        owned.append(UnsafeMutableRawPointer(base))
        return Table(UnsafePointer(base), count: elements.count)
    }
}
