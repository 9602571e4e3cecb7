// SPDX-License-Identifier: Apache-2.0

/// Swift source with its comments and strings blanked out, line for line, so that words and braces left in it are code.
struct SwiftText: Sendable {
    let lines: [String]

    init(_ source: String) {
        var scanner = Blanker(Array(source.utf8))
        lines = scanner.blanked().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// A function, initialiser, deinitialiser or subscript with a body.
    struct Function: Equatable {
        var name: String
        /// From 1.
        var line: Int
        /// Lines from the one with its keyword to the one with its closing brace.
        var length: Int
    }

    /// All functions, those within functions too.
    var functions: [Function] {
        lines.indices.compactMap { index in
            guard let name = Self.declaredFunction(lines[index]) else { return nil }
            return end(from: index).map { Function(name: name, line: index + 1, length: $0 - index + 1) }
        }
    }

    private static let modifiers: Set<Substring> = [
        "public", "private", "internal", "fileprivate", "package", "static", "class", "override", "mutating", "nonmutating", "final",
        "convenience", "required", "borrowing", "consuming", "nonisolated", "isolated", "prefix", "postfix", "infix", "indirect", "open",
    ]

    private static func declaredFunction(_ line: String) -> String? {
        let words = line.split { $0 == " " || $0 == "(" || $0 == "<" || $0 == "?" || $0 == "{" }
        for (place, word) in words.enumerated() {
            if modifiers.contains(word) || word.hasPrefix("@") || word.hasSuffix(")") { continue }
            guard ["func", "init", "deinit", "subscript"].contains(word) else { return nil }
            guard word == "func" else { return String(word) }
            return String(words.dropFirst(place + 1).first ?? "")
        }
        return nil
    }

    /// The line of the closing brace of the body that begins after line `start`; nil when what stands there has none.
    private func end(from start: Int) -> Int? {
        var parentheses = 0, braces = 0
        for index in start..<lines.count {
            if index > start, braces == 0, parentheses == 0, startsDeclaration(lines[index]) { return nil }
            for character in lines[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{" where parentheses == 0 || braces > 0: braces += 1
                case "}" where parentheses == 0 || braces > 0:
                    if braces == 0 { return nil }
                    braces -= 1
                    if braces == 0, parentheses == 0 { return index }
                default: continue
                }
            }
        }
        return nil
    }

    private func startsDeclaration(_ line: String) -> Bool {
        let words = line.split(separator: " ")
        guard let first = words.first else { return true }
        let keywords: Set<Substring> = ["func", "init", "deinit", "subscript", "var", "let", "case", "struct", "enum", "associatedtype"]
        return keywords.contains(first.prefix { $0.isLetter }.prefix(14)) || Self.modifiers.contains(first)
    }
}

/// Replaces comments and strings by blanks. An interpolation inside a string counts as part of the string.
private struct Blanker {
    private let source: [UInt8]
    private var place = 0
    private var result: [UInt8] = []

    init(_ source: [UInt8]) { self.source = source }

    mutating func blanked() -> [UInt8] {
        while place < source.count {
            if starts("//") {
                skip { $0.source[$0.place] == UInt8(ascii: "\n") }
            } else if starts("/*") {
                blockComment()
            } else if let hashes = stringStart() {
                string(hashes)
            } else {
                result.append(source[place])
                place += 1
            }
        }
        return result
    }

    private func starts(_ text: String) -> Bool {
        let end = place + text.utf8.count
        return end <= source.count && source[place..<end].elementsEqual(text.utf8)
    }

    /// How many # stand before a quotation mark here; nil when no string begins here.
    private func stringStart() -> Int? {
        var hashes = 0
        while place + hashes < source.count, source[place + hashes] == UInt8(ascii: "#") { hashes += 1 }
        return place + hashes < source.count && source[place + hashes] == UInt8(ascii: "\"") ? hashes : nil
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where place < source.count {
            result.append(source[place] == UInt8(ascii: "\n") ? source[place] : UInt8(ascii: " "))
            place += 1
        }
    }

    private mutating func skip(until end: (Blanker) -> Bool) {
        while place < source.count, !end(self) { blank(1) }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if starts("/*") { depth += 1; blank(2) } else if starts("*/") { depth -= 1; blank(2) } else { blank(1) }
        } while depth > 0 && place < source.count
    }

    private mutating func string(_ hashes: Int) {
        let fence = String(repeating: "#", count: hashes)
        blank(hashes)
        let mark = starts("\"\"\"") ? "\"\"\"" : "\""
        blank(mark.count)
        while place < source.count, !starts(mark + fence) {
            if starts("\\" + fence + "(") {
                interpolation(2 + hashes)
            } else {
                blank(starts("\\" + fence) ? 2 + hashes : 1)
            }
        }
        blank(mark.count + hashes)
    }

    private mutating func interpolation(_ opening: Int) {
        blank(opening)
        var depth = 1
        while depth > 0, place < source.count {
            if let hashes = stringStart() {
                string(hashes)
                continue
            }
            if source[place] == UInt8(ascii: "(") { depth += 1 }
            if source[place] == UInt8(ascii: ")") { depth -= 1 }
            blank(1)
        }
    }
}
