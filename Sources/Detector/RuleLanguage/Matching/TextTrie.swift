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
    func find(in text: ByteView, _ found: FoundSlots) {
        let tables = tables.at(0).pointee, labels = tables.labels
        // No byte is read of a text that has no address.
        let start = text.raw.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? labels.part(from: 0, count: 0)
        let isReversed = tables.isReversed
        let bytes = isReversed ? start + (text.count - 1) : start, step = isReversed ? -1 : 1
        var node = tables.nodes.at(0), place = 0
        while true {
            let label = node.pointee.label, length = Int(label.count)
            guard text.count - place >= length else { return }
            let wanted = labels.part(from: Int(label.start), count: length)
            for index in 0..<length where wanted[index] != bytes[step * (place + index)] { return }
            place += length
            for index in node.pointee.entries.indices where holds(tables.entries[index].condition, text, place) {
                found.add(tables.entries[index].slot)
            }
            guard place < text.count, let child = node.pointee.children.child(bytes[step * place], tables.forks) else { return }
            node = tables.nodes.at(child)
        }
    }

    private func holds(_ condition: TextEntry.Condition, _ text: ByteView, _ place: Int) -> Bool {
        switch condition {
        case .none: true
        case .atEnd: place == text.count
        case .atComponent: place == text.count || text[place] == UInt8(ascii: "/")
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
