// SPDX-License-Identifier: Apache-2.0

import SourceText

/// A YAML value whose scalars stay text, with the place of each part.
indirect enum SourceTree {
    case scalar(Scalar)
    case sequence([SourceTree], SourceLocation)
    case mapping([SourceEntry], SourceLocation)

    var location: SourceLocation {
        switch self {
        case .scalar(let scalar): scalar.start
        case .sequence(_, let location), .mapping(_, let location): location
        }
    }

    var isNull: Bool {
        guard case .scalar(let scalar) = self else { return false }
        return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    var isSequence: Bool {
        guard case .sequence = self else { return false }
        return true
    }

    var scalar: Scalar? {
        guard case .scalar(let scalar) = self else { return nil }
        return scalar
    }
}

/// One `key: value` of a YAML mapping.
struct SourceEntry {
    var key: Scalar
    var value: SourceTree
}

/// A YAML scalar as text, able to say where each of its bytes was written.
struct Scalar: Sendable {
    enum Style: Sendable {
        case plain, singleQuoted, doubleQuoted, block
    }

    var text: String
    var style: Style
    var file: SourceFile
    /// Where YAML says that the scalar starts: its first character, its quote, or its `|` or `>`.
    var start: SourceLocation
    /// The number of the line on which it ends; nil for a scalar that stands in no file.
    var lastLine: Int?

    // Beyond this a place in a line is not counted out: a file that is one line would be walked for every finding.
    fileprivate static let longestLineWalked = 10_000

    /// The place of the byte at that offset; the scalar's start where the text cannot be lined up with the file.
    func location(ofByte offset: Int) -> SourceLocation {
        let before = String(decoding: Array(text.utf8).prefix(offset), as: UTF8.self).count
        guard var walk = ScalarWalk(self) else { return start }
        return walk.location(afterCharacters: before, of: text) ?? start
    }
}

/// Walks a scalar's text and the file's text side by side, undoing what YAML does to line ends, indentation and quotes.
private struct ScalarWalk {
    private let source: [Character]
    private let style: Scalar.Style
    private let indentation: Int
    private let start: SourceLocation
    private var index = 0
    private var line: Int
    private var column: Int

    init?(_ scalar: Scalar) {
        style = scalar.style
        start = scalar.start
        line = scalar.start.line
        column = scalar.start.column
        guard let first = scalar.file.line(line), first.utf8.count <= Scalar.longestLineWalked else { return nil }
        let last = max(line, min(scalar.lastLine ?? scalar.file.lineCount, scalar.file.lineCount))
        let rest = (line + 1..<last + 1).compactMap { scalar.file.line($0) }
        switch style {
        case .block:
            let indented = rest.first { !$0.allSatisfy { $0 == " " } } ?? ""
            indentation = indented.prefix { $0 == " " }.count
            source = Array(rest.joined(separator: "\n"))
            line += 1
            column = 1
            skipIndentation()
        case .plain, .singleQuoted, .doubleQuoted:
            indentation = .max
            source = Array(([first.dropFirst(column - 1)] + rest).joined(separator: "\n"))
            if style != .plain { advance() }
        }
    }

    mutating func location(afterCharacters wanted: Int, of text: String) -> SourceLocation? {
        var passed = 0
        for character in text {
            guard align(with: character) else { return nil }
            if passed == wanted { return here }
            pass(character)
            passed += 1
        }
        return passed == wanted ? here : nil
    }

    private var here: SourceLocation { SourceLocation(file: start.file, line: line, column: column) }

    // Moves over what YAML dropped, up to the character that became `wanted`.
    private mutating func align(with wanted: Character) -> Bool {
        let isBlank = wanted == " " || wanted == "\n"
        while index < source.count {
            if source[index] == wanted { return true }
            if style == .doubleQuoted, source[index] == "\\" { return true }
            guard source[index] == "\n" || source[index] == " " || source[index] == "\t" else { return false }
            if isBlank, source[index] == "\n" { return true }
            advance()
        }
        return false
    }

    private mutating func pass(_ character: Character) {
        if style == .doubleQuoted, source[index] == "\\" { advance() }
        if style == .singleQuoted, character == "'" { advance() }
        advance()
    }

    private mutating func advance() {
        guard index < source.count else { return }
        let wasLineEnd = source[index] == "\n"
        index += 1
        column += 1
        guard wasLineEnd else { return }
        line += 1
        column = 1
        skipIndentation()
    }

    private mutating func skipIndentation() {
        var left = indentation
        while left > 0, index < source.count, source[index] == " " {
            index += 1
            column += 1
            left -= 1
        }
    }
}
