// SPDX-License-Identifier: Apache-2.0
import Delivery
import EventModel
import Foundation
import Glibc
import KubeSim
import Testing

/// Running processes of saker whose files are exchanged under them as the kubelet exchanges those of a ConfigMap.
@Suite("Reloads of a running saker")
struct ReloadTests {
    private static func playbook(_ value: String) -> String {
        """
        - rule: Mark
          match: {rules: [Shell]}
          actions: [{action: Mark it, actionner: kubernetes:label, parameters: {labels: {stage: \(value)}}}]
        """
    }

    @Test("saker respond takes the playbooks and senders of exchanged mounts, and keeps the former ones where the new ones are broken")
    func respond() async throws {
        let playbooks = try MountedConfigMap(), secrets = try MountedConfigMap()
        let sender = { (file: String) in "- {name: node-1, bearer: \(secrets.path)/\(file), nodes: [n1]}\n" }
        let first = "the-first-token-0001", second = "the-second-token-0002"
        try playbooks.write(["p.yaml": Self.playbook("first")])
        try secrets.write(["senders.yaml": sender("a"), "a": first])
        let machines = try await TwoMachines(responses: playbooks.path, senders: secrets.path + "/senders.yaml")
        for number in 1...5 { try await machines.pod("pod-\(number)") }
        let saker = try machines.respond()
        /// Posts an alert about that pod, and returns the label that it is given.
        func stage(_ number: Int, token: String = first) async throws -> String? {
            let pod = "pod-\(number)", line = try AlertFormat.json.line(TwoMachines.alert(number, pod: pod))
            let answer = try machines.curl(line, header: "Authorization: Bearer \(token)")
            guard answer.status == "200" else { return answer.status }
            _ = await eventually { machines.changes[pod] != nil }
            let object = try JSONParser.parse(Array((await machines.sim.object("pods", namespace: "shop", name: pod) ?? "").utf8))
            return object["metadata"]?["labels"]?["stage"]?.string
        }
        #expect(try await stage(1) == "first")

        try playbooks.write(["p.yaml": Self.playbook("second")])
        #expect(saker.says("reloaded: 1 playbooks, 1 senders, mode act", within: 20), "\(saker.text)")
        #expect(try await stage(2) == "second")

        try playbooks.write(["p.yaml": Self.playbook("third").replacing("kubernetes:label", with: "kubernetes:lable")])
        #expect(saker.says("NOT reloaded, the former playbooks and senders stay in force:\n\(playbooks.path)/p.yaml:3:", within: 20))
        #expect(saker.text.contains("unknown actionner 'kubernetes:lable'"), "\(saker.text)")
        #expect(try await stage(3) == "second")

        try playbooks.write(["p.yaml": Self.playbook("fourth"), "q.yaml": Self.playbook("fourth").replacing("Mark", with: "Again")])
        #expect(saker.says("reloaded: 2 playbooks", within: 20), "\(saker.text)")
        try secrets.write(["senders.yaml": sender("b") + sender("b").replacing("node-1", with: "node-2"), "b": second])
        #expect(saker.says("reloaded: 2 playbooks, 2 senders", within: 20), "\(saker.text)")
        #expect(try await stage(4) == "401")
        #expect(try await stage(4, token: second) == "fourth")

        try secrets.write(["senders.yaml": "- {name: node-1}\n", "b": second])
        #expect(saker.says("\(secrets.path)/senders.yaml:1:3: error: sender 'node-1' needs exactly one of", within: 20), "\(saker.text)")
        #expect(try await stage(5, token: second) == "fourth")
        saker.signal(SIGTERM)
        #expect(saker.end(within: 10) == 0)
        await machines.sim.stop()
    }

    @Test("saker run takes the rules and playbooks of exchanged mounts, and keeps the former ones where the new ones are broken")
    func run() async throws {
        let needed = geteuid() == 0 && access("/sys/kernel/btf/vmlinux", R_OK) == 0
        guard needed || ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1" else {
            return print("skipped: saker run needs root and a kernel with BTF")
        }
        let folder = try TemporaryFolder(), rules = try MountedConfigMap(), playbooks = try MountedConfigMap()
        let marker = "reload-\(UUID().uuidString)"
        let rule = { (word: String) in
            "- {rule: Shell, desc: d, condition: evt.type = execve and proc.args contains \(marker), output: \(word), priority: notice}\n"
        }
        try rules.write(["r.yaml": rule("word-one")])
        try playbooks.write(["p.yaml": Self.playbook("first")])
        let configuration = try folder.write("saker.yaml", """
            rules: [\(rules.path)]
            responses: [\(playbooks.path)]
            kubernetes: {enabled: false}
            journal: \(folder.url.path)/journal/j.db
            results: \(folder.url.path)/results
            """)
        let saker = try SakerProcess(["run", "--config", configuration], in: folder)
        try #require(saker.says("saker: ready", within: 60), "\(saker.text)")
        #expect(try Self.isSeen(marker, as: "word-one", by: saker))

        try rules.write(["r.yaml": rule("word-two")])
        #expect(saker.says("reloaded: 1 rules, 1 playbooks, mode rehearse", within: 20), "\(saker.text)")
        #expect(try Self.isSeen(marker, as: "word-two", by: saker))

        try rules.write(["r.yaml": rule("word-three").replacing("proc.args", with: "proc.nothing")])
        #expect(saker.says("NOT reloaded, the former rules and playbooks stay in force:\n\(rules.path)/r.yaml:1:", within: 20))
        let before = saker.text.count
        #expect(try Self.isSeen(marker, as: "word-two", by: saker, after: before))
        #expect(!saker.text.contains(": Notice word-three"))
        saker.signal(SIGTERM)
        #expect(saker.end(within: 15) == 0, "\(saker.text)")
    }

    /// Runs a process with that argument, and waits for the alert about it.
    private static func isSeen(_ marker: String, as word: String, by saker: SakerProcess, after start: Int = 0) throws -> Bool {
        #expect(try Tool.run("/bin/echo", marker).code == 0)
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if saker.text.dropFirst(start).contains(word) { return true }
            usleep(20_000)
        }
        return false
    }
}
