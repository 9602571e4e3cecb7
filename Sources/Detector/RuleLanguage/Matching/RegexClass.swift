// SPDX-License-Identifier: Apache-2.0

/// A bracketed class of a regular expression.
struct RegexClass {
    private var set = RegexProgram.ByteSet()
    private var isNegated = false

    /// The class as a node: its bytes, or, when it is negated, the ASCII bytes that it lets through beside all other characters.
    func node<Node>(_ make: (_ takesAllBeyondASCII: Bool, RegexProgram.ByteSet) -> Node) -> Node {
        guard isNegated else { return make(false, set) }
        var rest = RegexProgram.ByteSet()
        for byte in UInt8(0)...0x7F where !set.contains(byte) { rest.insert(byte) }
        return make(true, rest)
    }

    /// Reads what follows `[`.
    static func read(_ pattern: [UInt8], _ index: inout Int) throws(RegexError) -> RegexClass {
        var found = RegexClass()
        if index < pattern.count, pattern[index] == UInt8(ascii: "^") {
            found.isNegated = true
            index += 1
        }
        var isFirst = true
        while index < pattern.count, isFirst || pattern[index] != UInt8(ascii: "]") {
            isFirst = false
            try found.readElement(pattern, &index)
        }
        guard index < pattern.count else { throw RegexError(message: "a '[' has no ']'") }
        index += 1
        return found
    }

    private mutating func readElement(_ pattern: [UInt8], _ index: inout Int) throws(RegexError) {
        if let named = Self.named(pattern, &index) {
            set.words |= named.words
            return
        }
        if pattern[index] == UInt8(ascii: "\\"), index + 1 < pattern.count, let shorthand = Self.shorthand(pattern[index + 1]) {
            guard !Self.isNegatedShorthand(pattern[index + 1]) else {
                throw RegexError(message: "\\D, \\W and \\S are not supported within a class")
            }
            set.words |= shorthand.words
            index += 2
            return
        }
        let low = try Self.byte(pattern, &index)
        guard index + 1 < pattern.count, pattern[index] == UInt8(ascii: "-"), pattern[index + 1] != UInt8(ascii: "]") else {
            return set.insert(low)
        }
        index += 1
        let high = try Self.byte(pattern, &index)
        guard low <= high else { throw RegexError(message: "a range in a class goes downwards") }
        set.insert(low...high)
    }

    private static func byte(_ pattern: [UInt8], _ index: inout Int) throws(RegexError) -> UInt8 {
        var byte = pattern[index]
        index += 1
        if byte == UInt8(ascii: "\\"), index < pattern.count {
            byte = try literal(escaped: pattern[index])
            index += 1
        }
        guard byte < 0x80 else { throw RegexError(message: "only ASCII characters are supported within a class") }
        return byte
    }

    private static func named(_ pattern: [UInt8], _ index: inout Int) -> RegexProgram.ByteSet? {
        let classes: [(String, (UInt8) -> Bool)] = [
            ("alpha", Lexicon.isLetter), ("digit", Lexicon.isDigit), ("alnum", { Lexicon.isLetter($0) || Lexicon.isDigit($0) }),
            ("space", isSpace), ("upper", { (0x41...0x5A).contains($0) }), ("lower", { (0x61...0x7A).contains($0) }),
            ("xdigit", { Lexicon.isDigit($0) || (0x61...0x66).contains($0 | 0x20) }),
        ]
        for (name, accepts) in classes {
            let spelling = Array("[:\(name):]".utf8)
            guard pattern[index...].starts(with: spelling) else { continue }
            index += spelling.count
            return filled(accepts)
        }
        return nil
    }

    /// The ASCII bytes of `\d \w \s \D \W \S`; nil for another letter.
    static func shorthand(_ letter: UInt8) -> RegexProgram.ByteSet? {
        switch letter {
        case UInt8(ascii: "d"): filled(Lexicon.isDigit)
        case UInt8(ascii: "w"): filled(Lexicon.isWord)
        case UInt8(ascii: "s"): filled(isSpace)
        case UInt8(ascii: "D"): filled { !Lexicon.isDigit($0) }
        case UInt8(ascii: "W"): filled { !Lexicon.isWord($0) }
        case UInt8(ascii: "S"): filled { !isSpace($0) }
        case _: nil
        }
    }

    static func isNegatedShorthand(_ letter: UInt8) -> Bool { letter & 0x20 == 0 }

    static func literal(escaped byte: UInt8) throws(RegexError) -> UInt8 {
        switch byte {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "v"): return 0x0B
        case _ where Lexicon.isDigit(byte): throw RegexError(message: "back references are not supported")
        case _ where Lexicon.isLetter(byte):
            throw RegexError(message: "the escape \\\(String(decoding: [byte], as: UTF8.self)) is not supported")
        case _: return byte
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func filled(_ accepts: (UInt8) -> Bool) -> RegexProgram.ByteSet {
        var set = RegexProgram.ByteSet()
        for byte in UInt8(0)...0x7F where accepts(byte) { set.insert(byte) }
        return set
    }
}
