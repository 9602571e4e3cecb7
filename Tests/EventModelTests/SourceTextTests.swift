// SPDX-License-Identifier: Apache-2.0
import SourceText
import Testing

@Suite("Places in text")
struct SourceTextTests {
    @Test("A diagnostic shows file, line, column, the source line, and a caret below the place")
    func rendering() {
        let file = SourceFile(name: "a.yaml", text: "- rule: x\n\tcondition: proc.nam = 1\r\n")
        var bag = DiagnosticBag()
        let place = SourceLocation(file: "a.yaml", line: 2, column: 13)
        bag.error("LOAD_ERR_COMPILE_CONDITION", "no field 'proc.nam'", at: place, item: "rule \"x\"")
        #expect(
            bag.rendered(from: [file]) == """
                a.yaml:2:13: error: no field 'proc.nam' (rule "x") [LOAD_ERR_COMPILE_CONDITION]
                    \tcondition: proc.nam = 1
                    \t           ^

                """)
    }

    @Test("Diagnostics are shown in reading order: by file as given, then by place")
    func order() {
        let files = ["b", "a"].map { SourceFile(name: $0, text: "one\ntwo\n") }
        var bag = DiagnosticBag()
        bag.warning("W", "third", at: SourceLocation(file: "a", line: 1, column: 1))
        bag.error("E", "second", at: SourceLocation(file: "b", line: 2, column: 1))
        bag.error("E", "first", at: SourceLocation(file: "b", line: 1, column: 2))
        let heads = bag.rendered(from: files).split(separator: "\n").filter { !$0.hasPrefix(" ") }
        #expect(heads.map { $0.split(separator: " ")[2] } == ["first", "second", "third"])
    }

    @Test("A place beyond the file is shown without a source line")
    func beyond() {
        var bag = DiagnosticBag()
        bag.error("E", "cut", at: SourceLocation(file: "a", line: 9, column: 1))
        #expect(bag.rendered(from: [SourceFile(name: "a", text: "x")]) == "a:9:1: error: cut [E]\n")
    }

    @Test(
        "The nearest name is found for a slip, and none for a different word",
        arguments: [("proc.nam", "proc.name"), ("evt.typ", "evt.type"), ("banana", nil), ("labels", nil)] as [(String, String?)])
    func nearest(word: String, found: String?) {
        #expect(NearestName.of(word, among: ["proc.name", "evt.type", "fd.name"]) == found)
    }

    @Test("Lines end with a line feed, a carriage return or both, and an offset in bytes has a line and a column of characters")
    func lines() {
        let file = SourceFile(name: "a", text: "one\r\ntwo\rthr\u{E9}e\n\nend")
        #expect((0...6).map { file.line($0).map(String.init) } == [nil, "one", "two", "thr\u{E9}e", "", "end", nil])
        #expect(file.lineCount == 5)
        let places = [0, 2, 5, 9, 14, 15, 16, 19, 99].map { file.location(ofByte: $0).description }
        #expect(places == ["a:1:1", "a:1:3", "a:2:1", "a:3:1", "a:3:5", "a:3:6", "a:4:1", "a:5:3", "a:5:4"])
    }

    @Test("Bytes that are not UTF-8 are refused with their line")
    func invalid() throws {
        #expect(try SourceFile(name: "a", bytes: Array("x\n\u{E9}".utf8)).text == "x\n\u{E9}")
        let error = #expect(throws: InvalidText.self) { try SourceFile(name: "a", bytes: Array("x\n\u{E9}\ny".utf8) + [0xC3, 0x28]) }
        #expect(error.map { "\($0)" } == "a:3: the file is not UTF-8 text (byte 0xC3)")
    }

    @Test("Beyond ten thousand, findings are counted, and the last line says how many")
    func limit() {
        var bag = DiagnosticBag(), other = DiagnosticBag()
        for _ in 0..<DiagnosticBag.limit { bag.warning("W", "x", at: nil) }
        #expect(!bag.hasErrors)
        other.error("E", "y", at: nil)
        bag.add(other)
        #expect(bag.hasErrors && bag.dropped == 1 && bag.all.count == DiagnosticBag.limit)
        #expect(bag.rendered(from: []).hasSuffix("warning: x [W]\nand 1 more findings\n"))
    }

    @Test("Control characters in a file cannot reach a terminal, and a line too long to read is not shown")
    func control() {
        let file = SourceFile(name: "a", text: "\u{1B}[2Jx\n" + String(repeating: "y", count: 3_000))
        var bag = DiagnosticBag()
        bag.error("E", "no \u{1B}\u{7F}", at: SourceLocation(file: "a", line: 1, column: 5), item: "rule \"\n\"")
        bag.error("E", "long", at: SourceLocation(file: "a", line: 2, column: 1))
        #expect(
            bag.rendered(from: [file]) == """
                a:1:5: error: no \u{FFFD}\u{FFFD} (rule "\u{FFFD}") [E]
                    \u{FFFD}[2Jx
                        ^
                a:2:1: error: long [E]

                """)
    }
}
