// SPDX-License-Identifier: Apache-2.0

import EventModel
import Glibc
import SourceText
import Testing

@testable import RuleLanguage

/// Whatever a file holds, loading it ends: with rules or with words, and in time that grows with the file and no faster.
@Suite("Rule files that nobody should write") struct BadInputTests {
    private func load(_ text: String) -> (set: RuleSet?, rendered: String) {
        let file = SourceFile(name: "r", text: text)
        let result = RuleLoader.load([file])
        return (result.ruleSet, result.diagnostics.rendered(from: [file]))
    }

    private static func rule(_ condition: String, name: String = "r") -> String {
        "- {rule: \(name), desc: d, condition: \"\(condition)\", output: o, priority: INFO}\n"
    }

    // Processor time of this thread, so that what else runs here does not count.
    private func seconds(_ work: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let began = now()
        work()
        return now() - began
    }

    @Test("deep nesting is an error, however deep", arguments: [201, 5_000, 100_000]) func nesting(_ depth: Int) {
        let open = String(repeating: "(", count: depth), close = String(repeating: ")", count: depth)
        #expect(load(Self.rule(open + "evt.type = open" + close)).rendered.contains("parentheses are nested deeper than 200"))
        let transformers = String(repeating: "tolower(", count: depth) + "proc.name" + close + " = a"
        #expect(load(Self.rule(transformers)).rendered.contains("transformers are nested deeper than 200"))
        let brackets = "- list: l\n  items: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(load(brackets).rendered.contains("nested deeper than"))
        #expect(load(String(repeating: "- ", count: depth) + "a").set == nil)
    }

    @Test("more environment variables than the probe can look for, or a longer name, is an error at the rule that goes too far")
    func environment() {
        func rules(_ count: Int) -> String {
            (1...count).map { Self.rule("evt.type = execve and proc.env[V\($0)] = a", name: "r\($0)") }.joined()
        }
        #expect(load(rules(64)).set?.environmentNames.count == 64)
        let many = load(rules(65))
        #expect(many.set == nil)
        #expect(many.rendered.contains("r:65:10: error"))
        #expect(many.rendered.contains("up to this rule, rules name 65 environment variables; of a program 64 are read"))
        let long = String(repeating: "L", count: 64)
        let rendered = load(Self.rule("evt.type = execve and proc.env[\(long)] = a")).rendered
        #expect(rendered.contains("the name of the environment variable \(long) has more than the 63 bytes that can be read"))
        let disabled = Self.rule("evt.type = execve and proc.env[\(long)] = a").replacing("INFO}", with: "INFO, enabled: false}")
        #expect(load(disabled).set?.environmentNames == [])
    }

    @Test("many words that nest nothing are no depth") func notNot() {
        let negations = String(repeating: "not ", count: 20_001)
        #expect(load(Self.rule("evt.type in (open) and \(negations) fd.num = 3")).set != nil)
        let checks = (0..<2_000).map { "fd.num = \($0)" }.joined(separator: " or ")
        #expect(load(Self.rule("evt.type = open and (\(checks))")).set != nil)
    }

    @Test("macros that double at every step end in an error") func doublingMacros() {
        var text = "- {macro: m0, condition: evt.type = open}\n"
        for step in 1...60 { text += "- {macro: m\(step), condition: m\(step - 1) or m\(step - 1)}\n" }
        #expect(load(text + Self.rule("m60")).rendered.contains("comes to more than 50000 checks"))
        let chain = (1...300).map { "- {macro: n\($0), condition: n\($0 - 1) and fd.num = \($0)}\n" }.joined()
        let rendered = load("- {macro: n0, condition: evt.type = open}\n" + chain + Self.rule("n300")).rendered
        #expect(rendered.contains("nested deeper than 200"))
    }

    // In the pass itself: four million checks would be looked at one by one in the next.
    @Test("large macros in many rules end in an error") func wideMacros() throws {
        let checks = (0..<20_000).map { "fd.num=\($0)" }.joined(separator: " or ")
        let text = { (condition: String) in
            let start = SourceLocation(file: "r", line: 1, column: 1)
            return Scalar(text: condition, style: .plain, file: SourceFile(name: "r", text: ""), start: start)
        }
        let wide = CollectedMacro(name: text("m"), condition: AppendedText(text(checks)), visibility: 0)
        var resolve = Resolve([wide], trees: [try Parse.condition(wide.condition.text)])
        let rule = try Parse.condition(AppendedText(text("evt.type = open and m")).text)
        for number in 0..<200 {
            _ = resolve.resolve(rule, item: "r")
            #expect(resolve.diagnostics.hasErrors == (number >= 199))
        }
        #expect(resolve.diagnostics.all.last?.message.contains("come to more than 4000000 checks") == true)
    }

