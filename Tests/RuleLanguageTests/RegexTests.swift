// SPDX-License-Identifier: Apache-2.0

import EventModel
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
        ])
    func whole(_ pattern: String, _ text: String, _ expected: Bool) throws { #expect(try matches(pattern, text) == expected) }

    @Test("refuses what it cannot do in linear time, and what is not finished", arguments: [
        "(?=a)", "(?P<x>a)", "\\1", "a*?", "a++", "*a", "(a", "a)", "[a", "a{2,1}", "a{", "a{1001}", "\\q", "\\", "[é]", "[\\W]",
        "(((a{999}){999}){999}){999}",
    ])
    func refused(_ pattern: String) { #expect(throws: RegexError.self) { try matches(pattern, "") } }

    @Test("stays linear where backtracking would take for ever") func linear() throws {
        let text = String(repeating: "a", count: 2000)
        #expect(try !matches("(a*)*b", text))
        #expect(try !matches("(a|a)*b", text))
        #expect(try matches(String(repeating: "a?", count: 100) + String(repeating: "a", count: 100), String(repeating: "a", count: 100)))
    }
}
