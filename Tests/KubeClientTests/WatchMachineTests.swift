// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import KubeClient

private func line(_ type: String, _ name: String, _ version: String) -> String {
    #"{"type":"\#(type)","object":{"kind":"Pod","metadata":{"name":"\#(name)","resourceVersion":"\#(version)"}}}"# + "\n"
}

private func object(_ name: String, _ version: String) -> JSONValue {
    ["kind": "Pod", "metadata": ["name": .string(name), "resourceVersion": .string(version)]]
}

@Suite struct WatchMachineTests {
    let call = KubeCall(.watch, .pods, namespace: "shop")

    private func fed(_ text: String, _ version: String) -> (machine: WatchMachine, outputs: [WatchMachine.Output]) {
        var machine = WatchMachine(call, after: version)
        let outputs = machine.receive(Array(text.utf8))
        return (machine, outputs)
    }

    private func failure(_ outputs: [WatchMachine.Output]) -> KubeError? {
        guard case .failed(let error) = outputs.last else { return nil }
        return error
    }

    @Test("Lines become events in order, and the version goes on with each")
    func events() {
        let text = line("ADDED", "a", "5") + line("MODIFIED", "a", "6") + line("DELETED", "a", "7")
        let (machine, outputs) = fed(text, "1")
        #expect(outputs == [.event(.added(object("a", "5"))), .event(.modified(object("a", "6"))), .event(.deleted(object("a", "7")))])
        #expect(machine.resourceVersion == "7" && machine.hasProgressed)
    }

    @Test("Wherever the bytes are cut in two, and when they come one by one, the events are the same")
    func cuts() {
        let bytes = Array((line("ADDED", "ä-日本", "5") + "\r\n" + line("BOOKMARK", "b", "9")).utf8)
        let whole: [WatchMachine.Output] = [.event(.added(object("ä-日本", "5"))), .event(.bookmark("9"))]
        for cut in 0...bytes.count {
            var machine = WatchMachine(call, after: "1")
            #expect(machine.receive(Array(bytes[..<cut])) + machine.receive(Array(bytes[cut...])) == whole)
            #expect(machine.resourceVersion == "9")
        }
        var machine = WatchMachine(call, after: "1")
        #expect(bytes.flatMap { machine.receive([$0]) } == whole)
    }

    @Test("Half a line at the end of a stream is worth nothing: the version stays, and the next connection begins clean")
    func halfLine() {
        var machine = WatchMachine(call, after: "1")
        _ = machine.receive(Array(line("ADDED", "a", "5").utf8))
        #expect(machine.receive(Array(line("ADDED", "b", "6").utf8.dropLast(9))).isEmpty)
        #expect(machine.resourceVersion == "5")
        machine.connected()
        #expect(!machine.hasProgressed)
        #expect(machine.receive(Array(line("ADDED", "b", "6").utf8)) == [.event(.added(object("b", "6")))])
    }

    @Test("An ERROR event with code 410 says that the list is too old")
    func gone() {
        let text = #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}}"# + "\n"
        let (machine, outputs) = fed(line("ADDED", "a", "5") + text + line("ADDED", "b", "6"), "1")
        #expect(outputs.count == 2 && failure(outputs)?.code == .gone)
        #expect(failure(outputs)?.message.contains("too old resource version") == true)
        #expect(machine.resourceVersion == "5")
    }

    @Test("An ERROR event with code 500 is transient, so that the watch connects again")
    func serverError() {
        let (_, outputs) = fed(#"{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd"}}"# + "\n", "1")
        #expect(failure(outputs)?.code == .serverError && failure(outputs)?.isTransient == true)
    }

    @Test("What is no watch event is a decode error, and nothing after it counts", arguments: [
        "<html>\n", "{\"type\":\"ADDED\"}\n", "{\"object\":{}}\n", "{\"type\":\"RENAMED\",\"object\":{}}\n",
        "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n", "[]\n",
    ])
    func garbage(_ text: String) {
        let (machine, outputs) = fed(text + line("ADDED", "b", "6"), "1")
        #expect(outputs.count == 1 && failure(outputs)?.code == .decode && failure(outputs)?.isTransient == false)
        #expect(machine.resourceVersion == "1")
    }

    @Test("A line without end is refused at the limit and not kept")
    func endless() {
        var machine = WatchMachine(call, after: "1")
        let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        var outputs: [WatchMachine.Output] = []
        for _ in 0..<20 where outputs.isEmpty { outputs = machine.receive(block) }
        #expect(failure(outputs)?.code == .decode)
    }
}
