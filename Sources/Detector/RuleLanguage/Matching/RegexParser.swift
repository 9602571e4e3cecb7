// SPDX-License-Identifier: Apache-2.0

/// A regular expression as a tree.
indirect enum RegexNode {
    case empty
    case characters(CharacterRanges)
    case byte(UInt8)
    case sequence([RegexNode])
    case choice([RegexNode])
    case repeated(RegexNode, Int, Int?)
    case lineStart, lineEnd

    /// How often what is innermost is repeated at least: counts within counts multiply.
    var repetitions: Int {
        switch self {
        case .empty, .characters, .byte, .lineStart, .lineEnd: 1
        case .sequence(let parts), .choice(let parts): parts.map(\.repetitions).max() ?? 1
        case .repeated(let inner, let low, let high): max(1, high ?? low) * inner.repetitions
        }
    }
}

/// Reads regular expressions as RE2 does in its POSIX mode: literals, `.`, classes, `* + ? {m,n}`, `|`, groups, `^ $` at the ends of lines.
/// `\d \w \s`, their negations and `(?:` are read too. Back references and look-around are refused: what remains runs in linear time.
struct RegexParser {
    private static let depthLimit = 100
    private static let mostRepetitions = 1000

    private let pattern: [UInt8]
    private var index = 0
    private var depth = 0

    static func parse(_ pattern: [UInt8]) throws(RegexError) -> RegexNode {
        guard String(decoding: pattern, as: UTF8.self).utf8.elementsEqual(pattern) else {
            throw RegexError(message: "the pattern is not UTF-8")
        }
        var parser = RegexParser(pattern: pattern)
        let tree = try parser.choice()
        guard parser.index == pattern.count else { throw RegexError(message: "a ')' has no '('") }
        return tree
    }

    private init(pattern: [UInt8]) { self.pattern = pattern }

    private var next: UInt8? { index < pattern.count ? pattern[index] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func choice() throws(RegexError) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw RegexError(message: "groups are nested deeper than \(Self.depthLimit)") }
        var parts = [try sequence()]
        while take("|") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence() throws(RegexError) -> RegexNode {
        var parts: [RegexNode] = []
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") { parts.append(try quantified()) }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    // Each further quantifier repeats what stands before it: `a*?` is an optional `a*`.
    private mutating func quantified() throws(RegexError) -> RegexNode {
        var node = try atom(), count = 0
        while let bounds = try quantifier() {
            node = .repeated(node, bounds.low, bounds.high)
            count += 1
            guard node.repetitions <= Self.mostRepetitions, count <= Self.depthLimit else {
                throw RegexError(message: "counts within counts come to more than \(Self.mostRepetitions)")
            }
        }
        return node
    }

    private mutating func quantifier() throws(RegexError) -> (low: Int, high: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        return try counts()
    }

    // What does not read as counts is a brace like any other sign.
    private mutating func counts() throws(RegexError) -> (low: Int, high: Int?)? {
        let start = index
        guard take("{"), let low = number() else {
            index = start
            return nil
        }
        var high: Int? = low
        if take(",") { high = next == UInt8(ascii: "}") ? nil : number() ?? -1 }
        guard high != -1, take("}") else {
            index = start
            return nil
        }
        guard low <= Self.mostRepetitions, high.map({ $0 >= low && $0 <= Self.mostRepetitions }) ?? true else {
            throw RegexError(message: "expected {m}, {m,} or {m,n} with m <= n <= \(Self.mostRepetitions)")
        }
        return (low, high)
    }

    // A number that is much too large is still a number; one that begins with a 0 is none.
    private mutating func number() -> Int? {
        let digits = pattern[index...].prefix(while: Lexicon.isDigit)
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        index = digits.endIndex
        return Int(String(decoding: digits.prefix(7), as: UTF8.self))
    }

    private mutating func atom() throws(RegexError) -> RegexNode {
        if try counts() != nil { throw RegexError(message: "a quantifier has nothing to repeat") }
        let byte = pattern[index]
        index += 1
        switch byte {
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return .characters(try RegexClass.read(pattern, &index))
        case UInt8(ascii: "."): return .characters(CharacterRanges(allBut: CharacterRanges([0x0A...0x0A])))
        case UInt8(ascii: "^"): return .lineStart
        case UInt8(ascii: "$"): return .lineEnd
        case UInt8(ascii: "\\"): return try escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): throw RegexError(message: "a quantifier has nothing to repeat")
        case _: return character(at: index - 1)
        }
    }

    // A character of several bytes is one atom: what follows repeats the whole of it.
    private mutating func character(at start: Int) -> RegexNode {
        index = start
        let character = RegexClass.plain(pattern, &index)
        return index == start + 1 ? .byte(pattern[start]) : .characters(CharacterRanges([character...character]))
    }

    private mutating func group() throws(RegexError) -> RegexNode {
        if take("?") {
            guard take(":") else { throw RegexError(message: "look-around, names and flags of groups are not supported") }
        }
        let inner = try choice()
        guard take(")") else { throw RegexError(message: "a '(' has no ')'") }
        return inner
    }

    private mutating func escape() throws(RegexError) -> RegexNode {
        if let shorthand = next.flatMap(RegexClass.shorthand) {
            index += 1
            return .characters(shorthand)
        }
        let character = try RegexClass.escaped(pattern, &index)
        return .characters(CharacterRanges([character...character]))
    }
}
