// SPDX-License-Identifier: Apache-2.0

/// Puts lists in place of their names, as text and before parsing: that is how the dialect defines them, quotes and all.
struct ListSubstitution {
    /// How long a list may become: lists that name lists can double at every step.
    static let sizeLimit = 1 << 20

    private let lists: [CollectedList]
    private let expanded: [[UInt8]]
    private(set) var used: Set<Int> = []
    /// The name of a list that came to more than `sizeLimit`, or to lists within lists without end.
    private(set) var tooLong: Scalar?

    init(_ lists: [CollectedList]) {
        self.lists = lists
        var expansion = ListExpansion(lists)
        expanded = lists.indices.map { expansion.text(of: $0) }
        used = expansion.nested
        tooLong = expansion.tooLong.map { lists[$0].name }
    }

    /// The text with all lists put in place.
    mutating func substitute(in text: PlacedText) -> PlacedText {
        var current = text
        var words = Self.words(of: current.bytes)
        for (index, list) in lists.enumerated() where words.contains(Array(list.name.text.utf8)) {
            used.insert(index)
            current = Self.replace(Array(list.name.text.utf8), with: expanded[index], in: current)
            words.formUnion(Self.words(of: expanded[index]))
        }
        return current
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        Lexicon.isBlank(byte) || byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")") || byte == UInt8(ascii: ",")
            || byte == UInt8(ascii: "=")
    }

    private static func words(of bytes: [UInt8]) -> Set<[UInt8]> {
        Set(bytes.split(whereSeparator: isDelimiter).map { Array($0) })
    }

    private static func replace(_ name: [UInt8], with items: [UInt8], in text: PlacedText) -> PlacedText {
        var builder = PlacedTextBuilder(pieces: text.pieces)
        var index = 0
        while index < text.bytes.count {
            guard matches(name, in: text.bytes, at: index) else {
                builder.append(text, index..<(index + 1))
                index += 1
                continue
            }
            builder.append(items, from: text.origins[index])
            index += name.count
            if items.isEmpty { index = dropComma(before: &builder, after: index, in: text.bytes) }
        }
        return builder.built
    }

    private static func matches(_ name: [UInt8], in bytes: [UInt8], at index: Int) -> Bool {
        let end = index + name.count
        guard end <= bytes.count, index == 0 || isDelimiter(bytes[index - 1]), end == bytes.count || isDelimiter(bytes[end]) else {
            return false
        }
        return bytes[index..<end].elementsEqual(name)
    }

    // An empty list takes one comma beside it along: the one in front, else the one behind.
    private static func dropComma(before builder: inout PlacedTextBuilder, after index: Int, in bytes: [UInt8]) -> Int {
        let comma = UInt8(ascii: ",")
        if let last = builder.bytes.lastIndex(where: { !Lexicon.isBlank($0) }), builder.bytes[last] == comma {
            builder.removeAll(from: last)
            return index
        }
        let next = bytes[index...].firstIndex { !Lexicon.isBlank($0) }
        return next.map { bytes[$0] == comma ? $0 + 1 : index } ?? index
    }
}

/// Puts lists within lists in place. A list's items may name only lists that stood before its own last definition.
private struct ListExpansion {
    private let lists: [CollectedList]
    private let names: [String: Int]
    // Each is made once; a list that is being made names itself and stays a plain word.
    private var made: [[UInt8]?]
    private var open: Set<Int> = []
    private(set) var nested: Set<Int> = []
    private(set) var tooLong: Int?

    init(_ lists: [CollectedList]) {
        self.lists = lists
        names = Dictionary(lists.enumerated().map { ($1.name.text, $0) }, uniquingKeysWith: { first, _ in first })
        made = [[UInt8]?](repeating: nil, count: lists.count)
    }

    mutating func text(of index: Int) -> [UInt8] {
        if let known = made[index] { return known }
        guard open.count < Parse.depthLimit else {
            tooLong = index
            return []
        }
        open.insert(index)
        var parts: [[UInt8]] = []
        for item in lists[index].items {
            if let named = names[item.text], named < lists[index].visibility, !open.contains(named) {
                nested.insert(named)
                let inner = text(of: named)
                if !inner.isEmpty { parts.append(inner) }
            } else {
                parts.append(Self.quoted(item.text))
            }
        }
        open.remove(index)
        var text = Array(parts.joined(separator: Array(", ".utf8)))
        if text.count > ListSubstitution.sizeLimit {
            tooLong = index
            text = []
        }
        made[index] = text
        return text
    }

    private static func quoted(_ item: String) -> [UInt8] {
        let bytes = Array(item.utf8)
        let isQuoted = bytes.first == UInt8(ascii: "\"") || bytes.first == UInt8(ascii: "'")
        guard bytes.contains(UInt8(ascii: " ")), !isQuoted else { return bytes }
        return [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
    }
}
