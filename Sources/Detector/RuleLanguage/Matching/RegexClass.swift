// SPDX-License-Identifier: Apache-2.0

/// A bracketed class of a regular expression, and what escapes stand for.
enum RegexClass {
    /// Reads what follows `[`.
    static func read(_ pattern: [UInt8], _ index: inout Int) throws(RegexError) -> CharacterRanges {
        var found = CharacterRanges()
        let isNegated = index < pattern.count && pattern[index] == UInt8(ascii: "^")
        if isNegated { index += 1 }
        var isFirst = true
        while index < pattern.count, isFirst || pattern[index] != UInt8(ascii: "]") {
            let isLoose = pattern[index] == UInt8(ascii: "-") && !isFirst && pattern[(index + 1)...].first != UInt8(ascii: "]")
            guard !isLoose else {
                throw RegexError(message: "a '-' in a class stands first, last, or between the ends of a range; elsewhere write \\-")
            }
            isFirst = false
            found.insert(try element(pattern, &index))
        }
        guard index < pattern.count else { throw RegexError(message: "a '[' has no ']'") }
        index += 1
        return isNegated ? CharacterRanges(allBut: found) : found
    }

    private static func element(_ pattern: [UInt8], _ index: inout Int) throws(RegexError) -> CharacterRanges {
        if let named = try named(pattern, &index) { return named }
        if pattern[index] == UInt8(ascii: "\\"), index + 1 < pattern.count, let shorthand = shorthand(pattern[index + 1]) {
            index += 2
            return shorthand
        }
        let low = try character(pattern, &index)
        guard index + 1 < pattern.count, pattern[index] == UInt8(ascii: "-"), pattern[index + 1] != UInt8(ascii: "]") else {
            return CharacterRanges([low...low])
        }
        index += 1
        let high = try character(pattern, &index)
        guard low <= high else { throw RegexError(message: "a range in a class goes downwards") }
        return CharacterRanges([low...high])
    }

    private static func character(_ pattern: [UInt8], _ index: inout Int) throws(RegexError) -> UInt32 {
        if pattern[index] == UInt8(ascii: "\\") {
            index += 1
            return try escaped(pattern, &index)
        }
        return plain(pattern, &index)
    }

    /// The character that stands at a place; a byte that begins none stands for itself.
    static func plain(_ pattern: [UInt8], _ index: inout Int) -> UInt32 {
        var rest = pattern[index...].prefix(4).makeIterator(), decoder = UTF8()
        if case .scalarValue(let scalar) = decoder.decode(&rest), scalar.value >= 0x80 {
            index += UTF8.width(scalar)
            return scalar.value
        }
        index += 1
        return UInt32(pattern[index - 1])
    }

    // `[:alpha:]` and its like; what looks like one and is none was meant to be one.
    private static func named(_ pattern: [UInt8], _ index: inout Int) throws(RegexError) -> CharacterRanges? {
        guard pattern[index...].starts(with: Array("[:".utf8)) else { return nil }
        // Whatever stands up to the next `:]` is taken for a name; so far on, nobody means one.
        let end = (index + 2..<min(index + 64, pattern.count)).first { pattern[$0...].starts(with: Array(":]".utf8)) }
        guard let end else { return nil }
        let name = pattern[(index + 2)..<end]
        let isNegated = name.first == UInt8(ascii: "^")
        let text = String(decoding: isNegated ? name.dropFirst() : name, as: UTF8.self)
        guard let ranges = classes[text] else {
            throw RegexError(message: "there is no class [:\(text):]; there are " + classes.keys.sorted().joined(separator: " "))
        }
        index = end + 2
        return isNegated ? CharacterRanges(allBut: ranges) : ranges
    }

    private static let digits: ClosedRange<UInt32> = 0x30...0x39
    private static let upper: ClosedRange<UInt32> = 0x41...0x5A
    private static let lower: ClosedRange<UInt32> = 0x61...0x7A

    private static let classes: [String: CharacterRanges] = [
        "alnum": CharacterRanges([digits, upper, lower]), "alpha": CharacterRanges([upper, lower]),
        "ascii": CharacterRanges([0...0x7F]), "blank": CharacterRanges([0x09...0x09, 0x20...0x20]),
        "cntrl": CharacterRanges([0...0x1F, 0x7F...0x7F]), "digit": CharacterRanges([digits]), "graph": CharacterRanges([0x21...0x7E]),
        "lower": CharacterRanges([lower]), "print": CharacterRanges([0x20...0x7E]),
        "punct": CharacterRanges([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
        "space": CharacterRanges([0x09...0x0D, 0x20...0x20]), "upper": CharacterRanges([upper]),
        "word": CharacterRanges([digits, upper, lower, 0x5F...0x5F]),
        "xdigit": CharacterRanges([digits, 0x41...0x46, 0x61...0x66]),
    ]

    /// The characters of `\d \w \s \D \W \S`; nil for another letter.
    static func shorthand(_ letter: UInt8) -> CharacterRanges? {
        let names: [UInt8: String] = [UInt8(ascii: "d"): "digit", UInt8(ascii: "w"): "word", UInt8(ascii: "s"): "space"]
        guard let ranges = names[letter | 0x20].flatMap({ classes[$0] }), Lexicon.isLetter(letter) else { return nil }
        return letter & 0x20 == 0 ? CharacterRanges(allBut: ranges) : ranges
    }

    /// The character that stands behind a backslash: a sign for itself, a letter for a control character, `\x41`, `\x{41}` or `\101`.
    static func escaped(_ pattern: [UInt8], _ index: inout Int) throws(RegexError) -> UInt32 {
        guard index < pattern.count else { throw RegexError(message: "a backslash ends the pattern") }
        let byte = pattern[index]
        index += 1
        switch byte {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "v"): return 0x0B
        case UInt8(ascii: "a"): return 0x07
        case UInt8(ascii: "x"): return try hexadecimal(pattern, &index)
        case _ where Lexicon.isDigit(byte): return try octal(byte, pattern, &index)
        case _ where Lexicon.isLetter(byte) || byte >= 0x80:
            throw RegexError(message: "the escape \\\(byte < 0x80 ? String(decoding: [byte], as: UTF8.self) : "") is not supported")
        case _: return UInt32(byte)
        }
    }

    private static func hexadecimal(_ pattern: [UInt8], _ index: inout Int) throws(RegexError) -> UInt32 {
        var digits = pattern[index...].prefix(2), end = index + 2
        if digits.first == UInt8(ascii: "{") {
            digits = pattern[(index + 1)...].prefix { $0 != UInt8(ascii: "}") }
            end = digits.endIndex + 1
        } else if digits.count < 2 {
            digits = []
        }
        let text = String(decoding: digits, as: UTF8.self)
        guard end <= pattern.count, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let value = UInt32(text, radix: 16), value <= 0x10FFFF
        else { throw RegexError(message: "\\x wants two hex digits, or any number in braces up to 10FFFF") }
        index = end
        return value
    }

    // One digit that is not 0 would be a back reference.
    private static func octal(_ first: UInt8, _ pattern: [UInt8], _ index: inout Int) throws(RegexError) -> UInt32 {
        let more = pattern[index...].prefix(2).prefix { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
        guard first < UInt8(ascii: "8"), first == UInt8(ascii: "0") || !more.isEmpty else {
            throw RegexError(message: "back references are not supported")
        }
        index += more.count
        return more.reduce(UInt32(first - UInt8(ascii: "0"))) { $0 * 8 + UInt32($1 - UInt8(ascii: "0")) }
    }
}
