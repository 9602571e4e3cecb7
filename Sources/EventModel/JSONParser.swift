// SPDX-License-Identifier: Apache-2.0

/// Reads JSON (RFC 8259) in one pass. Foundation's decoder tries each kind of value in turn: it took 4.4 ms for a pod of 3 kB.
public struct JSONParser {
    /// Deeper nesting than any object of the API has is an attack on the stack.
    public static let depthLimit = 256

    /// The bytes are no JSON.
    public struct Malformed: Error, Sendable, Hashable, CustomStringConvertible {
        /// Where it was noticed, in bytes from the beginning.
        public let offset: Int
        /// What was noticed, such as `a value was expected`.
        public let problem: String

        public var description: String { "\(problem) at byte \(offset)" }
    }

    /// A value, and where it begins, in bytes.
    public struct Placed: Sendable, Hashable {
        /// In bytes from the beginning.
        public let offset: Int
        /// The value.
        public let value: JSONValue
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    /// The one value that the bytes hold. Throws when they hold none, something after it, or text that is not UTF-8.
    public static func parse(_ bytes: [UInt8]) throws(Malformed) -> JSONValue {
        try read(bytes) { (parser) throws(Malformed) in
            let value = try parser.value(depth: 0)
            parser.skipSpace()
            guard parser.place == bytes.count else { throw parser.malformed("something follows the end of the value") }
            return value
        }
    }

    /// Values one after the other, as in NDJSON; white space between them may be left out. Throws also when there are more than `limit`.
    public static func sequence(_ bytes: [UInt8], limit: Int) throws(Malformed) -> [Placed] {
        try read(bytes) { (parser) throws(Malformed) in
            var values: [Placed] = []
            parser.skipSpace()
            while parser.place < bytes.count {
                guard values.count < limit else { throw parser.malformed("more than \(limit) values") }
                values.append(try parser.placed())
            }
            return values
        }
    }

    /// The elements of the one array that the bytes hold. Throws also when it has more than `limit`.
    public static func elements(_ bytes: [UInt8], limit: Int) throws(Malformed) -> [Placed] {
        try read(bytes) { (parser) throws(Malformed) in
            guard parser.skips("[") else { throw parser.malformed("an array was expected") }
            var values: [Placed] = []
            if !parser.skips("]") {
                repeat {
                    guard values.count < limit else { throw parser.malformed("more than \(limit) elements") }
                    parser.skipSpace()
                    values.append(try parser.placed(depth: 1))
                } while parser.skips(",")
                guard parser.skips("]") else { throw parser.malformed("',' or ']' was expected") }
            }
            parser.skipSpace()
            guard parser.place == bytes.count else { throw parser.malformed("something follows the end of the array") }
            return values
        }
    }

