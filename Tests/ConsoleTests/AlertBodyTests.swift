// SPDX-License-Identifier: Apache-2.0
import EventModel
import Testing

@testable import Console

@Suite("Bodies that are posted to the intake")
struct AlertBodyTests {
    private func read(_ text: String) throws -> [AlertBody.Item] { try AlertBody(Array(text.utf8), limit: 10).items }

    private func only(_ text: String) throws -> Alert { try #require(try read(text).first).alert.get() }

    private func problem(_ text: String) throws -> String {
        guard case .failure(let problem) = try #require(try read(text).first).alert else { return "" }
        return problem.message
    }

    @Test("Falco's JSON becomes an alert: prefix cut off, subject from the fields, an id of its own")
    func falco() throws {
        let alert = try only(Lines.falco)
        #expect(alert.rule == "Terminal shell in container")
        #expect(alert.output == "A shell was spawned (user=root)")
        #expect(alert.subject == Subject(pid: 77, container: "0123456789ab", pod: "web-1", namespace: "shop"))
        #expect(alert.fields["evt.time"] == .int(1_700_000_000_000_000_000))
        #expect(alert.trace.text.utf8.count == 32)
        #expect(try only(Lines.falco) == alert)
        #expect(try only(Lines.falco.replacing("22:13:20.000000000Z", with: "22:13:20.000000001Z")).trace != alert.trace)
        #expect(try only(Lines.falco.replacing("\"node-1\"", with: "\"node-2\"")).trace != alert.trace)
    }

    @Test("Saker's own JSON keeps its id, node and subject; who sent it is never read from it")
    func own() throws {
        let text = Lines.saker(5).replacing("\"node\":\"n1\"", with: "\"node\":\"n1\",\"sender\":{\"name\":\"root\"}")
        let alert = try only(text)
        #expect(alert.trace == "00000000000000000000000000000005")
        #expect(alert.node == "n1")
        #expect(alert.output == "bad")
        #expect(alert.subject == Subject(pid: 7, container: "c", podUID: "u", pod: "web-1", namespace: "shop"))
        #expect(alert.sender == nil)
    }

    @Test("Falcosidekick's payload is taken, and the curl example of Falco Talon with its capital letter")
    func others() throws {
        let sidekick = """
            {"uuid":"1","output":"2026-08-04T16:17:57.882045694+0000: Warning text","priority":"Warning","rule":"r",
            "time":"2026-08-04T16:17:57Z",
            "output_fields":{"container.id":"host","k8s.pod.name":null},"source":"syscalls","tags":["a","b"],"hostname":"h"}
            """
        let alert = try only(sidekick)
        #expect(alert.output == "text" && alert.source == "syscall" && alert.subject == Subject())
        let talon = """
            {"output":"Test","priority":"Critical","Rule":"Test Terminate","time":"2019-05-17T15:31:56.746609046Z",
            "output_fields": {"k8s.pod.name":"test", "k8s.ns.name":"default"}}
            """
        #expect(try only(talon).rule == "Test Terminate")
        #expect(try only(talon).output == "Test")
    }

    @Test("A text that only looks like a prefix is kept whole", arguments: ["a: Notice b", "12:00:00.0: Warning b", "12:00:00.0 Notice b"])
    func prefixes(_ output: String) throws {
        #expect(try only(#"{"rule":"r","priority":"Notice","time":"2026-01-31T12:00:00Z","output":"\#(output)"}"#).output == output)
    }

    @Test("One object, an array and NDJSON hold the same alerts, each with its place")
    func shapes() throws {
        let two = [Lines.saker(1), Lines.saker(2)]
        let array = try read("[" + two.joined(separator: ",") + "]"), lines = try read(two.joined(separator: "\n") + "\n")
        let traces = try array.map { try $0.alert.get().trace }
        #expect(try lines.map { try $0.alert.get().trace } == traces)
        #expect(lines.map(\.offset) == [0, two[0].utf8.count + 1])
        #expect(array.map(\.offset) == [1, two[0].utf8.count + 2])
    }

    @Test("A body that is none says what is wrong and where", arguments: [
        ("", "the body is empty", 0), (" \n", "the body is empty", 0), ("[]", "the array holds no alert", 0),
        ("{\"rule\":}", "a value was expected at byte 8", 8), ("{\"a\":1", "',' or '}' was expected at byte 6", 6),
        ("nothing", "a value was expected at byte 0", 0), ("{\"a\":\"\u{1}\"}", "a control character in a string at byte 6", 6),
        ("[{}] {}", "something follows the end of the array at byte 5", 5), (#"{"a": "x"#, "the text ends within a string", 8),
    ])
    func wrong(_ text: String, _ message: String, _ offset: Int) throws {
        do {
            _ = try read(text)
            Issue.record("it was read")
        } catch let problem as AlertProblem {
            #expect(problem.message.contains(message))
            #expect(problem.offset == offset)
        }
    }

    @Test("Ten thousand levels are refused before they fill the stack, as are more alerts than the limit")
    func bounds() {
        let deep = String(repeating: "[", count: 10_000)
        #expect(throws: AlertProblem.self) { try read(deep) }
        #expect(throws: AlertProblem.self) { try read(String(repeating: "{\"a\":", count: 10_000)) }
        #expect(throws: AlertProblem.self) { try read(String(repeating: "{}", count: 11)) }
        #expect(throws: AlertProblem.self) { try read("[" + String(repeating: "{},", count: 10) + "{}]") }
    }

    @Test("What is no alert says which member is wrong", arguments: [
        ("null", "found null"), ("[null]", "found null"), ("7", "found a number"), ("{}", "'rule' is missing"),
        (#"{"rule":5}"#, "'rule' is a number"), (#"{"rule":"r","priority":"x"}"#, "'time' is missing"),
        (#"{"rule":"r","time":"yesterday"}"#, "RFC 3339"), (#"{"rule":"r","time":"2026-01-31T12:00:00Z"}"#, "'priority' is missing"),
        (#"{"rule":"r","time":"2026-01-31T12:00:00Z","priority":"huge"}"#, "must be one of Emergency"),
        (#"{"rule":"r","time":"2026-01-31T12:00:00Z","priority":"Notice","output_fields":[]}"#, "must be an object"),
        (#"{"rule":"r","time":"2026-01-31T12:00:00Z","priority":"Notice","tags":[1]}"#, "strings only"),
        (#"{"rule":"r","time":"2026-01-31T12:00:00Z","priority":"Notice","trace_id":"ABC"}"#, "32 lower-case hex digits"),
        (#"{"rule":"r","time":"2026-01-31T12:00:00Z","priority":"Notice","subject":"me"}"#, "'subject' is a string"),
    ])
    func refused(_ text: String, _ message: String) throws {
        let problem = try problem(text)
        #expect(problem.contains(message), "\(problem)")
    }
}
