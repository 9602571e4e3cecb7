// SPDX-License-Identifier: Apache-2.0
import Capture
import Detector
import Enrichment
import EventModel
import EventSources
import RuleLanguage
import Testing

private let shellRules = """
    - rule: Shell in container
      desc: a shell starts in a container
      condition: evt.type in (execve, execveat) and container.id != host and proc.name in (sh, bash)
      output: Shell %proc.cmdline in %container.id by %proc.pname (pod=%k8s.pod.name, secret=%proc.env[APP_TOKEN])
      priority: NOTICE
      tags: [container, shell]
    - rule: Any program in container
      desc: a program starts in a container
      condition: evt.type = execve and container.id != host
      output: Program %proc.name
      priority: INFO
    - rule: Read shadow
      desc: somebody reads the shadow file
      condition: evt.type in (open, openat) and fd.name = /etc/shadow
      output: "%proc.name reads %fd.name"
      priority: WARNING
    """

private struct Bench: ~Copyable {
    let alerts = Collected<Alert>()
    let counters = DetectorCounters()
    let pods = PodDirectory()
    var wire = Wire()
    var line: DetectionLine

    init(
        _ matching: RuleMatching = .first, measuredEvents: Int = 65_536, observe: (@Sendable (ContainerConnect) -> Void)? = nil
    ) throws {
        let drawn = Collected<Bool>()
        let settings = DetectionLine.Settings(
            hostname: "node-1", matching: matching,
            traces: TraceIDSource {
                drawn.add(true)
                return UInt64(drawn.all.count)
            }, measuredEvents: measuredEvents, observe: observe, deliver: { [alerts] in alerts.add($0) })
        line = DetectionLine(
            rules: try rules(shellRules), decoder: WireDecoder(wallClockOffset: 1_700_000_000_000_000_000),
            processes: ProcessTable(pods: pods, counters: counters.processes), settings: settings, counters: counters)
    }

    mutating func take(_ record: [UInt8]) { record.withUnsafeBytes { line.handle($0) } }
}

@Suite("The detection line")
struct DetectionLineTests {
    @Test("A shell in a container becomes an alert that says who, where and what, with its secrets masked")
    func shell() throws {
        var bench = try Bench()
        bench.take(bench.wire.exec(100, "/usr/bin/runner", ["runner"]))
        bench.take(
            bench.wire.exec(101, parent: 100, "/bin/sh", ["sh", "-c", "id"], environment: ["APP_TOKEN=hunter2hunter2"], kind: .execveat))
        let alert = try #require(bench.alerts.all.last)
        #expect(bench.alerts.all.map(\.rule) == ["Any program in container", "Shell in container"])
        #expect(alert.output == "Shell sh -c id in a1a1a1a1a1a1 by runner (pod=<NA>, secret=***)")
        #expect(alert.subject == Subject(pid: 101, container: ContainerID(Wire.container), podUID: PodUID(Wire.podUID)))
        #expect(alert.trace.text == "00000000000000030000000000000004")
        #expect(alert.time.nanoseconds == 1_700_000_000_000_000_000 + bench.wire.clock)
        #expect(alert.hostname == "node-1")
        #expect(alert.priority == .notice)
        #expect(alert.tags == ["container", "shell"])
        #expect(alert.fields["container.id"] == "a1a1a1a1a1a1")
        #expect(bench.counters.events.count == 2)
        #expect(bench.counters.matches.count == 2)
    }

    @Test("Rules that are measured and compiled anew between two events find what they found before", arguments: [0, 16])
    func order(measuredEvents: Int) throws {
        var bench = try Bench(.all, measuredEvents: measuredEvents)
        bench.take(bench.wire.exec(101, "/bin/sh", ["sh"]))
        // Long enough for several orders, of which each waits for the one before.
        for _ in 0..<5_000 { bench.take(bench.wire.open(101, "/etc/shadow")) }
        #expect(bench.alerts.all.count == 5_002)
        #expect(bench.alerts.all.suffix(5_000).allSatisfy { $0.rule == "Read shadow" })
    }

