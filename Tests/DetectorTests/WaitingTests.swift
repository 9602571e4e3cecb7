// SPDX-License-Identifier: Apache-2.0
import Capture
import Detector
import EventModel
import RuleLanguage
import Synchronization
import Testing

@testable import Enrichment

private let imageRules = """
    - rule: Own program in shop
      desc: a program of the shop's image
      condition: evt.type = execve and container.image.repository = localhost/shop
      output: "%proc.name of %container.name (%container.image.tag)"
      priority: NOTICE
    - rule: Shell in container
      desc: a shell starts in a container
      condition: evt.type = execve and container.id != host and proc.name = sh
      output: Shell %proc.cmdline
      priority: NOTICE
    - rule: Read shadow
      desc: somebody reads the shadow file
      condition: evt.type = openat and fd.name = /etc/shadow
      output: "%proc.name reads %fd.name in %container.name"
      priority: WARNING
    """

private final class Time: Sendable {
    private let now = Mutex<UInt64>(0)
    var value: UInt64 { now.withLock { $0 } }
    func pass(_ milliseconds: UInt64) { now.withLock { $0 += milliseconds * 1_000_000 } }
}

/// A line whose containers are asked about, with the answers in the test's hand.
private struct Bench: ~Copyable {
    static let other = String(repeating: "b2", count: 32)

    let alerts = Collected<Alert>()
    let counters = DetectorCounters()
    let metadata = MetadataDirectory()
    let time = Time()
    var wire = Wire()
    var line: DetectionLine

    init(_ text: String = imageRules) throws {
        let settings = DetectionLine.Settings(
            hostname: "node-1", patience: 100_000_000, clock: { [time] in time.value }, deliver: { [alerts] in alerts.add($0) })
        line = DetectionLine(
            rules: try rules(text), decoder: WireDecoder(wallClockOffset: 0),
            processes: ProcessTable(metadata: metadata, counters: counters.processes), settings: settings, counters: counters)
    }

    mutating func take(_ record: [UInt8]) { record.withUnsafeBytes { line.handle($0) } }

    func answer(_ container: String = Wire.container, _ name: String? = "shop-1") {
        var description = ContainerDescription(source: .podman)
        description.name = name ?? ""
        description.image = "localhost/shop:7"
        metadata.answer(ContainerID(container), name == nil ? nil : description)
    }

    mutating func inOtherContainer(_ body: (inout Bench) -> Void) {
        (wire.path, wire.cgroup) = ("/docker/\(Self.other)", 60)
        body(&self)
        (wire.path, wire.cgroup) = (Wire.podPath, 50)
    }

    var outputs: [String] { alerts.all.map(\.output) }
}

@Suite("Waiting for what is known of a container")
struct WaitingTests {
    @Test("An event waits for the answer, is judged with it, and its alert says who told")
    func answered() throws {
        var bench = try Bench()
        bench.take(bench.wire.exec(101, "/bin/true", ["true"]))
        bench.line.tick()
        #expect(bench.outputs.isEmpty)
        bench.time.pass(40)
        bench.answer()
        bench.line.tick()
        #expect(bench.outputs == ["true of shop-1 (7)"])
        let alert = try #require(bench.alerts.all.first)
        #expect(alert.fields["container.metadata"] == "podman")
        #expect(alert.fields["container.image.repository"] == "localhost/shop")
        #expect(bench.counters.waited.count == 1 && bench.counters.judgedTooEarly.count == 0)
        bench.take(bench.wire.exec(101, "/bin/cat", ["cat"]))
        #expect(bench.outputs.last == "cat of shop-1 (7)")
        #expect(bench.counters.waited.count == 1)
    }

    @Test("After its wait an event is judged without, marked as unknown and counted; those behind it have a wait of their own")
    func late() throws {
        var bench = try Bench()
        bench.take(bench.wire.exec(101, "/bin/sh", ["sh"]))
        bench.time.pass(99)
        bench.line.tick()
        #expect(bench.outputs.isEmpty)
        bench.time.pass(1)
        bench.line.tick()
        #expect(bench.outputs == ["Shell sh"])
        #expect(bench.alerts.all.first?.fields["container.metadata"] == "unknown")
        #expect(bench.alerts.all.first?.fields["container.image.repository"] == .null)
        #expect(bench.counters.judgedTooEarly.count == 1)
        bench.take(bench.wire.exec(102, "/bin/sh", ["sh", "-c"]))
        #expect(bench.outputs.count == 1)
        bench.time.pass(99)
        bench.answer()
        bench.line.tick()
        #expect(bench.outputs.last == "sh of shop-1 (7)")
        #expect(bench.counters.judgedTooEarly.count == 1 && bench.counters.waited.count == 2)
    }

    @Test("A container whose runtime is silent is given up: later events do not wait, and a late answer still counts")
    func silent() throws {
        var bench = try Bench()
        bench.take(bench.wire.exec(101, "/bin/sh", ["sh"]))
        bench.time.pass(1_000)
        bench.line.tick()
        #expect(bench.outputs == ["Shell sh"])
        bench.take(bench.wire.exec(102, "/bin/sh", ["sh", "-c"]))
        #expect(bench.outputs.last == "Shell sh -c")
        bench.answer()
        bench.take(bench.wire.exec(103, "/bin/true", ["true"]))
        #expect(bench.outputs.last == "true of shop-1 (7)")
        #expect(bench.counters.waited.count == 1)
    }

