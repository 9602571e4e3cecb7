// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Reads JSON (RFC 8259) in one pass. Foundation's decoder tries each kind of value in turn: it took 4.4 ms for a pod of 3 kB.
struct JSONParser {
    /// Deeper nesting than any object of the API has is an attack on the stack.
    static let depthLimit = 256

    /// The bytes are no JSON.
    struct Malformed: Error {}

    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    /// The one value that the bytes hold. Throws when they hold none, something after it, or text that is not UTF-8.
    static func parse(_ bytes: [UInt8]) throws(Malformed) -> JSONValue {
        let result: Result<JSONValue, Malformed> = bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer)
            do throws(Malformed) { return .success(try parser.whole()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func whole() throws(Malformed) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard place == bytes.count else { throw Malformed() }
        return value
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
        guard depth < Self.depthLimit else { throw Malformed() }
        skipSpace()
        guard let byte = peek else { throw Malformed() }
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
            guard skips(":") else { throw Malformed() }
            members[name] = try value(depth: depth + 1)
        } while skips(",")
        guard skips("}") else { throw Malformed() }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Malformed) -> JSONValue {
        place += 1
        var elements: [JSONValue] = []
        guard !skips("]") else { return .array(elements) }
        repeat { elements.append(try value(depth: depth + 1)) } while skips(",")
        guard skips("]") else { throw Malformed() }
        return .array(elements)
    }

    private mutating func string() throws(Malformed) -> String {
        guard skips("\"") else { throw Malformed() }
        let start = place
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw Malformed() }
            place += 1
        }
        guard peek == UInt8(ascii: "\\") else { return try text(bytes[start..<place]) }
        var unescaped = Array(bytes[start..<place])
        while let byte = peek, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw Malformed() }
            place += 1
            if byte == UInt8(ascii: "\\") { unescaped += Array(String(try escaped()).utf8) } else { unescaped.append(byte) }
        }
        return try text(unescaped)
    }

    /// Takes the quote at the end of a string too.
    private mutating func text(_ utf8: some Collection<UInt8>) throws(Malformed) -> String {
        guard let text = String(validating: utf8, as: UTF8.self), peek == UInt8(ascii: "\"") else { throw Malformed() }
        place += 1
        return text
    }

    private mutating func escaped() throws(Malformed) -> Unicode.Scalar {
        guard let byte = peek else { throw Malformed() }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try scalar()
        default: throw Malformed()  // Bytes cannot be listed: every other escape is wrong.
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
        guard place + 4 <= bytes.count else { throw Malformed() }
        var value: UInt32 = 0
        for byte in bytes[place..<(place + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw Malformed() }
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
        guard whole > 0, whole == 1 || first != UInt8(ascii: "0") else { throw Malformed() }
        var isWhole = true
        if peek == UInt8(ascii: ".") {
            place += 1
            isWhole = false
            guard digits() > 0 else { throw Malformed() }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            place += 1
            isWhole = false
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { place += 1 }
            guard digits() > 0 else { throw Malformed() }
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .int(integer) }
        guard let double = Double(text), double.isFinite else { throw Malformed() }
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
        guard end <= bytes.count, bytes[place..<end].elementsEqual(expected) else { throw Malformed() }
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
