// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import RuleLanguage

/// Looks at texts, held against the plain way to do each: few different bytes, so that much is nearly right.
@Suite("A look at a text") struct TextLookTests {
    private static let alphabet = Array("aA/b.".utf8) + [0x80, 0xaf]

    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 31
        }
    }

    private static func text(_ lengths: ClosedRange<Int>, _ dice: inout Dice) -> [UInt8] {
        (0..<Int.random(in: lengths, using: &dice)).map { _ in alphabet.randomElement(using: &dice)! }
    }

    @Test("finds all texts that it contains, however short the shortest is", arguments: 1...5, [false, true])
    func search(shortest: Int, isFolded: Bool) {
        var dice = Dice(state: UInt64(shortest))
        for _ in 0..<300 {
            let wanted = (0..<6).map { _ in Self.text(shortest...shortest + 3, &dice) }
            let memory = TableMemory(), found = FoundSlots(capacity: wanted.count)
            let search = TextSearch(wanted.enumerated().map { ($0.element, Int32($0.offset)) }, isFolded: isFolded, in: memory)
            let text = ByteString(Self.text(0...40, &dice))
            found.begin()
            withExtendedLifetime((memory, text)) { search.find(in: text.view, found) }
            let expected = wanted.indices.filter { index in
                let part = ByteString(wanted[index])
                return withExtendedLifetime((part, text)) {
                    isFolded ? text.view.containsFolded(part.view) : text.view.contains(part.view)
                }
            }
            #expect((0..<found.count).map { found[$0] }.sorted() == expected)
        }
    }

    @Test("finds the last slash, whatever stands around it") func lastSlash() {
        var dice = Dice(state: 7)
        for _ in 0..<5_000 {
            let bytes = Self.text(0...24, &dice)
            let text = ByteString(bytes)
            #expect(withExtendedLifetime(text) { text.view.lastSlash } == bytes.lastIndex(of: UInt8(ascii: "/")))
        }
    }
}
