// SPDX-License-Identifier: Apache-2.0

/// Walks over the bytes of a placed text.
struct Cursor {
    let text: PlacedText
    var offset = 0

    init(_ text: PlacedText) { self.text = text }

    var place: Place { Place(text: text, offset: offset) }
    var isAtEnd: Bool { offset >= text.bytes.count }
    var next: UInt8? { isAtEnd ? nil : text.bytes[offset] }

    func byte(ahead count: Int) -> UInt8? {
        offset + count < text.bytes.count ? text.bytes[offset + count] : nil
    }

    /// Skips blanks; tells whether there were any.
    @discardableResult
    mutating func skipBlanks() -> Bool {
        let start = offset
        while let byte = next, Lexicon.isBlank(byte) { offset += 1 }
        return offset > start
    }

    mutating func take(_ word: String) -> Bool {
        let bytes = Array(word.utf8)
        guard offset + bytes.count <= text.bytes.count, text.bytes[offset..<(offset + bytes.count)].elementsEqual(bytes) else {
            return false
        }
        offset += bytes.count
        return true
    }

    /// Takes a word that no letter, digit or _ follows.
    mutating func takeWhole(_ word: String) -> Bool {
        let start = offset
        guard take(word) else { return false }
        if let byte = next, Lexicon.isWord(byte) || byte == UInt8(ascii: ".") {
            offset = start
            return false
        }
        return true
    }

    /// Takes a word and the blanks behind it, of which there must be one.
    mutating func takeSpaced(_ word: String) -> Bool {
        let start = offset
        guard take(word), skipBlanks() else {
            offset = start
            return false
        }
        return true
    }

    mutating func take(while accepted: (UInt8) -> Bool) -> String {
        let start = offset
        while let byte = next, accepted(byte) { offset += 1 }
        return String(decoding: text.bytes[start..<offset], as: UTF8.self)
    }

    mutating func takeIdentifier() -> String? {
        guard let byte = next, Lexicon.isLetter(byte) else { return nil }
        return take(while: Lexicon.isWord)
    }

    /// Takes `a.b` or `a.b.c`; nothing is taken when there is no dot with a letter behind it.
    mutating func takeFieldName() -> String? {
        let start = offset
        guard var name = takeIdentifier() else { return nil }
        while next == UInt8(ascii: "."), let byte = byte(ahead: 1), Lexicon.isLetter(byte) {
            offset += 1
            name += "." + (takeIdentifier() ?? "")
        }
        guard name.contains(".") else {
            offset = start
            return nil
        }
        return name
    }
}
