// SPDX-License-Identifier: Apache-2.0
import Delivery
import EventModel
import Foundation
import Glibc
import Synchronization
import Testing

private func alert(_ output: String = "A shell ran", number: Int = 1) -> Alert {
    Alert(
        trace: TraceID("trace-\(number)"), time: Timestamp(nanoseconds: 1_700_000_000_123_456_789), rule: "Shell in container",
        priority: .notice, source: "syscall", tags: ["T1059", "container"], output: output,
        fields: ["proc.name": "sh", "evt.time": 1_700_000_000_123_456_789, "proc.tty": 0, "k8s.pod.name": .null], hostname: "node-1",
        subject: Subject(pid: 42, container: "c0ffee", podUID: "uid-1", pod: "web-1", namespace: "shop"))
}

@Suite("Alerts as lines")
struct AlertLineTests {
    @Test("The text is Falco's: time of day, priority, output")
    func text() throws {
        #expect(try AlertFormat.text.line(alert()) == "22:13:20.123456789: Notice A shell ran\n")
    }

    @Test("The JSON has Falco's keys in alphabetical order, with subject and trace id")
    func json() throws {
        #expect(
            try AlertFormat.json.line(alert())
                == #"{"hostname":"node-1","output":"22:13:20.123456789: Notice A shell ran","output_fields":{"#
                + #""evt.time":1700000000123456789,"k8s.pod.name":null,"proc.name":"sh","proc.tty":0},"#
                + #""priority":"Notice","rule":"Shell in container","source":"syscall","#
                + #""subject":{"container":"c0ffee","namespace":"shop","pid":42,"pod":"web-1","podUID":"uid-1"},"#
                + #""tags":["T1059","container"],"time":"2023-11-14T22:13:20.123456789Z","trace_id":"trace-1"}"# + "\n")
    }

    @Test(
        "Control characters are shown, never obeyed",
        arguments: [
            ("a\nb", #"a\nb"#), ("\u{1b}[2J", #"\x1b[2J"#), ("\u{9b}1m", #"\x9b1m"#), ("x\r\ty\u{7f}", #"x\r\ty\x7f"#),
            ("exe\u{202e}gpj", #"exe\u202egpj"#), ("plain ü 🦅", "plain ü 🦅"),
        ])
    func controls(output: String, shown: String) throws {
        #expect(try AlertFormat.text.line(alert(output)) == "22:13:20.123456789: Notice \(shown)\n")
        let json = try AlertFormat.json.line(alert(output))
        #expect(json.dropLast().unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) && $0 != "\u{202e}" })
        let read = try JSONDecoder().decode(Alert.self, from: Data(json.utf8))
        #expect(read.output == "22:13:20.123456789: Notice " + output)
    }

    @Test("What standard output gets is the line")
    func stdout() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        try StdoutOutlet(.text, descriptor: ends[1]).send(alert())
        close(ends[1])
        let got = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true).readDataToEndOfFile()
        #expect(String(decoding: got, as: UTF8.self) == "22:13:20.123456789: Notice A shell ran\n")
    }

    @Test("A file is appended to, and opened again after it was moved away")
    func file() throws {
        let file = ScratchFile(), moved = ScratchFile()
        try file.put(Array("before\n".utf8))
        let outlet = try FileOutlet(path: file.path, .text)
        try outlet.send(alert("one"))
        #expect(rename(file.path, moved.path) == 0)
        try outlet.send(alert("two"))
        try outlet.reopen()
        try outlet.send(alert("three"))
        let old = String(decoding: try moved.bytes, as: UTF8.self), new = String(decoding: try file.bytes, as: UTF8.self)
        #expect(old.hasPrefix("before\n") && old.hasSuffix("one\n22:13:20.123456789: Notice two\n"))
        #expect(new == "22:13:20.123456789: Notice three\n")
        var facts = stat()
        #expect(stat(file.path, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
    }

    @Test("A file that cannot be opened is an error that names it")
    func noFile() {
        #expect(throws: DeliveryError.self) { try FileOutlet(path: "/nonexistent/alerts", .text) }
    }

    @Test("A full disk is an error, and no alert counts as told")
    func full() throws {
        let outlet = try FileOutlet(path: "/dev/full", .json)
        #expect(throws: DeliveryError.self) { try outlet.send(alert()) }
    }
}

@Suite("The queue before an outlet")
struct OutletQueueTests {
    /// An outlet that waits at a gate, and refuses alerts whose output is `bad`.
    private final class Gate: Outlet {
        let name = "gate"
        let seen = Mutex<[String]>([])
        let gate = DispatchSemaphore(value: 0)

        func send(_ alert: Alert) throws(DeliveryError) {
            gate.wait()
            guard alert.output != "bad" else { throw DeliveryError(.cannotWrite, "bad") }
            seen.withLock { $0.append(alert.output) }
        }
    }

    @Test("Alerts come through in order, and failures are counted and reported")
    func order() {
        let gate = Gate(), reported = Mutex(0)
        let queue = OutletQueue(gate, capacity: 10) { _ in reported.withLock { $0 += 1 } }
        for output in ["a", "bad", "c"] { #expect(queue.offer(alert(output))) }
        for _ in 0..<3 { gate.gate.signal() }
        queue.close(within: 10)
        #expect(gate.seen.withLock { $0 } == ["a", "c"])
        #expect(queue.counters.sent == 2)
        #expect(queue.counters.failed == 1)
        #expect(queue.counters.dropped == 0)
        #expect(reported.withLock { $0 } == 1)
    }

    @Test("A stuck outlet delays nobody: what is too much is dropped and counted")
    func stuck() {
        let gate = Gate()
        let queue = OutletQueue(gate, capacity: 5) { _ in }
        let accepted = (0..<100).count { queue.offer(alert(number: $0)) }
        // One may already be with the outlet, beside the five that wait.
        #expect((5...6).contains(accepted))
        #expect(queue.counters.dropped == UInt64(100 - accepted))
        queue.close(within: 0)
        #expect(!queue.offer(alert()))
        for _ in 0..<6 { gate.gate.signal() }
    }
}