    private static func read<Value>(
        _ bytes: [UInt8], _ body: (inout JSONParser) throws(Malformed) -> Value
    ) throws(Malformed) -> Value {
        let result: Result<Value, Malformed> = bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer)
            do throws(Malformed) { return .success(try body(&parser)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private func malformed(_ problem: String) -> Malformed { Malformed(offset: place, problem: problem) }

    private mutating func placed(depth: Int = 0) throws(Malformed) -> Placed {
        let offset = place
        let value = try value(depth: depth)
        skipSpace()
        return Placed(offset: offset, value: value)
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
        guard depth < Self.depthLimit else { throw malformed("nesting deeper than \(Self.depthLimit) levels") }
        skipSpace()
        guard let byte = peek else { throw malformed("the text ends where a value was expected") }
        if byte == UInt8(ascii: "{") { return try object(depth: depth) }
        if byte == UInt8(ascii: "[") { return try array(depth: depth) }
        if byte == UInt8(ascii: "\"") { return .string(try string()) }
        if byte == UInt8(ascii: "t") { return try word("true", .bool(true)) }
        if byte == UInt8(ascii: "f") { return try word("false", .bool(false)) }
        if byte == UInt8(ascii: "n") { return try word("null", .null) }
        return try number()
    }

    private mutating func object(depth: Int) throws(Malformed) -> JSONValue {
        place += 1
        var members: [String: JSONValue] = [:]
        guard !skips("}") else { return .object(members) }
        repeat {
            skipSpace()
            let name = try string()
            guard skips(":") else { throw malformed("':' was expected") }
            members[name] = try value(depth: depth + 1)
        } while skips(",")
        guard skips("}") else { throw malformed("',' or '}' was expected") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Malformed) -> JSONValue {
        place += 1
        var elements: [JSONValue] = []
        guard !skips("]") else { return .array(elements) }
        repeat { elements.append(try value(depth: depth + 1)) } while skips(",")
        guard skips("]") else { throw malformed("',' or ']' was expected") }
        return .array(elements)
    }

    private mutating func string() throws(Malformed) -> String {
        guard skips("\"") else { throw malformed("a string was expected") }
        let start = place
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw malformed("a control character in a string") }
            place += 1
        }
        guard peek == UInt8(ascii: "\\") else { return try text(bytes[start..<place]) }
        var unescaped = Array(bytes[start..<place])
        while let byte = peek, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw malformed("a control character in a string") }
            place += 1
            if byte == UInt8(ascii: "\\") { unescaped += Array(String(try escaped()).utf8) } else { unescaped.append(byte) }
        }
        return try text(unescaped)
    }

    /// Takes the quote at the end of a string too.
    private mutating func text(_ utf8: some Collection<UInt8>) throws(Malformed) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else { throw malformed("a string that is not UTF-8 ends") }
        guard peek == UInt8(ascii: "\"") else { throw malformed("the text ends within a string") }
        place += 1
        return text
    }

    private mutating func escaped() throws(Malformed) -> Unicode.Scalar {
        guard let byte = peek else { throw malformed("the text ends within a string") }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try scalar()
        default: throw malformed("an unknown escape")  // Bytes cannot be listed: every other escape is wrong.
        }
    }

    /// The digits of `\u`, and those of a second one when the first is half of a surrogate pair. A half alone becomes U+FFFD.
    private mutating func scalar() throws(Malformed) -> Unicode.Scalar {
        let high = try hexDigits()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u") else {
            return "\u{FFFD}"
        }
        let back = place
        place += 2
        let low = try hexDigits()
        guard (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) else {
            place = back
            return "\u{FFFD}"
        }
        return scalar
    }

    private mutating func hexDigits() throws(Malformed) -> UInt32 {
        guard place + 4 <= bytes.count else { throw malformed("the text ends within a string") }
        var value: UInt32 = 0
        for byte in bytes[place..<(place + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw malformed("four hex digits were expected") }
            value = value << 4 | UInt32(digit)
        }
        place += 4
        return value
    }

    private mutating func number() throws(Malformed) -> JSONValue {
        let start = place
        if peek == UInt8(ascii: "-") { place += 1 }
        let first = peek
        let whole = digits()
        guard whole > 0, whole == 1 || first != UInt8(ascii: "0") else { throw malformed("a value was expected") }
        var isWhole = true
        if peek == UInt8(ascii: ".") {
            place += 1
            isWhole = false
            guard digits() > 0 else { throw malformed("a digit was expected") }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            place += 1
            isWhole = false
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { place += 1 }
            guard digits() > 0 else { throw malformed("a digit was expected") }
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .int(integer) }
        guard let double = Double(text), double.isFinite else { throw malformed("a number too large") }
        return .double(double)
    }

    private mutating func digits() -> Int {
        let start = place
        while let byte = peek, (0x30...0x39).contains(byte) { place += 1 }
        return place - start
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(Malformed) -> JSONValue {
        let end = place + text.utf8CodeUnitCount
        let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard end <= bytes.count, bytes[place..<end].elementsEqual(expected) else { throw malformed("a value was expected") }
        place = end
        return value
    }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    /// Passes white space, and the sign when it is the next; tells whether it was.
    private mutating func skips(_ sign: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: sign) else { return false }
        place += 1
        return true
    }
}
