// SPDX-License-Identifier: Apache-2.0

/// A text with a name, cut into lines for showing a place in it.
public struct SourceFile: Sendable, Hashable {
    /// The name as the user gave it; it begins each diagnostic.
    public let name: String
    /// The whole text.
    public let text: String

    /// Wraps a text.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// The line of that number, counted from 1, without its end; nil when there is none.
    public func line(_ number: Int) -> Substring? {
        guard number >= 1 else { return nil }
        // In Swift "\r\n" is one character, so both line ends are named.
        let lines = text.split(maxSplits: number, omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        return lines.count >= number ? lines[number - 1] : nil
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
