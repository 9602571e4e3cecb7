// SPDX-License-Identifier: Apache-2.0
import Detector
import EventModel
import EventSources
import Foundation
import RuleLanguage
import Synchronization
import Testing

@testable import Capture
@testable import Detector
@testable import Enrichment

private func container(_ digit: Character) -> Container { Container(id: ContainerID(String(repeating: digit, count: 64)), podUID: nil) }

@Suite("What is kept of the last seconds")
struct FlightMemoryTests {
    private func keep(_ memory: inout FlightMemory, _ container: Container?, _ bytes: Int, at time: UInt64) {
        let record = [UInt8](repeating: UInt8(truncatingIfNeeded: time), count: bytes)
        record.withUnsafeBytes { memory.keep($0, of: container, at: time) }
    }

    @Test("Each container has its own seconds, and older ones are forgotten")
    func age() {
        var memory = FlightMemory(FlightMemory.Limits(age: 1_000, container: 1 << 20, all: 4 << 20))
        let one = container("a"), other = container("b")
        for time in stride(from: UInt64(10_000), to: 20_000, by: 10) { keep(&memory, one, 1_000, at: time) }
        keep(&memory, other, 8, at: 19_990)
        let content = memory.recall(one, at: 20_000)
        #expect(content.map { $0.begin <= 19_000 && $0.begin > 18_000 && !$0.isCut } == true)
        #expect(memory.recall(other, at: 20_000)?.records == [8, 0, 0, 0] + [UInt8](repeating: UInt8(19_990 & 0xff), count: 8))
        #expect(memory.recall(nil, at: 20_000) == nil)
    }

    @Test("A container that does too much loses its beginning, and says so; the others keep theirs")
    func room() {
        var memory = FlightMemory(FlightMemory.Limits(age: 1 << 40, container: 256 << 10, all: 300 << 10))
        let quiet = container("a"), noisy = container("b")
        keep(&memory, quiet, 100, at: 1)
        for time in UInt64(2)..<1_000 { keep(&memory, noisy, 1_000, at: time) }
        #expect(memory.count <= 300 << 10)
        #expect(memory.recall(noisy, at: 1_000)?.isCut == true)
        #expect(memory.recall(quiet, at: 1_000).map { $0.records.count == 104 && !$0.isCut } == true)
    }

    @Test("Containers of which nothing is left are let go")
    func sweep() {
        var memory = FlightMemory(FlightMemory.Limits(age: 1_000, container: 1 << 20, all: 4 << 20))
        for number in UInt64(0)..<100 { keep(&memory, container("c"), 500, at: number * 1_000_000_000) }
        #expect(memory.count <= 2 * 504)
    }
}

@Suite("Flights")
struct FlightTests {
    private let text = """
        - rule: Read shadow
          desc: somebody reads the shadow file
          condition: evt.type in (open, openat) and fd.name = /etc/shadow and container.id != host
          output: "%proc.cmdline reads %fd.name after %proc.pname"
          priority: WARNING
        """

    private func line(_ flights: Collected<Flight>, _ alerts: Collected<Alert>, _ rules: RuleSet) -> DetectionLine {
        var settings = DetectionLine.Settings(hostname: "node-1", deliver: { alerts.add($0) })
        settings.flights = FlightSettings(seconds: 10)
        settings.takeFlight = { flight in
            flights.add(flight)
            return true
        }
        return DetectionLine(
            rules: rules, decoder: WireDecoder(wallClockOffset: 0), processes: ProcessTable(), settings: settings)
    }

    @Test("The flight before an alert replays to the same alert, with processes that began long before it")
    func replay() throws {
        let flights = Collected<Flight>(), alerts = Collected<Alert>(), again = Collected<Alert>()
        let rules = try rules(text)
        var line = line(flights, alerts, rules)
        var wire = Wire()
        func take(_ record: [UInt8]) { record.withUnsafeBytes { line.handle($0) } }
        take(wire.exec(100, "/usr/sbin/server", ["server", "--all"]))
        take(wire.exec(101, parent: 100, "/bin/cat", ["cat", "-n", "file"]))
        wire.clock += 60_000_000_000
        take(wire.open(101, parent: 100, "/etc/hostname", name: "cat"))
        take(wire.open(101, parent: 100, "/etc/shadow", name: "cat"))
        take(wire.open(101, parent: 100, "/etc/shadow", name: "cat"))
        let flight = try #require(flights.all.first)
        #expect(flights.all.count == 1, "one burst is one flight")
        #expect(alerts.all.map { $0.fields["saker.flight"] } == [.string(flight.name), nil])
        #expect(flight.name.contains(Wire.container.prefix(12)) && flight.name.hasSuffix(".sakerrec"))

        let folder = NSTemporaryDirectory() + "saker-flights-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let header = RecordingHeader(created: Timestamp(nanoseconds: 1), wallClockOffset: 0, hostname: "node-1")
        let files = try FlightFolder(path: folder, limit: 1 << 20, header: { header }, log: { Issue.record("\($0)") })
        #expect(files.take(flight))
        files.close(within: 5)
        let settings = DetectionLine.Settings(hostname: "", deliver: { again.add($0) })
        let end = try Replay.run("\(folder)/\(flight.name)", rules: rules, line: settings)
        #expect(end == .whole(records: 4), "two processes and two opens")
        #expect(again.all.map(\.output) == ["cat -n file reads /etc/shadow after server"])
        #expect(again.all.first?.subject == alerts.all.first?.subject)
    }