    @Test("lists that double at every step end in an error") func doublingLists() {
        var text = "- {list: l0, items: [a]}\n"
        for step in 1...60 { text += "- {list: l\(step), items: [l\(step - 1), l\(step - 1)]}\n" }
        #expect(load(text + Self.rule("proc.name in (l60)")).rendered.contains("comes to more than can be held"))
        let items = (0..<50_000).map { "item\($0)" }.joined(separator: ", ")
        let names = Array(repeating: "big", count: 100).joined(separator: ", ")
        let rendered = load("- {list: big, items: [\(items)]}\n" + Self.rule("evt.type = open and proc.name in (\(names))")).rendered
        #expect(rendered.contains("comes to more than can be held"))
    }

    @Test("aliases of aliases end in an error, also as keys") func laughs() {
        var text = "- list: l\n  items: &a0 [x, x]\n"
        for step in 1...40 { text += "- list: l\(step)\n  items: &a\(step) [*a\(step - 1), *a\(step - 1)]\n" }
        #expect(load(text).rendered.contains("aliases stand for more than"))
        #expect(load(text + "- ? *a39\n  : x\n").set == nil)
    }

    @Test("ten megabytes are read or refused", arguments: 0..<6) func tenMegabytes(_ shape: Int) {
        let filler = String(repeating: "x", count: 2_000)
        let text: String =
            switch shape {
            case 0: String(repeating: "# \(filler)\n", count: 5_000)
            case 1: String(repeating: "- a: 1 # \(filler)\n", count: 5_000)
            case 2: Self.rule(String(repeating: filler, count: 5_000))
            case 3: String(repeating: "- {list: l, items: [\(filler)], append: false}\n", count: 5_000)
            case 4: "[" + String(repeating: "{rul: \(filler)}, ", count: 5_000) + "]"
            case _: String(repeating: "%TAG !a! \(filler)\n", count: 5_000)
            }
        #expect(text.utf8.count > 10_000_000)
        let (set, rendered) = load(text)
        #expect((set != nil) == [0, 1, 3, 4].contains(shape))
        #expect(rendered.utf8.count < 5_000_000)
    }

    @Test("bytes that are not text are errors with their place") func bytes() {
        #expect(load("- rule: a\u{0}b\n").rendered == "r:1:10: error: this is not YAML: control characters are not allowed (0x0)"
            + " [LOAD_ERR_YAML_PARSE]\n    - rule: a\u{FFFD}b\n             ^\n")
        #expect(throws: InvalidText.self) { try SourceFile(name: "r", bytes: Array("- a\n- b".utf8) + [0xFF]) }
        #expect(load("- rule: \u{1F600}\n  desc: \u{7F}").rendered.contains("r:2:9: error: this is not YAML: control characters"))
    }

    @Test("a file of nothing but mistakes tells the first ten thousand and counts the rest") func findings() {
        let text = (0..<12_000).map { "- {rule: r\($0), enabled: false}\n" }.joined()
        let file = SourceFile(name: "r", text: text)
        let result = RuleLoader.load([file])
        #expect(result.diagnostics.all.count == DiagnosticBag.limit)
        #expect(result.diagnostics.dropped == 2_000)
        #expect(result.diagnostics.rendered(from: [file]).hasSuffix("and 2000 more findings\n"))
        let faults = (0..<50).map { "proc.no\($0) = x" }.joined(separator: " or ")
        #expect(RuleLoader.load([SourceFile(name: "r", text: Self.rule(faults))]).diagnostics.all.count == 20)
    }

    @Test("ten times the rules take ten times the work, not a hundred times", arguments: 0..<5) func linear(_ shape: Int) {
        let times = { (count: Int) in
            let text = Self.many(count, shape)
            return (0..<2).map { _ in seconds { _ = load(text) } }
        }
        let size = shape == 0 ? 500 : 100
        // The slowest of the few and the quickest of the many: what else the machine does can only let this pass.
        let few = times(size).max() ?? 0, many = times(size * 10).min() ?? .infinity
        #expect(many < few * 30, "\(count(few)) for \(size), \(count(many)) for \(size * 10)")
    }

    private func count(_ seconds: Double) -> String { "\(Int(seconds * 1_000)) ms" }

    private static func many(_ count: Int, _ shape: Int) -> String {
        switch shape {
        case 0: (0..<count).map { rule("evt.type = open and proc.name in (a\($0), b) and fd.num = \($0)", name: "r\($0)") }.joined()
        case 1:
            (0..<count).map { "- {list: l\($0), items: [a\($0)]}\n- {macro: m\($0), condition: \"proc.name in (l\($0))\"}\n" }.joined()
                + rule((0..<100).map { "m\($0)" }.joined(separator: " or "))
        case 2: rule("evt.type = open") + String(repeating: "- {rule: r, condition: and fd.num > 3, append: true}\n", count: count)
        case 3: (0..<count).map { "- {rule: r\($0), condition: and fd.num > 3, override: {condition: append}}\n" }.joined()
        case _: (0..<count).map { rule("evt.type = open and proc.nothing\($0) = x", name: "r\($0)") }.joined()
        }
    }
}
