// SPDX-License-Identifier: Apache-2.0
import Delivery
import EventModel
import Foundation
import Glibc
import KubeSim
import Records
import Synchronization
import Testing

@Suite("A detector and a responder on two machines")
struct TwoMachinesTests {
    @Test("Alerts wait while the responder is down; once it is up, and after each side was killed, each is acted on exactly once")
    func exactlyOnce() async throws {
        let machines = try await TwoMachines()
        let pods = (1...30).map { "pod-\($0)" }
        for pod in pods { try await machines.pod(pod) }
        let said = Mutex<[String]>([])
        let spool = try machines.spool()
        for (index, pod) in pods.prefix(20).enumerated() { spool.offer(TwoMachines.alert(index + 1, pod: pod)) }
        let sender = try machines.sender(spool) { line in said.withLock { $0.append(line) } }
        let sending = Task { await sender.run() }
        #expect(await eventually { said.withLock { $0.contains { $0.contains("20 alerts wait on the disk") } } })
        #expect(machines.changes.isEmpty)

        let first = try machines.respond()
        #expect(await eventually { spool.waiting == 0 && machines.changes.count == 20 })
        first.signal(SIGKILL)
        _ = first.end(within: 5)
        for (index, pod) in pods.dropFirst(20).enumerated() { spool.offer(TwoMachines.alert(index + 21, pod: pod)) }
        #expect(await eventually { spool.waiting == 10 })
        spool.close(within: 5)
        await sending.value

        let second = try machines.respond()
        // What the detector's spool holds after its own restart, and all of it a second time, as after a lost acknowledgement.
        let again = try machines.spool()
        #expect(again.waiting == 10)
        for (index, pod) in pods.enumerated() { again.offer(TwoMachines.alert(index + 1, pod: pod)) }
        let resending = try machines.sender(again)
        let task = Task { await resending.run() }
        #expect(await eventually { again.waiting == 0 && machines.changes.count == 30 })
        again.close(within: 5)
        await task.value
        second.signal(SIGTERM)
        #expect(second.end(within: 10) == 0)
        #expect(machines.changes == Dictionary(uniqueKeysWithValues: pods.map { ($0, 1) }))
        await machines.sim.stop()
    }

