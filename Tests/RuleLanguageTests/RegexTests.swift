// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import RuleLanguage

@Suite("A regular expression") struct RegexTests {
    private func matches(_ pattern: String, _ text: String) throws -> Bool {
        let program = try RegexCompiler.compile(Array(pattern.utf8))
        var threads = RegexThreads(largest: program.instructions.count)
        let bytes = ByteString(text)
        return withExtendedLifetime(bytes) { threads.matches(bytes.view, program) }
    }

    @Test(
        "matches the whole text or not at all",
        arguments: [
            ("abc", "abc", true), ("abc", "abcd", false), ("b", "abc", false), ("", "", true), ("", "a", false), ("a*", "", true),
            ("a*", "aaaa", true), ("a+", "", false), ("a?b", "b", true), ("a|b|", "", true), ("a|bc", "bc", true),
            ("(a|b)*c", "ababc", true), ("a{3}", "aaa", true), ("a{3}", "aa", false), ("a{2,}", "aaaaa", true), ("a{2,3}", "aaaa", false),
            ("a{0}b", "b", true), ("a{0,2}", "aa", true), ("[a-c]+", "abcabc", true), ("[^a-c]+", "xyz", true), ("[^a-c]", "a", false),
            ("[]a]+", "]a", true), ("[a-]+", "a-a", true), ("[[:digit:]]+", "123", true), ("\\d+", "12a", false),
            ("\\w+\\s\\S", "ab_1 x", true),
            ("\\.", ".", true), ("\\.", "a", false), ("^abc$", "abc", true), ("a^b", "ab", false), (".", "\n", false), (".", "é", true),
            ("..", "é!", true), ("[^x]", "é", true), ("/tmp/.*\\.sh", "/tmp/a/b.sh", true), ("(?:ab)+", "abab", true), ("é+", "éé", true),
            ("\\D\\W", "a-", true), ("x(a|ab)(c|bcd)y", "xabcdy", true),
            ("a*?", "aa", true), ("a+?", "", true), ("a**", "aaa", true), ("(a{2}){2}", "aaaa", true), ("a{", "a{", true),
            ("a{,3}", "a{,3}", true), ("a{01}", "a{01}", true), ("[é-ü]+", "éöü", true), ("[é-ü]", "ý", false), ("[^é]", "é", false),
            ("..", "é", false), ("[^\\W\\d]+", "ab_", true), ("[[:^digit:]]+", "aé", true), ("[[:punct:][:blank:]]+", "!\t;", true),
            ("[]-a]", "^", true), ("\\x41\\x{e9}\\101\\a", "AéA\u{7}", true), ("a\n^b", "a\nb", true), ("a$\nb", "a\nb", true),
            ("[\\x00-\\x{10FFFF}]", "😀", true), ("[€-😀]+", "₭😀", true), ("^*a", "a", true), ("()a|", "", true), ("\\.\\_\\/", "._/", true),
        ])
    func whole(_ pattern: String, _ text: String, _ expected: Bool) throws { #expect(try matches(pattern, text) == expected) }

    @Test("refuses what it cannot do in linear time, and what is not finished", arguments: [
        "(?=a)", "(?P<x>a)", "\\1", "\\8", "*a", "{2}", "a|*", "(+)", "(a", "a)", "[a", "[b-a]", "[[:no:]]", "a{2,1}", "a{1001}",
        "\\q", "\\", "\\é", "\\x4", "\\x{110000}", "\\x{}", "[\\q]", "(((a{999}){999}){999}){999}", "(a{100}){11}",
        "((a{0}){1000}){1000}", "[a-c-e]", "[[:)?::]", "(.{500}){2}x{1000}[^é]{999}",
    ])
    func refused(_ pattern: String) { #expect(throws: RegexError.self) { try matches(pattern, "") } }

    @Test("takes what is not UTF-8 for U+FFFD, a sequence that is cut short for one") func notUTF8() throws {
        let matches = { (pattern: String, bytes: [UInt8]) in
            let program = try RegexCompiler.compile(Array(pattern.utf8))
            var threads = RegexThreads(largest: program.instructions.count)
            return bytes.withUnsafeBytes { threads.matches(ByteView($0), program) }
        }
        #expect(try matches("a.b", [0x61, 0xFF, 0x62]))
        #expect(try matches("a..b", [0x61, 0xFF, 0xFE, 0x62]))
        #expect(try matches("a\u{FFFD}b", [0x61, 0xE2, 0x82, 0x62]))
        #expect(try !matches("a..b", [0x61, 0xE2, 0x82, 0x62]))
        #expect(throws: RegexError.self) { try RegexCompiler.compile([0x61, 0xFF]) }
    }

    @Test("stays linear where backtracking would take for ever") func linear() throws {
        let text = String(repeating: "a", count: 2000)
        #expect(try !matches("(a*)*b", text))
        #expect(try !matches("(a|a)*b", text))
        #expect(try matches(String(repeating: "a?", count: 100) + String(repeating: "a", count: 100), String(repeating: "a", count: 100)))
    }

    // How many instructions are looked at, not how long it takes: at each place of the text each instruction is looked at once at most.
    @Test("looks at no instruction twice at one place of the text", arguments: [
        "(a*)*b", "(a|a)*b", "((a*)*)*b", "(a+)+b", "(a|aa|aaa)*b", "(.*)(.*)(.*)b", "(a{1,50}){1,20}b", "(a?){100}a{100}b",
        "((a|b)*(a|c)*)*d", "(a*a*a*a*)*b", "([a-z]*[a-y]*)*0",
    ])
    func countedLooks(_ pattern: String) throws {
        let program = try RegexCompiler.compile(Array(pattern.utf8))
        var threads = RegexThreads(largest: program.instructions.count)
        for length in [100, 1000, 10_000] {
            let text = ByteString(String(repeating: "a", count: length))
            let found = withExtendedLifetime(text) { threads.matches(text.view, program) }
            #expect(!found)
            #expect(threads.looks <= (length + 1) * program.instructions.count)
            #expect(threads.looks >= length)
        }
    }

    @Test("agrees with another engine on random patterns and texts") func otherEngine() throws {
        let seed = SeededNumbers.seed
        var numbers = SeededNumbers(seed: seed)
        for _ in 0..<1500 {
            let pattern = Self.pattern(&numbers, depth: 3)
            let other = try NSRegularExpression(pattern: "\\A(?:\(pattern))\\z")
            for _ in 0..<6 {
                let text = (0..<Int(numbers.next() % 8)).map { _ in numbers.pick(["a", "b", "c"]) }.joined()
                let expected = other.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
                #expect(try matches(pattern, text) == expected, "seed \(seed): \(pattern) on '\(text)'")
            }
        }
    }

    private static func pattern(_ numbers: inout SeededNumbers, depth: Int) -> String {
        guard depth > 0 else { return numbers.pick(["a", "b", "c", ".", "[ab]", "[^a]", "\\w", "\\d"]) }
        let parts = (0..<1 + Int(numbers.next() % 3)).map { _ in pattern(&numbers, depth: depth - 1) }
        switch numbers.next() % 4 {
        case 0: return "(" + parts.joined(separator: "|") + ")"
        case 1: return "(" + parts.joined() + ")" + numbers.pick(["*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}"])
        case _: return parts.joined()
        }
    }
}
