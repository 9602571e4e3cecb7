// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Texts that others may contain, all found in one walk over a text whatever their number: the machine of Aho and Corasick (1975).
struct TextSearch: BitwiseCopyable, Sendable {
    fileprivate struct Node: BitwiseCopyable {
        var children = TextChildren()
        /// Where to go on when no child fits: the longest other beginning that the bytes so far end with.
        var fallback: Int32 = 0
        /// The next node by fallback that has slots; 0 for none.
        var nextFound: Int32 = 0
        var slots = TableRange()
    }

    fileprivate struct Tables: BitwiseCopyable {
        let isFolded: Bool
        /// How many bytes the shortest text has.
        let shortest: Int
        /// A bit for each two bytes that stand side by side in the first `shortest` bytes of a text. If the last two of so many bytes have
        /// none, no text begins at any of them but the last.
        let pairs: Table<UInt64>
        /// For each byte the child of the root, 0 for none: most bytes of most texts begin nothing that is looked for.
        let beginnings: Table<Int32>
        let nodes: Table<Node>
        let forks: Table<TextFork>
        let slots: Table<Int32>
    }

    /// One; in a table, so that a search is handed on as its place.
    private let tables: Table<Tables>

    /// The texts are not empty; `isFolded` passes over the case of ASCII letters.
    init(_ texts: [([UInt8], Int32)], isFolded: Bool, in memory: TableMemory) {
        let builder = TextSearchBuilder(texts.map { (isFolded ? $0.0.map(ByteView.folded) : $0.0, $0.1) })
        let shortest = texts.map(\.0.count).min() ?? 1
        let forks = memory.table(builder.forks), root = builder.nodes[0].children
        let tables = Tables(
            isFolded: isFolded, shortest: shortest,
            pairs: memory.table(Self.pairs(texts.map { $0.0.prefix(shortest) }, isFolded)),
            beginnings: memory.table((UInt8.min...UInt8.max).map { Int32(root.child($0, forks) ?? 0) }),
            nodes: memory.table(builder.nodes), forks: forks, slots: memory.table(builder.slots))
        self.tables = memory.table([tables])
    }

    private static func pairs(_ beginnings: [ArraySlice<UInt8>], _ isFolded: Bool) -> [UInt64] {
        var bits = [UInt64](repeating: 0, count: 1 << 10)
        func cases(_ byte: UInt8) -> [UInt8] { (UInt8.min...UInt8.max).filter { ByteView.folded($0) == ByteView.folded(byte) } }
        for text in beginnings {
            for (first, second) in zip(text, text.dropFirst()) {
                for first in isFolded ? cases(first) : [first] {
                    for second in isFolded ? cases(second) : [second] { bits.insert(bit: Int(first) | Int(second) << 8) }
                }
            }
        }
        return bits
    }

    /// Adds the slots whose texts stand anywhere in the text.
    func find(in text: ByteView, _ found: FoundSlots) {
        guard let bytes = text.raw.baseAddress else { return }
        let tables = tables.at(0).pointee
        var index = 0, place = 0
        while true {
            if place == 0 { index = tables.passed(bytes, index, text.count) }
            guard index < text.count else { return }
            place = tables.next(place, bytes.load(fromByteOffset: index, as: UInt8.self))
            index += 1
            guard place != 0 else { continue }
            let node = tables.nodes.at(place)
            if node.pointee.slots.count > 0 || node.pointee.nextFound != 0 { tables.tell(node.pointee, found) }
        }
    }
}

extension TextSearch.Tables {
    /// The first place from `start` on where a text may begin; `end` when none can any more.
    @inline(__always)
    fileprivate func passed(_ bytes: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int {
        guard shortest > 1 else { return start }
        let bits = pairs.part(from: 0, count: 1 << 10), step = shortest - 1
        // Where the last byte of a shortest text would be. No check for overflows: it is within the text.
        var last = start &+ step
        while last < end {
            let pair = bytes.loadUnaligned(fromByteOffset: last &- 1, as: UInt16.self)
            if bits[Int(pair &>> 6)] &>> UInt64(pair & 63) & 1 == 1 { return last &- step }
            last = last &+ step
        }
        return end
    }

    /// The node that a byte leads to from another.
    @inline(__always)
    fileprivate func next(_ start: Int, _ raw: UInt8) -> Int {
        let byte = isFolded ? ByteView.folded(raw) : raw
        var place = start
        while place != 0 {
            let node = nodes.at(place)
            if let child = node.pointee.children.child(byte, forks) { return child }
            place = Int(node.pointee.fallback)
        }
        return Int(beginnings[Int(byte)])
    }

    fileprivate func tell(_ ending: TextSearch.Node, _ found: FoundSlots) {
        var node = ending
        while true {
            for index in node.slots.indices { found.add(slots[index]) }
            guard node.nextFound != 0 else { return }
            node = nodes[Int(node.nextFound)]
        }
    }
}

private struct TextSearchBuilder {
    private(set) var nodes = [TextSearch.Node()]
    private(set) var slots: [Int32] = []
    private(set) var forks: [TextFork] = []
    // While the machine is made, a node's children by their bytes.
    private var children: [[UInt8: Int]] = [[:]]

    // Breadth first: so children lie together, and a fallback, which is always nearer to the root, is made before it is needed.
    init(_ texts: [([UInt8], Int32)]) {
        var queue = [(texts: texts, depth: 0, parent: 0, byte: UInt8(0))]
        var index = 0
        while index < queue.count {
            let (group, depth, parent, byte) = queue[index]
            queue[index].texts = []
            if depth > 1 { nodes[index].fallback = Int32(step(Int(nodes[parent].fallback), byte)) }
            let fallback = nodes[Int(nodes[index].fallback)]
            nodes[index].nextFound = fallback.slots.count > 0 ? nodes[index].fallback : fallback.nextFound
            let ending = group.filter { $0.0.count == depth }
            nodes[index].slots = TableRange(start: Int32(slots.count), count: Int32(ending.count))
            slots += ending.map(\.1)
            let longer = Dictionary(grouping: group.filter { $0.0.count > depth }) { $0.0[depth] }.sorted { $0.key < $1.key }
            nodes[index].children = TextChildren(longer.map(\.key), first: nodes.count, &forks)
            for (offset, group) in longer.enumerated() { children[index][group.key] = nodes.count + offset }
            nodes += repeatElement(TextSearch.Node(), count: longer.count)
            children += repeatElement([:], count: longer.count)
            queue += longer.map { (texts: $0.value, depth: depth + 1, parent: index, byte: $0.key) }
            index += 1
        }
    }

    private func step(_ start: Int, _ byte: UInt8) -> Int {
        var node = start
        while true {
            if let child = children[node][byte] { return child }
            if node == 0 { return 0 }
            node = Int(nodes[node].fallback)
        }
    }
}