    @Test("Matches are counted rule by rule, kinds one by one, rules' cost is sampled; a reload keeps the figures of rules that stay")
    func figures() throws {
        var bench = try Bench(.all)
        bench.take(bench.wire.exec(101, "/bin/sh", ["sh"]))
        for _ in 0..<20_000 { bench.take(bench.wire.open(101, "/etc/shadow")) }
        let content = bench.counters.rules.content
        #expect(content.entries.map(\.rule) == ["Shell in container", "Any program in container", "Read shadow"])
        #expect(content.entries.map(\.matches) == [1, 1, 20_000])
        #expect(bench.counters.events[.openat] == 20_000 && bench.counters.events[.execve] == 1 && bench.counters.events[.open] == 0)
        #expect(bench.counters.events.count == 20_001)
        // One of 256 on average, by chance: 78 of 20,000, less those during which this thread had to wait.
        #expect((20...160).contains(content.samples), "\(content.samples)")
        let shadow = content.entries[2]
        #expect(shadow.walks == content.samples && shadow.nanoseconds > 0)
        #expect(content.seconds(shadow) == Double(shadow.nanoseconds) * 256 / 1e9)
        bench.line.use(try rules(shellRules.replacing("rule: Any program in container", with: "rule: Another")))
        #expect(bench.counters.rules.content.entries.map(\.rule) == ["Shell in container", "Another", "Read shadow"])
        #expect(bench.counters.rules.content.entries.map(\.matches) == [1, 0, 20_000])
    }

    @Test("A pod that the API knows is named in the alert")
    func pod() throws {
        var bench = try Bench()
        bench.pods.replaceAll([
            [
                "kind": "Pod", "metadata": ["name": "web-1", "namespace": "shop", "uid": .string(Wire.podUID)],
                "spec": ["containers": [["name": "web", "image": "shop/web:1"]]],
                "status": ["containerStatuses": [["name": "web", "containerID": .string("containerd://" + Wire.container)]]],
            ]
        ])
        bench.take(bench.wire.exec(101, "/bin/sh", ["sh"]))
        let alert = try #require(bench.alerts.all.first)
        #expect(alert.subject.pod == "web-1")
        #expect(alert.subject.namespace == "shop")
        #expect(alert.fields["k8s.pod.name"] == "web-1")
        #expect(alert.fields["container.image.repository"] == "shop/web")
    }

    @Test("A nested cgroup with another container's name does not change whom the alert is about")
    func nested() throws {
        var bench = try Bench()
        bench.wire.path += "/kubepods/burstable/pod11111111-2222-3333-4444-555555555555/" + String(repeating: "b2", count: 32)
        bench.take(bench.wire.exec(101, "/bin/sh", ["sh"]))
        let alert = try #require(bench.alerts.all.first)
        #expect(alert.subject.container?.text == Wire.container)
        #expect(alert.subject.podUID?.text == Wire.podUID)
    }

    @Test("One event raises its first match or all, as asked")
    func matching() throws {
        var first = try Bench(.first), all = try Bench(.all)
        first.take(first.wire.exec(101, "/bin/sh", ["sh"]))
        all.take(all.wire.exec(101, "/bin/sh", ["sh"]))
        #expect(first.alerts.all.map(\.rule) == ["Shell in container"])
        #expect(all.alerts.all.map(\.rule) == ["Shell in container", "Any program in container"])
    }

    @Test("A record that cannot be decoded is counted and costs nothing else")
    func undecoded() throws {
        var bench = try Bench()
        var broken = bench.wire.exec(101, "/bin/sh", ["sh"])
        broken[4] ^= 0xFF
        bench.take(broken)
        bench.take([])
        bench.take(bench.wire.open(101, "/etc/shadow"))
        #expect(bench.counters.undecoded.count == 2)
        #expect(bench.alerts.all.map(\.rule) == ["Read shadow"])
    }

