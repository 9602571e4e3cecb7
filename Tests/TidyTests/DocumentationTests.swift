// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("The documentation of the source")
struct DocumentationTests {
    @Test("Every public declaration has a sentence of documentation")
    func publicDeclarations() {
        let files = Repository.shared.sources.filter { $0.isSwift && $0.path.hasPrefix("Sources/") }
        let required = Set(files.flatMap { Self.requirements($0.code) })
        #expect(required.count > 3)
        let undocumented = files.flatMap { file in Self.undocumented(file.text, file.code, besides: required).map { "\(file.path):\($0)" } }
        #expect(undocumented == [])
    }

    @Test("The check sees what lacks documentation, and lets a protocol's witnesses pass")
    func check() {
        #expect(Self.undocumented("/// A.\npublic struct A {\n    public var b: Int\n}\n") == ["3: public var b: Int"])
        #expect(Self.undocumented("/// A.\n@frozen\npublic struct A {\n    public var description: String { \"\" }\n}\n") == [])
        let text = "public protocol P {\n    func a(_ b: Int)\n    var d: Int { get }\n}\nfunc c() {}\n"
        #expect(Self.requirements(SwiftText(text)) == ["a", "d"])
        #expect(Self.undocumented("extension A {\n    public func a() {}\n}\n", besides: ["a"]) == [])
        #expect(Self.undocumented("let a = \"\"\"\n    public var b\n    \"\"\"\n") == [])
    }

    /// What the standard library's protocols ask for; what our own ask for is documented where they ask.
    private static let witnesses = [
        "var description", "var debugDescription", "var hashValue", "var errorDescription", "static func ==", "static func <",
        "func hash(into",
        "func makeIterator", "func makeAsyncIterator", "func next(", "mutating func next(", "init(from decoder", "func encode(to",
        "init(rawValue", "let rawValue",
    ]

    /// The names of the functions and properties that public protocols ask for.
    private static func requirements(_ code: SwiftText) -> [String] {
        var inside = false
        return code.lines.compactMap { line in
            if line.hasPrefix("public protocol ") { inside = true }
            if line.hasPrefix("}") { inside = false }
            return inside ? name(of: line) : nil
        }
    }

    private static func undocumented(_ text: String, _ blanked: SwiftText? = nil, besides required: Set<String> = []) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmingSpaces }
        let code = (blanked ?? SwiftText(text)).lines.map { $0.trimmingSpaces }
        return code.indices.compactMap { index in
            guard let declaration = declaration(code[index]), !witnesses.contains(where: { declaration.hasPrefix($0) }),
                !required.contains(name(of: declaration) ?? "")
            else { return nil }
            var above = index - 1
            while above >= 0, lines[above].hasPrefix("@") { above -= 1 }
            return above >= 0 && lines[above].hasPrefix("///") ? nil : "\(index + 1): \(lines[index])"
        }
    }

    /// The name after `func` or `var`.
    private static func name(of line: String) -> String? {
        let words = line.split { $0 == " " || $0 == "(" || $0 == "<" || $0 == ":" }
        guard let place = words.firstIndex(where: { $0 == "func" || $0 == "var" }), place + 1 < words.count else { return nil }
        return String(words[place + 1])
    }

    /// What follows `public`, attributes before it left out; nil when the line declares nothing public of its own.
    private static func declaration(_ line: String) -> String? {
        var words = line.split(separator: " ")
        while words.first?.hasPrefix("@") == true { words.removeFirst() }
        guard words.first == "public", words.count > 1, !["import", "extension"].contains(words[1]) else { return nil }
        return words.dropFirst().filter { !["private(set)", "final", "nonisolated"].contains($0) }.joined(separator: " ")
    }
}

extension StringProtocol {
    var trimmingSpaces: String {
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let bytes = Array(utf8)
        guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }
}
