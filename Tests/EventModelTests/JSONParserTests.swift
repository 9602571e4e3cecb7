// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@Suite struct JSONParserTests {
    @Test("Each kind of value is read as itself", arguments: [
        ("null", .null), (" true ", true), ("false", false), ("0", 0), ("-12", -12), ("9223372036854775807", .int(.max)),
        ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.5e3", .double(1500)), ("-0.25", .double(-0.25)),
        (#""""#, ""),
        (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz"), (#""\u00e4\u65E5\ud83d\ude00""#, "ä日😀"), (#""ä日😀""#, "ä日😀"),
        (#""\ud83d!""#, "\u{FFFD}!"), (#""\ude00\ud83d\u0041""#, "\u{FFFD}\u{FFFD}A"), ("[]", []), ("{ }", [:]),
        ("[1, [2],\n{\"a\": {\"b\":null}}]", [1, [2], ["a": ["b": .null]]]), (#"{"a":1,"a":2}"#, ["a": 2]),
    ] as [(String, JSONValue)])
    func values(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONParser.parse(Array(text.utf8)) == value)
    }

    @Test("What is no JSON is refused", arguments: [
        "", " ", "tru", "nul", "01", "-", "1.", ".5", "1e", "+1", "1e999", "\"", "\"a", #""\x""#, #""\u12g4""#, #""\u12"#, "\"\u{1}\"",
        "[1,]", "[1", "[1 2]", "{", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}", "1 2", "[]]", "\u{FEFF}1",
    ])
    func refused(_ text: String) {
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test("Text that is not UTF-8, and nesting beyond the limit, are refused")
    func hostile() {
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)) }
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(throws: Never.self) { try JSONParser.parse(Array(deep.utf8)) }
    }

    @Test("Values one after the other and elements of an array come with their places, up to a limit")
    func placed() throws {
        let text = Array(" {} 7\n[1]".utf8), array = Array("[ 5 , {} ]".utf8)
        #expect(try JSONParser.sequence(text, limit: 3).map(\.offset) == [1, 4, 6])
        #expect(try JSONParser.sequence([], limit: 0).isEmpty)
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.sequence(text, limit: 2) }
        #expect(try JSONParser.elements(array, limit: 2).map(\.offset) == [2, 6])
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.elements(array, limit: 1) }
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.elements(Array("[1".utf8), limit: 1) }
    }

    @Test("Whatever is written is read back, also by Foundation, and every cut of it is refused")
    func roundTrip() throws {
        let value: JSONValue = [
            "text": "a\"\\\n\u{1}ä😀/", "numbers": [0, -1, .double(0.1), .int(.min)], "nested": ["list": [[:], [], .null, true]],
        ]
        let bytes = [UInt8](try JSONEncoder().encode(value))
        #expect(try JSONParser.parse(bytes) == value)
        #expect(try JSONDecoder().decode(JSONValue.self, from: Data(bytes)) == value)
        for end in 0..<bytes.count { #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(Array(bytes[..<end])) } }
    }
}