    @Test("Other rules hold from the next record on, and the process table stays")
    func reload() throws {
        var bench = try Bench()
        bench.take(bench.wire.exec(101, "/bin/sh", ["sh"]))
        bench.line.use(
            try rules(
                """
                - rule: Hosts
                  desc: hosts
                  condition: evt.type = openat and fd.name = /etc/hosts
                  output: "%proc.cmdline"
                  priority: INFO
                """))
        bench.take(bench.wire.open(101, "/etc/shadow"))
        bench.take(bench.wire.open(101, "/etc/hosts"))
        #expect(bench.alerts.all.map(\.rule) == ["Shell in container", "Hosts"])
        #expect(bench.alerts.all.last?.output == "sh")
        #expect(bench.counters.reloads.count == 1)
    }

    @Test("Connects of containers are observed, those of the host are not")
    func observe() throws {
        let seen = Collected<ContainerConnect>()
        var bench = try Bench { seen.add($0) }
        bench.take(bench.wire.exec(101, "/bin/nc", ["nc"]))
        bench.take(bench.wire.connect(101, to: 0x0A00_0001, port: 443, result: -113))
        bench.wire.path = "/system.slice/sshd.service"
        bench.wire.cgroup = 7
        bench.take(bench.wire.exec(200, "/bin/nc", ["nc"]))
        bench.take(bench.wire.connect(200, to: 0x0A00_0002, port: 22, result: 0))
        let connect = try #require(seen.all.first)
        #expect(seen.all.count == 1)
        #expect(connect.container.text == Wire.container)
        #expect(connect.podUID?.text == Wire.podUID)
        #expect(connect.result == -113)
        #expect(connect.remote?.description == "10.0.0.1")
        #expect(connect.remotePort == 443)
    }

    @Test("A recording replays to the alerts that its events raise, under its own host and time")
    func replay() throws {
        let file = ScratchFile()
        var wire = Wire()
        var writer = try RecordingWriter(
            path: file.path,
            header: RecordingHeader(created: Timestamp(nanoseconds: 1), wallClockOffset: 1_600_000_000_000_000_000, hostname: "far-away"))
        for record in [wire.exec(101, "/bin/sh", ["sh"]), wire.open(101, "/etc/shadow"), wire.open(101, "/etc/hosts")] {
            try record.withUnsafeBytes { bytes in try writer.append(bytes) }
        }
        try writer.finish()
        let alerts = Collected<Alert>()
        let settings = DetectionLine.Settings(hostname: "", deliver: { alerts.add($0) })
        let end = try Replay.run(file.path, rules: try rules(shellRules), line: settings)
        #expect(end == .whole(records: 3))
        #expect(alerts.all.map(\.rule) == ["Shell in container", "Read shadow"])
        #expect(alerts.all.first?.hostname == "far-away")
        #expect(alerts.all.first?.time.nanoseconds == 1_600_000_000_000_000_000 + 5_000_001_000)
    }
}

@Suite("The queue to the responder")
struct AlertQueueTests {
    @Test("It keeps the first alerts of a burst, counts the others, and ends after the last")
    func bounded() async {
        let queue = AlertQueue(capacity: 3)
        let offered = (0..<10).map { number in
            queue.offer(
                Alert(
                    trace: TraceID("\(number)"), time: Timestamp(nanoseconds: 0), rule: "r", priority: .debug, source: "syscall", tags: [],
                    output: "", fields: [:], hostname: "", subject: Subject()))
        }
        #expect(offered == [true, true, true] + [Bool](repeating: false, count: 7))
        #expect(queue.dropped == 7)
        queue.finish()
        var read: [String] = []
        for await alert in queue.alerts { read.append(alert.trace.text) }
        #expect(read == ["0", "1", "2"])
    }
}
