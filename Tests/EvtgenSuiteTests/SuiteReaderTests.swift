// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("The reader of attack suites") struct SuiteReaderTests {
    private let text = """
        tests:
          - name: plain
            rule: R
            runIf: %{ item.runIf }
            runner: HostRunner
            context:
              container: %{ item.container }
              processes: [{ name: a, user: %{item.user} }, { exePath: /opt/x/b, exe: /odd/b, args: 'one "two three"' }]
            before: "echo '%{ item.user }'" # a text with more than the parameter stays
            resources:
              - { type: fd, name: target, subtype: file, filePath: "%{ item.path }" }
            steps:
              - type: syscall
                name: op
                syscall: openat2
                args: { pathname: "%{ item.path }", how: { flags: O_WRONLY|O_CREAT, mode: 0644 } }
              - { type: syscall, name: d, syscall: dup2, args: { oldfd: "${ target.fd }", newFd: 1 } }
            expectedOutcome: { priority: warning, outputFields: { fd.name: %{ item.path } } }
            cases:
              - strategy: matrix
                values: { runIf: [null, { arch: { op: ne, val: amd64 } }], container: [null, {}], user: [u], path: [/p, /q] }
              - strategy: vector
                values: { runIf: null, container: { name: n }, user: v, path: /r }
        """

    @Test("makes a case of each combination, and puts the values where they are named")
    func cases() throws {
        let cases = try SuiteReader(architecture: "amd64").cases(text)
        #expect(cases.count == 9)
        #expect(cases.count(where: \.runsHere) == 5)
        #expect(cases.count { $0.container != nil } == 5)
        let last = try #require(cases.last)
        #expect(last.name == "plain#8 path=/r user=v")
        #expect(last.container?.name == "n")
        #expect(last.before == "echo '%{ item.user }'")
        #expect(last.expected.fields == ["fd.name": "/r"])
        #expect(last.steps.map(\.arguments) == [
            [.number(-100), .text("/r"), .number(0o101), .number(0o644), .number(0)], [.reference("target.fd"), .number(1)],
        ])
    }

    @Test("names a process by the path it is executed by")
    func processes() throws {
        let processes = try #require(SuiteReader(architecture: "amd64").cases(text).first).processes
        #expect(processes.map(\.path) == ["/tmp/a", "/opt/x/b"])
        #expect(processes[0].file.hasPrefix("/tmp/event-generator") && processes[1].file == "/opt/x/b")
        #expect(processes.map(\.arguments) == [["a"], ["/odd/b", "one", "two three"]])
        #expect(processes.map(\.user) == ["u", nil])
    }

    @Test("reads the files' capabilities", arguments: [
        "all=iep 1ffffffffff 1ffffffffff true", "cap_chown,CAP_KILL+ep 21 0 true", "all=p cap_kill-p 1ffffffffdf 0 false", "= 0 0 false",
    ])
    func capabilities(_ row: String) throws {
        let words = row.split(separator: " ").map(String.init)
        let read = try FileCapabilities(words.dropLast(3).joined(separator: " "))
        let told = [String(read.permitted, radix: 16), String(read.inheritable, radix: 16), String(read.isEffective)]
        #expect(told == Array(words.suffix(3)))
    }

    @Test("says what it cannot read", arguments: [
        ("runner: HostRunner", "runner: Other", "the runner is not HostRunner"),
        ("syscall: dup2", "syscall: fork", "no system call 'fork'"), ("newFd: 1", "newFd: one", "'one' is neither"),
        ("newFd: 1", "other: 1", "unknown arguments"), ("arch:", "moon:", "runIf asks for 'moon'"),
        ("item.user}", "item.none}", "no value for"),
    ])
    func refused(_ part: String, by other: String, _ message: String) throws {
        let broken = text.replacing(part, with: other)
        try #require(broken != text)
        let error = #expect(throws: SuiteError.self) { try SuiteReader(architecture: "amd64").cases(broken) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
}
