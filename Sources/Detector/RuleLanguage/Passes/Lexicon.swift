// SPDX-License-Identifier: Apache-2.0

/// Which bytes make up the words of the condition language.
enum Lexicon {
    static func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20) }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x08...0x0A).contains(byte) || byte == 0x0D
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") }

    /// True for what ends a bare value.
    static func endsBareValue(_ byte: UInt8) -> Bool {
        isBlank(byte) || Array("(),=\"'".utf8).contains(byte)
    }

    /// True for what a bare argument in brackets cannot hold.
    static func endsBareArgument(_ byte: UInt8) -> Bool {
        isBlank(byte) || Array("[]\"'".utf8).contains(byte)
    }

    /// True for what a list's name cannot hold.
    static func endsListName(_ byte: UInt8) -> Bool {
        isBlank(byte) || byte == 0x0B || byte == 0x0C || Array("()\"'=,".utf8).contains(byte)
    }

    static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy(isWord)
    }

    /// True when the text, with or without an argument in brackets, names a field.
    static func isKnownField(_ text: String) -> Bool {
        FieldTable.field(named: String(text.prefix { $0 != "[" })) != nil
    }
}
