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

    private let isReversed: Bool
    private let forks: Table<TextFork>
    private let nodes: Table<Node>
    private let labels: Table<UInt8>
    private let entries: Table<TextEntry>

    init(_ texts: [([UInt8], TextEntry)], isReversed: Bool, in memory: TableMemory) {
        let builder = TextTrieBuilder(texts.map { (isReversed ? $0.0.reversed() : $0.0, $0.1) })
        self.isReversed = isReversed
        forks = memory.table(builder.forks)
        nodes = memory.table(builder.nodes)
        labels = memory.table(builder.labels)
        entries = memory.table(builder.entries)
    }

    /// Adds the slots whose texts the text equals, begins with or, turned round, ends with.
    func find(in text: ByteView, _ found: FoundSlots) {
        var node = nodes[0], place = 0
        while true {
            guard let next = passed(node.label, text, place) else { return }
            place = next
            for index in node.entries.indices where holds(entries[index].condition, text, place) { found.add(entries[index].slot) }
            guard place < text.count, let child = node.children.child(byte(text, place), forks) else { return }
            node = nodes[child]
        }
    }

    @inline(__always)
    private func byte(_ text: ByteView, _ place: Int) -> UInt8 { isReversed ? text[text.count - 1 - place] : text[place] }

    // The place behind a label that the text goes on with.
    @inline(__always)
    private func passed(_ label: TableRange, _ text: ByteView, _ place: Int) -> Int? {
        guard text.count - place >= Int(label.count) else { return nil }
        var place = place
        for index in label.indices {
            guard labels[index] == byte(text, place) else { return nil }
            place += 1
        }
        return place
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
