// SPDX-License-Identifier: Apache-2.0

/// Puts lists in place of their names, as text and before parsing: that is how the dialect defines them, quotes and all.
struct ListSubstitution {
    /// How long a list or a condition may become, in bytes: lists that name lists can double at every step.
    static let sizeLimit = 1 << 20
    /// How long all lists together, and all conditions together, may become.
    static let totalLimit = 1 << 26

    private let lists: [CollectedList]
    private let expanded: [[UInt8]]
    private let names: [[UInt8]: Int]
    // Lists whose names hold blanks or commas, and so are more than one word of a text.
    private let wideNames: [Int]
    private var total = 0
    private(set) var used: Set<Int> = []
    /// The name of a list that came to more than the limits, or to lists within lists without end.
    private(set) var tooLong: Scalar?

    init(_ lists: [CollectedList]) {
        self.lists = lists
        var expansion = ListExpansion(lists)
        expanded = lists.indices.map { expansion.text(of: $0) }
        used = expansion.nested
        tooLong = expansion.tooLong.map { lists[$0].name }
        names = Dictionary(lists.enumerated().map { (Array($1.name.text.utf8), $0) }, uniquingKeysWith: { first, _ in first })
        wideNames = lists.indices.filter { lists[$0].name.text.utf8.contains(where: Self.isDelimiter) }
    }

    /// The text with all lists put in place, in the order in which the lists were defined; nil when that is too long.
    mutating func substitute(in text: PlacedText) -> PlacedText? {
        var current = text
        var waiting = Set(wideNames).union(listed(in: text.bytes))
        var last = -1
        while let index = waiting.min(), total < Self.totalLimit {
            waiting.remove(index)
            guard index > last else { continue }
            last = index
            guard let replaced = Self.replace(Array(lists[index].name.text.utf8), with: expanded[index], in: current) else { continue }
            used.insert(index)
            total += replaced.bytes.count
            guard replaced.bytes.count <= Self.sizeLimit else { return nil }
            current = replaced
            waiting.formUnion(listed(in: expanded[index]))
        }
        return total < Self.totalLimit ? current : nil
    }

    private func listed(in bytes: [UInt8]) -> Set<Int> {
        var found: Set<Int> = []
        for word in bytes.split(whereSeparator: Self.isDelimiter) {
            if let index = names[Array(word)] { found.insert(index) }
        }
        return found
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    private static func isDelimiter(_ byte: UInt8) -> Bool { isBlank(byte) || Array("(),=".utf8).contains(byte) }

    // Nil when the name stands nowhere. The blanks round a name go, and one stands on both sides of the items.
    private static func replace(_ name: [UInt8], with items: [UInt8], in text: PlacedText) -> PlacedText? {
        var builder = PlacedTextBuilder(pieces: text.pieces)
        let bytes = text.bytes
        var index = 0, copied = 0, count = 0
        while index < bytes.count {
            guard bytes[index] == name.first, matches(name, in: bytes, at: index) else {
                index += 1
                continue
            }
            builder.append(text, copied..<index)
            builder.dropBlanks(isBlank)
            let origin = text.origins[index]
            index += name.count
            while index < bytes.count, isBlank(bytes[index]) { index += 1 }
            // An empty list takes one comma beside it along: the one in front, else the one behind.
            if items.isEmpty, builder.bytes.last == UInt8(ascii: ",") {
                builder.removeAll(from: builder.bytes.count - 1)
            } else if items.isEmpty, index < bytes.count, bytes[index] == UInt8(ascii: ",") {
                index += 1
            }
            builder.append(builder.bytes.isEmpty ? items + [0x20] : [0x20] + items + [0x20], from: origin)
            copied = index
            count += 1
            guard builder.bytes.count <= sizeLimit else { break }
        }
        guard count > 0 else { return nil }
        builder.append(text, copied..<bytes.count)
        return builder.built
    }

    private static func matches(_ name: [UInt8], in bytes: [UInt8], at index: Int) -> Bool {
        let end = index + name.count
        guard end <= bytes.count, index == 0 || isDelimiter(bytes[index - 1]), end == bytes.count || isDelimiter(bytes[end]) else {
            return false
        }
        return bytes[index..<end].elementsEqual(name)
    }
}

/// Puts lists within lists in place. A list's items may name only lists that stood before its own last definition.
private struct ListExpansion {
    private let lists: [CollectedList]
    private let names: [String: Int]
    // Each is made once; a list that is being made names itself and stays a plain word.
    private var made: [[UInt8]?]
    private var open: Set<Int> = []
    private var total = 0
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
            } else if !(parts.isEmpty && item.text.isEmpty) {
                parts.append(Self.quoted(item.text))
            }
        }
        open.remove(index)
        let size = parts.reduce(0) { $0 + $1.count + 2 }
        total += size
        let isTooLong = size > ListSubstitution.sizeLimit || total > ListSubstitution.totalLimit
        if isTooLong { tooLong = index }
        let text = isTooLong ? [] : Array(parts.joined(separator: Array(", ".utf8)))
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
