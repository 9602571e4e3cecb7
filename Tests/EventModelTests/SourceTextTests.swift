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
}
