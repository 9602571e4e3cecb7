// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("The tidy tests read Swift rightly")
struct SwiftTextTests {
    @Test("A function's length runs from its keyword to its closing brace")
    func length() {
        let text = SwiftText("struct A {\n  func one() {\n    two()\n  }\n  init(\n    _ a: Int\n  ) {\n  }\n}\n")
        #expect(text.functions == [.init(name: "one", line: 2, length: 3), .init(name: "init", line: 5, length: 4)])
    }

    @Test("Braces and keywords in strings, interpolations and comments do not count")
    func blanks() {
        let text = SwiftText("func a() {\n  // }\n  let s = \"} \\(f(\"}\")) {\"\n  /* } /* } */ } */\n  let r = #\"\\\"}\"#\n}\n")
        #expect(text.functions == [.init(name: "a", line: 1, length: 6)])
        #expect(SwiftText("let s = \"\"\"\n  func x() {\n  }\n  \"\"\"\n").functions.isEmpty)
    }

    @Test("A requirement without a body is no function with the next one's body")
    func requirement() {
        let text = SwiftText("protocol P {\n  func a()\n  func b() async throws -> Int\n}\nfunc c() {\n}\n")
        #expect(text.functions == [.init(name: "c", line: 5, length: 2)])
    }

    @Test("A closure argument in a default value does not end the signature")
    func closureDefault() {
        let text = SwiftText("func a(_ f: () -> Void = { }) {\n  f()\n}\n")
        #expect(text.functions == [.init(name: "a", line: 1, length: 3)])
    }
}
