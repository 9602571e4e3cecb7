// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("The documentation of the source")
struct DocumentationTests {
    @Test("Every public declaration has a sentence of documentation")
    func publicDeclarations() {
        let files = Repository.shared.sources.filter { $0.isSwift && $0.path.hasPrefix("Sources/") }
        let required = Set(files.flatMap { Self.requirements($0.text) })
        #expect(required.count > 3)
        let undocumented = files.flatMap { file in Self.undocumented(file.text, besides: required).map { "\(file.path):\($0)" } }
        #expect(undocumented == [])
    }

    @Test("The check sees what lacks documentation, and lets a protocol's witnesses pass")
    func check() {
        #expect(Self.undocumented("/// A.\npublic struct A {\n    public var b: Int\n}\n") == ["3: public var b: Int"])
        #expect(Self.undocumented("/// A.\n@frozen\npublic struct A {\n    public var description: String { \"\" }\n}\n") == [])
        #expect(Self.requirements("public protocol P {\n    /// A.\n    func a(_ b: Int)\n}\nfunc c() {}\n") == ["a"])
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

    /// The names of the functions that public protocols ask for.
    private static func requirements(_ text: String) -> [String] {
        var inside = false
        return SwiftText(text).lines.compactMap { line in
            if line.hasPrefix("public protocol ") { inside = true }
            if line.hasPrefix("}") { inside = false }
            let words = line.split { $0 == " " || $0 == "(" || $0 == "<" }
            guard inside, let place = words.firstIndex(of: "func"), place + 1 < words.count else { return nil }
            return String(words[place + 1])
        }
    }

    private static func undocumented(_ text: String, besides required: Set<String> = []) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmingSpaces }
        let code = SwiftText(text).lines.map { $0.trimmingSpaces }
        return code.indices.compactMap { index in
            guard let declaration = declaration(code[index]), !witnesses.contains(where: { declaration.hasPrefix($0) }),
                !required.contains(functionName(declaration))
            else { return nil }
            var above = index - 1
            while above >= 0, lines[above].hasPrefix("@") { above -= 1 }
            return above >= 0 && lines[above].hasPrefix("///") ? nil : "\(index + 1): \(lines[index])"
        }
    }

    private static func functionName(_ declaration: String) -> String {
        let words = declaration.split { $0 == " " || $0 == "(" || $0 == "<" }
        return words.firstIndex(of: "func").map { String(words[$0 + 1]) } ?? ""
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
        let start = drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