    @Test("What was known of pod, node and users replays from a flight to the same fields, where nobody can be asked")
    func knowledge() throws {
        let flights = Collected<Flight>(), alerts = Collected<Alert>(), again = Collected<Alert>(), users = ScratchFile()
        try users.put(Array("root:x:0:0\nann:x:1000:1000\n".utf8))
        let pods = PodDirectory()
        pods.replaceAll([
            [
                "kind": "Pod", "metadata": ["name": "web-1", "namespace": "shop", "uid": .string(Wire.podUID)],
                "spec": ["containers": [["name": "web", "image": "shop/web:1"]]],
                "status": ["containerStatuses": [["name": "web", "containerID": .string("containerd://" + Wire.container)]]],
            ]
        ])
        let rules = try rules(
            """
            - rule: Read shadow
              desc: somebody reads the shadow file
              condition: evt.type in (open, openat) and fd.name = /etc/shadow and k8s.pod.name = web-1
              output: "%container.name %container.image.repository %container.image.tag %k8s.ns.name %user.name %user.loginname"
              priority: WARNING
            """)
        var settings = DetectionLine.Settings(
            hostname: "node-1", node: "n1", users: UserDirectory(path: users.path), deliver: { alerts.add($0) })
        settings.flights = FlightSettings(seconds: 10)
        settings.takeFlight = { flight in
            flights.add(flight)
            return true
        }
        var line = DetectionLine(
            rules: rules, decoder: WireDecoder(wallClockOffset: 0), processes: ProcessTable(pods: pods), settings: settings)
        var wire = Wire()
        func take(_ record: [UInt8]) { record.withUnsafeBytes { line.handle($0) } }
        take(wire.exec(101, "/bin/cat", ["cat"]))
        take(wire.open(101, "/etc/shadow", name: "cat"))
        let flight = try #require(flights.all.first)
        #expect(flight.knowledge.users.first == RecordedUsers(container: nil, names: [0: "root", 1_000: "ann"]))

        let folder = NSTemporaryDirectory() + "saker-flights-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let header = RecordingHeader(created: Timestamp(nanoseconds: 1), wallClockOffset: 0, hostname: "node-1")
        let files = try FlightFolder(path: folder, limit: 1 << 20, header: { header }, log: { Issue.record("\($0)") })
        #expect(files.take(flight))
        files.close(within: 5)
        let replayed = DetectionLine.Settings(hostname: "", deliver: { again.add($0) })
        #expect(try Replay.run("\(folder)/\(flight.name)", rules: rules, line: replayed) == .whole(records: 2))
        var live = try #require(alerts.all.first), second = try #require(again.all.first)
        #expect(live.output.hasPrefix("web shop/web 1 shop root"), "\(live.output)")
        live.fields["saker.flight"] = nil
        second.trace = live.trace
        #expect(second == live)
    }

    @Test("A folder that is full takes no more, and says so")
    func full() throws {
        let folder = NSTemporaryDirectory() + "saker-flights-\(UUID().uuidString)", said = Collected<String>()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let header = RecordingHeader(created: Timestamp(nanoseconds: 1), wallClockOffset: 0, hostname: "node-1")
        let files = try FlightFolder(path: folder, limit: 64, header: { header }, log: { said.add($0) })
        var wire = Wire()
        let record = wire.open(1, "/x")
        var records: [UInt8] = []
        record.withUnsafeBytes { RecordingBlock.append($0, to: &records) }
        #expect(files.take(Flight(name: "a.sakerrec", records: records + records, isCut: false)))
        files.close(within: 5)
        #expect(said.all.first?.contains("holds as much as it may") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        #expect(!files.take(Flight(name: "b.sakerrec", records: records, isCut: false)))
    }
}
