// SPDX-License-Identifier: Apache-2.0

/// A text with a name, cut into lines for showing a place in it.
public struct SourceFile: Sendable, Hashable {
    /// The name as the user gave it; it begins each diagnostic.
    public let name: String
    /// The whole text.
    public let text: String

    // Where each line ends, its line end not counted, and where the next one begins, in bytes. Counted once, so that showing many
    // places of one file costs no more than the file.
    private let ends: [Int]
    private let starts: [Int]

    /// Wraps a text.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
        (starts, ends) = Self.cut(text)
    }

    /// Wraps the bytes of a file; throws where they are not UTF-8.
    public init(name: String, bytes: [UInt8]) throws(InvalidText) {
        if let text = String(validating: bytes, as: UTF8.self) {
            self.init(name: name, text: text)
            return
        }
        var parser = Unicode.UTF8.ForwardParser(), rest = bytes.makeIterator()
        var line = 1, offset = 0
        while case .valid(let character) = parser.parseScalar(from: &rest) {
            if character.first == UInt8(ascii: "\n") { line += 1 }
            offset += character.count
        }
        throw InvalidText(name: name, line: line, byte: bytes[offset])
    }

    /// How many lines there are: one more than line ends.
    public var lineCount: Int { starts.count }

    /// The line of that number, counted from 1, without its end; nil when there is none.
    public func line(_ number: Int) -> Substring? {
        guard number >= 1, number <= starts.count else { return nil }
        let bytes = text.utf8
        let start = bytes.index(bytes.startIndex, offsetBy: starts[number - 1])
        return text[start..<bytes.index(start, offsetBy: ends[number - 1] - starts[number - 1])]
    }

    /// The place of the byte at that offset; the end of the text for one that is beyond it.
    public func location(ofByte offset: Int) -> SourceLocation {
        var low = 0, high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        let before = text.utf8.dropFirst(starts[low]).prefix(max(0, min(offset, ends[low]) - starts[low]))
        return SourceLocation(file: name, line: low + 1, column: String(decoding: before, as: UTF8.self).count + 1)
    }

    /// Two files are equal when their names and their texts are.
    public static func == (left: SourceFile, right: SourceFile) -> Bool { left.name == right.name && left.text == right.text }

    /// Feeds what equality compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(text)
    }

    // Lines end as YAML has it: with a line feed, a carriage return or both.
    private static func cut(_ text: String) -> (starts: [Int], ends: [Int]) {
        var starts = [0], ends: [Int] = []
        var previous: UInt8 = 0
        for (offset, byte) in text.utf8.enumerated() {
            if byte == UInt8(ascii: "\n"), previous == UInt8(ascii: "\r") {
                starts[starts.count - 1] = offset + 1
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                ends.append(offset)
                starts.append(offset + 1)
            }
            previous = byte
        }
        ends.append(text.utf8.count)
        return (starts, ends)
    }
}

/// A file that is not UTF-8 text.
public struct InvalidText: Error, CustomStringConvertible {
    /// The file's name.
    public var name: String
    /// The first line with a byte that is not UTF-8, from 1.
    public var line: Int
    /// That byte.
    public var byte: UInt8

    public var description: String {
        "\(name):\(line): the file is not UTF-8 text (byte 0x\(String(byte, radix: 16, uppercase: true)))"
    }
}

/// A place in a source file. Lines and columns count from 1; a column counts characters.
public struct SourceLocation: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The file's name.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column, from 1.
    public var column: Int

    /// Names a place.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { "\(file):\(line):\(column)" }

    /// Orders by line, then column; the order of files is the reader's own.
    public static func < (left: SourceLocation, right: SourceLocation) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
