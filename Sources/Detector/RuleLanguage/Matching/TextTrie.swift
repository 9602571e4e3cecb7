// SPDX-License-Identifier: Apache-2.0

import EventModel

/// What follows from having come to a node of a tree of texts.
struct TextEntry: BitwiseCopyable {
    enum Condition: BitwiseCopyable {
        /// The text need only begin so.
        case none
        /// The text ends here.
        case atEnd
        /// The text ends here or goes on with a `/`.
        case atComponent
    }

    var slot: Int32
    var condition: Condition
}

/// Texts that others may equal or begin with, found in one walk over a text whatever their number: a tree whose edges carry all the
/// bytes up to the next fork. Turned round, it finds the texts that others end with.
struct TextTrie: BitwiseCopyable, Sendable {
    fileprivate struct Node: BitwiseCopyable {
        var label = TableRange()
        var children = TextChildren()
        var entries = TableRange()
    }

    fileprivate struct Tables: BitwiseCopyable {
        let isReversed: Bool
        let forks: Table<TextFork>
        let nodes: Table<Node>
        let labels: Table<UInt8>
        let entries: Table<TextEntry>
    }

    /// One; in a table, so that a tree is handed on as its place.
    private let tables: Table<Tables>

    init(_ texts: [([UInt8], TextEntry)], isReversed: Bool, in memory: TableMemory) {
        let builder = TextTrieBuilder(texts.map { (isReversed ? $0.0.reversed() : $0.0, $0.1) })
        let tables = Tables(
            isReversed: isReversed, forks: memory.table(builder.forks), nodes: memory.table(builder.nodes),
            labels: memory.table(builder.labels), entries: memory.table(builder.entries))
        self.tables = memory.table([tables])
    }

    /// Adds the slots whose texts the text equals, begins with or, turned round, ends with.
    @inline(__always)
    func find(in text: ByteView, _ found: FoundSlots) {
        if tables.at(0).pointee.isReversed { find(in: text, step: -1, found) } else { find(in: text, step: 1, found) }
    }

    // Made once for each direction, which so costs nothing at each byte.
    @inline(__always)
    private func find(in text: ByteView, step: Int, _ found: FoundSlots) {
        let tables = tables.at(0)
        var node = tables.pointee.nodes.at(0)
        // No byte is read of a text that has no address.
        guard text.count > 0, let start = text.raw.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            if node.pointee.entries.count > 0 { tables.pointee.tell(node, left: 0, next: 0, found) }
            return
        }
        var byte = step > 0 ? start : start + (text.count &- 1), left = text.count
        while true {
            let length = Int(node.pointee.label.count)
            guard left >= length else { return }
            if length > 0 {
                var wanted = tables.pointee.labels.part(from: Int(node.pointee.label.start), count: length)
                let end = wanted + length
                while wanted < end {
                    guard wanted.pointee == byte.pointee else { return }
                    wanted += 1
                    byte += step
                }
                left = left &- length
            }
            if node.pointee.entries.count > 0 { tables.pointee.tell(node, left: left, next: left > 0 ? byte.pointee : 0, found) }
            guard left > 0, let child = node.pointee.children.child(byte.pointee, tables.pointee.forks) else { return }
            node = tables.pointee.nodes.at(child)
        }
    }
}

extension TextTrie.Tables {
    /// Adds the slots of a node to which a text led: `left` bytes are left of it, of which `next` is the next.
    @inline(never)
    fileprivate func tell(_ node: UnsafePointer<TextTrie.Node>, left: Int, next: UInt8, _ found: FoundSlots) {
        for index in node.pointee.entries.indices {
            let entry = entries[index]
            let holds =
                switch entry.condition {
                case .none: true
                case .atEnd: left == 0
                case .atComponent: left == 0 || next == UInt8(ascii: "/")
                }
            if holds { found.add(entry.slot) }
        }
    }
}

private struct TextTrieBuilder {
    private(set) var nodes = [TextTrie.Node()]
    private(set) var labels: [UInt8] = []
    private(set) var entries: [TextEntry] = []
    private(set) var forks: [TextFork] = []

    init(_ texts: [([UInt8], TextEntry)]) { fill(0, texts.sorted { $0.0.lexicographicallyPrecedes($1.0) }[...], from: 0) }

    // Fills a node with sorted texts that share their first `depth` bytes.
    private mutating func fill(_ node: Int, _ texts: ArraySlice<([UInt8], TextEntry)>, from depth: Int) {
        guard let first = texts.first?.0, let last = texts.last?.0 else { return }
        // Sorted, the first and the last share what all share. The root keeps no label, so that each child begins with its byte.
        var end = depth
        while node > 0, end < first.count, end < last.count, first[end] == last[end] { end += 1 }
        nodes[node].label = TableRange(start: Int32(labels.count), count: Int32(end - depth))
        labels += first[depth..<end]
        let ending = texts.prefix { $0.0.count == end }
        nodes[node].entries = TableRange(start: Int32(entries.count), count: Int32(ending.count))
        entries += ending.map(\.1)
        var groups: [ArraySlice<([UInt8], TextEntry)>] = []
        var rest = texts.dropFirst(ending.count)
        while let byte = rest.first?.0[end] {
            let group = rest.prefix { $0.0[end] == byte }
            groups.append(group)
            rest = rest.dropFirst(group.count)
        }
        let children = nodes.count
        nodes[node].children = TextChildren(groups.map { $0.first!.0[end] }, first: children, &forks)
        nodes += repeatElement(TextTrie.Node(), count: groups.count)
        for (index, group) in groups.enumerated() { fill(children + index, group, from: end) }
    }
}