    @Test("A waiting event keeps its process as it was, whatever that becomes meanwhile")
    func snapshot() throws {
        var bench = try Bench()
        bench.take(bench.wire.exec(101, "/bin/first", ["first"]))
        bench.take(bench.wire.exec(101, "/bin/second", ["second"]))
        bench.answer()
        bench.line.tick()
        #expect(bench.outputs == ["first of shop-1 (7)", "second of shop-1 (7)"])
        #expect(bench.alerts.all.map(\.subject.pid) == [101, 101])
    }

    @Test("Events of one container keep their order; those of other containers and of the host go on")
    func order() throws {
        var bench = try Bench()
        bench.take(bench.wire.exec(101, "/bin/true", ["true"]))
        bench.inOtherContainer { bench in
            bench.take(bench.wire.exec(201, "/bin/sh", ["sh"]))
            bench.answer(Bench.other, "other")
            bench.line.tick()
            bench.take(bench.wire.open(201, "/etc/shadow"))
        }
        #expect(bench.outputs == ["sh of other (7)", "sh reads /etc/shadow in other"])
        // An open needs nothing of the container, and still waits behind the program that does.
        bench.take(bench.wire.open(101, "/etc/shadow"))
        #expect(bench.outputs.count == 2)
        (bench.wire.path, bench.wire.cgroup) = ("/system.slice/sshd.service", 7)
        bench.take(bench.wire.exec(300, "/bin/sh", ["sh"]))
        bench.take(bench.wire.open(300, "/etc/shadow"))
        #expect(bench.outputs.count == 3)
        bench.answer()
        bench.line.tick()
        #expect(bench.outputs.suffix(2) == ["true of shop-1 (7)", "true reads /etc/shadow in shop-1"])
    }

    @Test("What no rule asks of the container waits only if it matched, so that its alert can name it")
    func unneeded() throws {
        var bench = try Bench(
            """
            - rule: Read shadow
              desc: somebody reads the shadow file
              condition: evt.type = openat and fd.name = /etc/shadow
              output: "%proc.name reads %fd.name in %container.name"
              priority: WARNING
            """)
        bench.take(bench.wire.exec(101, "/bin/task", ["task"]))
        bench.take(bench.wire.open(101, "/etc/hosts"))
        #expect(bench.counters.waited.count == 0)
        bench.take(bench.wire.open(101, "/etc/shadow"))
        #expect(bench.counters.waited.count == 1)
        bench.answer()
        bench.line.tick()
        #expect(bench.outputs == ["task reads /etc/shadow in shop-1"])
    }

    @Test("A container that no runtime knows is not waited for, and is counted")
    func nobodyKnows() throws {
        var bench = try Bench()
        bench.take(bench.wire.exec(101, "/bin/sh", ["sh"]))
        bench.answer(Wire.container, nil)
        bench.line.tick()
        #expect(bench.outputs == ["Shell sh"])
        #expect(bench.alerts.all.first?.fields["container.metadata"] == "unknown")
        #expect(bench.counters.judgedTooEarly.count == 1)
    }

    @Test("When too many wait, those of the container are judged at once, in order, and counted; others still have room")
    func overflow() throws {
        var bench = try Bench()
        for number in 0..<3_000 { bench.take(bench.wire.exec(Int32(1_000 + number), "/bin/sh", ["sh", "\(number)"])) }
        let early = bench.outputs.count
        #expect(early > 1_000 && bench.counters.judgedWithoutRoom.count > 1_000)
        #expect(bench.outputs == (0..<early).map { "Shell sh \($0)" })
        bench.inOtherContainer { bench in
            bench.take(bench.wire.exec(201, "/bin/sh", ["sh"]))
            #expect(bench.outputs.count == early)
            bench.answer(Bench.other, "other")
            bench.line.tick()
            #expect(bench.outputs.last == "sh of other (7)")
        }
    }

    @Test("At the end all that waits is judged, and other rules judge what waits by then")
    func end() throws {
        var bench = try Bench()
        bench.take(bench.wire.exec(101, "/bin/sh", ["sh"]))
        bench.take(bench.wire.open(101, "/etc/shadow"))
        bench.line.finish()
        #expect(bench.outputs == ["Shell sh", "sh reads /etc/shadow in <NA>"])
        #expect(bench.counters.judgedTooEarly.count == 2)
    }

    @Test("Without anybody to ask nothing waits, and the cgroup is what told")
    func nobody() throws {
        let alerts = Collected<Alert>()
        var wire = Wire()
        let settings = DetectionLine.Settings(hostname: "", patience: 100_000_000, clock: { 0 }, deliver: { alerts.add($0) })
        var line = DetectionLine(
            rules: try rules(imageRules), decoder: WireDecoder(wallClockOffset: 0), processes: ProcessTable(), settings: settings)
        wire.exec(101, "/bin/sh", ["sh"]).withUnsafeBytes { line.handle($0) }
        #expect(alerts.all.first?.fields["container.metadata"] == "cgroup")
    }
}