    @Test("A pod on another node, one outside the sender's namespaces, an old and a future event are refused, and each refusal is recorded")
    func refusals() async throws {
        let machines = try await TwoMachines()
        try await machines.pod("far", node: "n2")
        try await machines.pod("near")
        try await machines.pod("vault", namespace: "bank")
        let saker = try machines.respond()
        let now = TwoMachines.now.nanoseconds
        let old = Timestamp(nanoseconds: now - 700 * 1_000_000_000), future = Timestamp(nanoseconds: now + 300 * 1_000_000_000)
        let bearer = "Authorization: Bearer \(TwoMachines.token)", shop = "Authorization: Bearer \(TwoMachines.shopToken)"
        let sent: [(Alert, String, Refusal.Guardrail, [String])] = [
            (TwoMachines.alert(1, pod: "far"), bearer, .sender, ["node n1", "node n2"]),
            (TwoMachines.alert(2, pod: "vault", namespace: "bank"), shop, .sender, ["namespace shop", "namespace bank"]),
            (TwoMachines.alert(3, pod: "near", rule: "Kill", time: old), bearer, .stale, ["within 600 s"]),
            (TwoMachines.alert(4, pod: "near", rule: "Kill", time: future), bearer, .stale, [future.description, "in the future"]),
        ]
        for (alert, header, _, _) in sent {
            let answer = try machines.curl(try AlertFormat.json.line(alert), header: header)
            #expect(answer.status == "200", "\(answer.body)")
        }
        #expect(try await eventually { try await machines.history.filter { $0.ending != nil }.count == sent.count })
        for (alert, _, guardrail, words) in sent {
            let entry = try await machines.history.first { $0.alert.trace == alert.trace }
            guard case .refused(let refusal)? = entry?.ending?.outcome else {
                Issue.record("\(alert.trace) was not refused: \(String(describing: entry?.ending?.outcome))")
                continue
            }
            #expect(refusal.guardrail == guardrail)
            for word in words { #expect(refusal.sentence.contains(word), "\(refusal.sentence)") }
        }
        #expect(machines.changes.isEmpty)
        saker.signal(SIGTERM)
        #expect(saker.end(within: 10) == 0)
        await machines.sim.stop()
    }

    @Test("Falco's own line, posted with user and token in the address, is acted on once; a wrong token learns nothing")
    func falco() async throws {
        let machines = try await TwoMachines()
        try await machines.pod("web-1")
        let saker = try machines.respond()
        let container = "web-1".utf8.map { String($0, radix: 16) }.joined() + "00"
        let line = """
            {"hostname":"node-1","output":"22:13:20.000000000: Notice A shell was spawned (user=root)","output_fields":\
            {"container.id":"\(container)","evt.time":1700000000000000000,"k8s.ns.name":"shop","k8s.pod.name":"web-1"},\
            "priority":"Notice","rule":"Terminal shell in container","source":"syscall","tags":["T1059"],\
            "time":"2023-11-14T22:13:20.000000000Z"}
            """
        #expect(try machines.curl(line, user: "falco:a-guess-of-enough-length").status == "401")
        #expect(try machines.curl(line).status == "200")
        #expect(try machines.curl(line).body.contains("duplicate"))
        #expect(await eventually { machines.changes == ["web-1": 1] })
        #expect(saker.text.contains("intake: 401 to 127.0.0.1"))
        saker.signal(SIGTERM)
        #expect(saker.end(within: 10) == 0)
        #expect(machines.changes == ["web-1": 1])
        await machines.sim.stop()
    }

    @Test("A service account's token is reviewed by the API server, and its node is the one of the pod that it is bound to")
    func serviceAccount() async throws {
        let machines = try await TwoMachines()
        try await machines.pod("far", node: "n2")
        try await machines.pod("near")
        let token = try await machines.serviceAccountToken(node: "n1", audience: "saker")
        let other = try await machines.serviceAccountToken(node: "n1", audience: "somebody-else")
        let saker = try machines.respond()
        let alerts = [TwoMachines.alert(1, pod: "far"), TwoMachines.alert(2, pod: "near")]
        let body = try alerts.map { try AlertFormat.json.line($0) }.joined()
        #expect(try machines.curl(body, header: "Authorization: Bearer \(other)").status == "401")
        let answer = try machines.curl(body, header: "Authorization: Bearer \(token)")
        #expect(answer.status == "200", "\(answer.body) \(saker.text)")
        #expect(try await eventually { try await machines.history.filter { $0.ending != nil }.count == 2 })
        let history = try await machines.history
        #expect(history.allSatisfy { $0.alert.sender == Sender(name: "detectors", nodes: ["n1"], namespaces: nil) })
        let far = try #require(history.first { $0.alert.trace == alerts[0].trace })
        #expect(far.sentence.contains("sender detectors may speak about node n1, and pod shop/far is on node n2"), "\(far.sentence)")
        #expect(machines.changes == ["near": 1])
        saker.signal(SIGTERM)
        #expect(saker.end(within: 10) == 0)
        await machines.sim.stop()
    }

    @Test("A token for the API server itself is not taken for one of ours where the API server looks at no audience")
    func unawareReview() async throws {
        let machines = try await TwoMachines { $0.knowsAudiences = false }
        try await machines.pod("near")
        let token = try await machines.serviceAccountToken(node: "n1", audience: "https://kubernetes.default.svc")
        let saker = try machines.respond()
        let answer = try machines.curl(
            try AlertFormat.json.line(TwoMachines.alert(1, pod: "near")), header: "Authorization: Bearer \(token)")
        #expect(answer.status == "401", "\(answer.body)")
        #expect(machines.sim.requests.contains { $0.path.hasSuffix("/tokenreviews") && $0.status == 201 })
        #expect(saker.text.contains("that was reviewed for no audience at all, and not for 'saker'"), "\(saker.text)")
        saker.signal(SIGTERM)
        #expect(saker.end(within: 10) == 0)
        #expect(machines.changes.isEmpty)
        await machines.sim.stop()
    }

    @Test("saker respond does not start without senders, in the clear for all, or with a wrong file of senders")
    func badStarts() throws {
        let folder = try TemporaryFolder()
        try folder.write("p.yaml", "")
        let base = "responses: [\(folder.url.path)/p.yaml]\nkubernetes: {enabled: false}\njournal: \(folder.url.path)/j/j.db\n"
        let senders = try folder.write("senders.yaml", "- name: a\n  bearer: /nowhere/token\n  nodes: any\n")
        try folder.write("token", "a-token-of-enough-length")
        let good = try folder.write("good.yaml", "- {name: a, bearer: \(folder.url.path)/token, nodes: any}\n")
        let cases = [
            ("respond: {}\n", "respond.senders names no file"),
            ("respond: {senders: \(senders)}\n", "\(senders):2:11: error: the token file /nowhere/token cannot be read"),
            ("respond: {senders: \(good), listen: \":0\"}\n", "set respond.certificate and respond.key"),
            ("respond: {senders: \(good), listen: nowhere}\n", "give an address and a port"),
        ]
        for (text, message) in cases {
            let file = try folder.write("saker.yaml", base + text)
            let saker = try SakerProcess(["respond", "--config", file], in: folder)
            #expect(saker.end(within: 30) == 1)
            #expect(saker.text.contains(message), "\(saker.text)")
        }
        let detect = try SakerProcess(["detect", "--to", "http://10.0.0.1:8443"], in: folder)
        #expect(detect.end(within: 30) == 1)
        #expect(detect.text.contains("in the clear"), "\(detect.text)")
    }

    @Test("saker detect sees an exec in the kernel and saker respond has it, with the node's name, on its disk")
    func detect() async throws {
        let needed = geteuid() == 0 && access("/sys/kernel/btf/vmlinux", R_OK) == 0
        guard needed || ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1" else {
            return print("skipped: saker detect needs root and a kernel with BTF")
        }
        let machines = try await TwoMachines()
        let marker = "two-machines-\(UUID().uuidString)"
        try machines.folder.write("rules/r.yaml", """
            - rule: Shell
              desc: d
              condition: evt.type = execve and proc.args contains \(marker)
              output: seen %proc.name
              priority: critical
            """)
        let configuration = try machines.folder.write("detect.yaml", """
            rules: [\(machines.folder.url.path)/rules]
            kubernetes: {enabled: false}
            node: n1
            detect: {to: "\(machines.url)", spool: \(machines.folder.url.path)/spool, token_file: \(machines.folder.url.path)/token}
            """)
        let respond = try machines.respond()
        let detect = try SakerProcess(["detect", "--config", configuration], in: machines.folder)
        try #require(detect.says("ready", within: 60), "\(detect.text)")
        let process = Process()
        process.executableURL = URL(filePath: "/bin/echo")
        process.arguments = [marker]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(try await eventually { try await !machines.history.isEmpty }, "\(detect.text) \(respond.text)")
        let alert = try await machines.history.first?.alert
        #expect(alert?.rule == "Shell" && alert?.node == "n1" && alert?.output == "seen echo")
        #expect(alert?.sender == Sender(name: "node-1", nodes: ["n1"], namespaces: nil))
        detect.signal(SIGTERM)
        #expect(detect.end(within: 10) == 0)
        // What else is told here is about all of the machine: somebody's very long command line is cut.
        #expect(detect.text.contains("0 wait on the disk"), "\(detect.text)")
        respond.signal(SIGTERM)
        #expect(respond.end(within: 10) == 0)
        await machines.sim.stop()
    }
}
