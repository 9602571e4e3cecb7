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

    private let isFolded: Bool
    /// For each byte the child of the root, 0 for none: most bytes of most texts begin nothing that is looked for.
    private let beginnings: Table<Int32>
    private let nodes: Table<Node>
    private let forks: Table<TextFork>
    private let slots: Table<Int32>

    /// The texts are not empty; `isFolded` passes over the case of ASCII letters.
    init(_ texts: [([UInt8], Int32)], isFolded: Bool, in memory: TableMemory) {
        let builder = TextSearchBuilder(texts.map { (isFolded ? $0.0.map(ByteView.folded) : $0.0, $0.1) })
        self.isFolded = isFolded
        let made = memory.table(builder.forks), root = builder.nodes[0].children
        forks = made
        beginnings = memory.table((UInt8.min...UInt8.max).map { Int32(root.child($0, made) ?? 0) })
        nodes = memory.table(builder.nodes)
        slots = memory.table(builder.slots)
    }

    /// Adds the slots whose texts stand anywhere in the text.
    func find(in text: ByteView, _ found: FoundSlots) {
        var place = 0
        for raw in text.raw {
            let byte = isFolded ? ByteView.folded(raw) : raw
            place = next(place, byte)
            guard place != 0 else { continue }
            let node = nodes[place]
            if node.slots.count > 0 || node.nextFound != 0 { tell(node, found) }
        }
    }

    @inline(__always)
    private func next(_ start: Int, _ byte: UInt8) -> Int {
        var place = start
        while place != 0 {
            if let child = nodes[place].children.child(byte, forks) { return child }
            place = Int(nodes[place].fallback)
        }
        return Int(beginnings[Int(byte)])
    }

    private func tell(_ ending: Node, _ found: FoundSlots) {
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
