// SPDX-License-Identifier: Apache-2.0

/// Reads constants: the values of pass 3.
struct ValueParser {
    var cursor: Cursor

    init(cursor: Cursor) { self.cursor = cursor }

    private func error(_ message: String) -> ParseError { ParseError(message: message, place: cursor.place) }

    mutating func value() throws(ParseError) -> ParsedValue {
        if let quoted = try quoted() { return quoted }
        let place = cursor.place
        let bare = cursor.take { !Lexicon.endsBareValue($0) }
        guard !bare.isEmpty else { throw error("expected a value") }
        return ParsedValue(bytes: Array(bare.utf8), place: place)
    }

    /// A number as text: decimal with a fraction or an exponent, or hexadecimal.
    mutating func number() throws(ParseError) -> ParsedValue {
        let place = cursor.place
        let start = cursor.offset
        if cursor.take("0x") || cursor.take("0X") {
            guard !cursor.take(while: { Lexicon.isLetter($0) || Lexicon.isDigit($0) }).isEmpty else { throw error("expected a number") }
        } else {
            if let sign = cursor.next, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { cursor.offset += 1 }
            guard !cursor.take(while: Lexicon.isDigit).isEmpty else {
                cursor.offset = start
                throw error("expected a number")
            }
            if cursor.take(".") { _ = cursor.take(while: Lexicon.isDigit) }
            takeExponent()
        }
        return ParsedValue(bytes: Array(cursor.text.bytes[start..<cursor.offset]), place: place)
    }

    private mutating func takeExponent() {
        guard let mark = cursor.next, mark | 0x20 == UInt8(ascii: "e"), let sign = cursor.byte(ahead: 1),
            sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let digit = cursor.byte(ahead: 2), Lexicon.isDigit(digit)
        else { return }
        cursor.offset += 2
        _ = cursor.take(while: Lexicon.isDigit)
    }

    mutating func list() throws(ParseError) -> [ParsedValue] {
        guard cursor.take("(") else {
            let place = cursor.place
            guard let name = cursor.takeIdentifier() else { throw error("expected a list, such as (a, b)") }
            return [ParsedValue(bytes: Array(name.utf8), place: place)]
        }
        var values: [ParsedValue] = []
        cursor.skipBlanks()
        if cursor.take(")") { return values }
        repeat {
            cursor.skipBlanks()
            values.append(try value())
            cursor.skipBlanks()
        } while cursor.take(",")
        guard cursor.take(")") else { throw error("expected ',' or ')' in a list") }
        return values
    }

    /// A text in quotes; nil, with nothing taken, when no quote stands here.
    mutating func quoted() throws(ParseError) -> ParsedValue? {
        let place = cursor.place
        guard let quote = cursor.next, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
        cursor.offset += 1
        var bytes: [UInt8] = []
        while let byte = cursor.next, byte != quote {
            cursor.offset += 1
            if byte == UInt8(ascii: "\\") { bytes.append(try escaped(quote: quote)) } else { bytes.append(byte) }
        }
        guard cursor.next == quote else { throw ParseError(message: "the quoted text has no end", place: place) }
        cursor.offset += 1
        guard !bytes.contains(0) else { throw ParseError(message: "a value cannot hold a NUL", place: place) }
        return ParsedValue(bytes: bytes, place: place)
    }

    private mutating func escaped(quote: UInt8) throws(ParseError) -> UInt8 {
        guard let byte = cursor.next else { throw error("the quoted text has no end") }
        cursor.offset += 1
        switch byte {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "\\"), UInt8(ascii: "/"), quote: return byte
        // A backslash before a blank stays and the blank is lost: a quirk that rules in the field rely on.
        case UInt8(ascii: " "): return UInt8(ascii: "\\")
        case UInt8(ascii: "x"): return try hexadecimal()
        case _:
            cursor.offset -= 2
            throw error("invalid escape; a backslash stands before one of b f n r t \\ / x or the closing quote")
        }
    }

    private mutating func hexadecimal() throws(ParseError) -> UInt8 {
        let digits = [cursor.next, cursor.byte(ahead: 1)].compactMap { $0 }
        guard digits.count == 2, digits.allSatisfy(Lexicon.isHexDigit), let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("expected two hex digits after \\x") }
        cursor.offset += 2
        return byte
    }
}
