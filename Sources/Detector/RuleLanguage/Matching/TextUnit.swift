// SPDX-License-Identifier: Apache-2.0

import EventModel

/// All comparisons of one operand with constants in one manner, answered together by one walk over its text.
struct TextUnit: BitwiseCopyable, Sendable {
    /// Where its text comes from: what most events are asked for is told by name.
    enum Source {
        case file(FileTexts.Part)
        /// The operand, once for each ancestor.
        case ancestors
        case operand

        var isFile: Bool {
            switch self {
            case .file: true
            case .ancestors, .operand: false
            }
        }

        init(_ operand: FlatOperand) {
            self = operand.isAnyAncestor ? .ancestors : .operand
            guard operand.transformers.count == 0 else { return }
            if let part = FileTexts.Part(operand.field) { self = .file(part) }
        }
    }

    enum Texts: BitwiseCopyable, Sendable {
        case trie(TextTrie)
        case search(TextSearch)
        /// So few texts to be contained that to look for one after another is faster.
        case each
    }

    /// One; in a table, since a unit that is small is read without a copy.
    var operand: Table<FlatOperand>
    var source: Source
    var scope: Scope
    var texts: Texts
    /// The slots that it answers.
    var slots: Table<Int32>
    /// Those of `pmatch` among them: a text with doubled slashes is compared with each by itself.
    var pathSlots: Table<Int32>
}

/// Which comparisons can be answered together.
enum TextManner: Hashable, CaseIterable {
    /// `=`, `in`, `startswith` and `pmatch`.
    case start
    /// `endswith`.
    case end
    /// `contains`.
    case within
    /// `icontains`.
    case withinFolded

    /// The manner of a comparison with what is looked for; nil when it must be made by itself.
    static func of(_ comparison: Comparison) -> (manner: TextManner, texts: [([UInt8], TextEntry.Condition)])? {
        switch comparison {
        case .text(.relation(.equal), let text): (.start, [(text, .atEnd)])
        case .texts(let texts): (.start, texts.map { ($0, .atEnd) })
        case .text(.startsWith, let text): (.start, [(text, .none)])
        case .paths(let paths): folders(paths).map { (.start, $0.map { ($0, .atComponent) }) }
        case .text(.endsWith, let text): (.end, [(text, .none)])
        case .text(.contains, let text): text.isEmpty ? nil : (.within, [(text, .none)])
        case .text(.containsFolded, let text): text.isEmpty ? nil : (.withinFolded, [(text, .none)])
        case .exists, .number, .numbers, .flag, .text, .address, .addresses, .operand, .operandText, .elements, .every: nil
        }
    }

    // Absolute, without globs, and as the kernel writes paths; others are compared component by component.
    private static func folders(_ paths: [[UInt8]]) -> [[UInt8]]? {
        let slash = UInt8(ascii: "/")
        var found: [[UInt8]] = []
        for path in paths {
            var end = path.count
            while end > 0, path[end - 1] == slash { end -= 1 }
            let folder = Array(path[..<end])
            let isPlain = !folder.contains { Array("*?[\\".utf8).contains($0) }
            let isDoubled = zip(folder, folder.dropFirst()).contains { $0 == slash && $1 == slash }
            guard folder.first == slash, isPlain, !isDoubled else { return nil }
            found.append(folder)
        }
        return found
    }
}

/// Sorts comparisons into units.
struct TextUnits {
    private typealias Member = (slot: Int32, texts: [([UInt8], TextEntry.Condition)])

    private struct Key: Hashable {
        var left: Operand
        var manner: TextManner
    }

    /// Which unit answers each slot; -1 for none.
    private(set) var unitOfSlot: [Int32]
    private(set) var units: [TextUnit] = []

    /// No more than this many, since what has been looked up is kept as the bits of one word.
    static let limit = 64

    init(_ predicates: [Predicate], scopes: [Scope], in memory: TableMemory, flat: (Operand) -> FlatOperand) {
        unitOfSlot = [Int32](repeating: -1, count: predicates.count)
        var members: [Key: [Member]] = [:]
        var order: [Key] = []
        for (slot, predicate) in predicates.enumerated() where scopes[slot] != .shape && predicate.left.type == .text {
            guard !predicate.isOfValues else { continue }
            guard let (manner, texts) = TextManner.of(predicate.comparison) else { continue }
            let key = Key(left: predicate.left, manner: manner)
            if members[key] == nil { order.append(key) }
            members[key, default: []].append((Int32(slot), texts))
        }
        // Those that answer most go first if there are too many.
        let sorted = order.enumerated().sorted { (-members[$0.element]!.count, $0.offset) < (-members[$1.element]!.count, $1.offset) }
        for (_, key) in sorted.prefix(Self.limit) {
            let group = members[key]!
            for member in group { unitOfSlot[Int(member.slot)] = Int32(units.count) }
            let paths = group.filter { $0.texts.contains { $0.1 == .atComponent } }
            let operand = flat(key.left)
            units.append(
                TextUnit(
                    operand: memory.table([operand]), source: TextUnit.Source(operand), scope: scopes[Int(group[0].slot)],
                    texts: Self.texts(key.manner, group, memory), slots: memory.table(group.map(\.slot)),
                    pathSlots: memory.table(paths.map(\.slot))))
        }
    }

    private static func texts(_ manner: TextManner, _ group: [Member], _ memory: TableMemory) -> TextUnit.Texts {
        let entries = group.flatMap { member in
            member.texts.map { ($0.0, TextEntry(slot: member.slot, condition: $0.1)) }
        }
        let plain = entries.map { ($0.0, $0.1.slot) }
        return switch manner {
        case .start: .trie(TextTrie(entries, isReversed: false, in: memory))
        case .end: .trie(TextTrie(entries, isReversed: true, in: memory))
        case .within where group.count <= 3: .each
        case .within: .search(TextSearch(plain, isFolded: false, in: memory))
        case .withinFolded: .search(TextSearch(plain, isFolded: true, in: memory))
        }
    }
}
