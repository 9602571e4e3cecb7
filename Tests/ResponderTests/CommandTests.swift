// SPDX-License-Identifier: Apache-2.0
import Actions
import EventModel
import Foundation
import Guardrails
import KubeSim
import Responder
import ResponseLanguage
import SourceText
import Testing

@Suite("Commands, scripts and files of pods")
struct CommandTests {
    private static func playbook(_ actuator: String, _ parameters: String, _ output: String = "") -> String {
        "- rule: R\n  actions:\n    - action: A\n      actionner: \(actuator)\n      parameters: {\(parameters)}\n      \(output)\n"
    }

    private static let evil = "x'; touch /tmp/saker-pwned; echo \"$(touch /tmp/saker-pwned)\" `touch /tmp/saker-pwned`\nsecond line"

    private static func alert(_ uid: String) -> Alert {
        var alert = ResponderTests.alert(uid: uid)
        alert.fields["proc.cmdline"] = .string(evil)
        return alert
    }

    private func outcome(
        _ playbook: String, mode: GuardrailSettings.Mode = .act, _ look: (World) async throws -> Void = { _ in }
    ) async throws -> Outcome {
        var ended: Outcome?
        try await World.run(playbook, GuardrailSettings(mode: mode)) { world in
            let uid = try await world.pod()
            await world.line.handle(Self.alert(uid))
            ended = world.book.outcomes.first
            try await look(world)
        }
        return try #require(ended)
    }

    @Test("A command's output is the proof, and what an attacker wrote is data in it")
    func command() async throws {
        let text = Self.playbook("kubernetes:exec", #"command: 'printf "<%s>" ${PROC_CMDLINE}; pwd >&2'"#)
        let outcome = try await self.outcome(text)
        let proof = try #require(outcome.proof, "\(outcome)")
        #expect(proof.readBack["stdout"] == .string("<\(Self.evil)>"))
        #expect(proof.readBack["exit_code"] == 0 && proof.readBack["stderr"]?.string?.contains("kubesim-") == true)
        #expect(!FileManager.default.fileExists(atPath: "/tmp/saker-pwned"))
    }

    @Test(
        "How a command ends is how the action ends",
        arguments: [
            ("command: 'echo no >&2; exit 3'", "failed", "the command ended with 3"),
            ("command: 'sleep 600', timeout_seconds: 1", "unknown", "no end within"),
            ("command: 'head -c 1073741824 /dev/zero', limit_bytes: 1000", "unknown", "said more than 1000 bytes"),
            ("command: id, shell: /bin/no-such-shell", "failed", "did not begin"),
            ("command: id, container: other", "failed", "has no container 'other'; it has main"),
            ("command: 'true'", "done", "said nothing"),
        ])
    func ends(parameters: String, label: String, sentence: String) async throws {
        let outcome = try await self.outcome(Self.playbook("kubernetes:exec", parameters))
        #expect(outcome.label == label && outcome.sentence.contains(sentence), "\(outcome)")
    }

    @Test("A script is read whole before it runs, has the alert's texts as variables, and leaves no file")
    func script() async throws {
        let body = "'cat\nfor i in 1 2; do\n  echo \"$i ${PROC_CMDLINE}\"\ndone\nls -A . | wc -l\nexit 0'"
        let text = Self.playbook("kubernetes:script", "script: \(body.replacing("\n", with: "\n\n        "))")
        let outcome = try await self.outcome(text)
        let said = "1 \(Self.evil)\n2 \(Self.evil)\n0\n"
        #expect(outcome.proof?.readBack["stdout"] == .string(said), "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/saker-pwned"))
        let neither = try await self.outcome(Self.playbook("kubernetes:script", "shell: /bin/sh"))
        #expect(neither.label == "failed" && neither.sentence.contains("either 'script' or 'file'"))
    }

    @Test("A file of the container is kept with its hash, cut where it is too long, and one that is missing fails")
    func download() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "saker-download-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appending(path: "secret file"), kept = folder.appending(path: "kept").path
        try Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0) }).write(to: source)
        let output = "output: {target: 'local:file', parameters: {destination: '\(kept)'}}"
        let whole = try await self.outcome(Self.playbook("kubernetes:download", "file: '\(source.path)'", output))
        #expect(whole.proof?.readBack["bytes"] == 100_000)
        #expect(whole.sentence.hasPrefix("the file '\(source.path)' has been downloaded"), "\(whole)")
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: kept).first)
        #expect(try Data(contentsOf: URL(filePath: kept).appending(path: name)) == Data(contentsOf: source))
        let cut = try await self.outcome(Self.playbook("kubernetes:download", "file: '\(source.path)', limit_bytes: 99", output))
        #expect(cut.proof?.readBack["bytes"] == 99 && cut.proof?.readBack["is_cut"] == true)
        let missing = try await self.outcome(Self.playbook("kubernetes:download", "file: /no/such/file", output))
        #expect(missing.label == "failed" && missing.sentence.contains("the command ended with 1"))
        let relative = try await self.outcome(Self.playbook("kubernetes:download", "file: '-rf'", output))
        #expect(relative.label == "failed" && relative.sentence.contains("no whole path"))
    }

    @Test("Evidence is one file: the alert, the pod, its owner, its own events and its logs, and what is left out is named")
    func evidence() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "saker-bundle-" + UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let output = "output: {target: 'local:file', parameters: {destination: '\(folder.path)'}}"
        for isOwned in [true, false] {
            try await World.run(Self.playbook("kubernetes:evidence", "tail_lines: 5", output)) { world in
                let uid = try await world.pod(owner: "ReplicaSet")
                if isOwned { try await world.sim.apply(#"{"kind":"ReplicaSet","metadata":{"name":"web","namespace":"shop"}}"#) }
                for (name, about) in [("mine", uid), ("other", "u-2")] {
                    let subject = #"{"name":"web-1","uid":"\#(about)"}"#
                    try await world.sim.apply(
                        #"{"kind":"Event","metadata":{"name":"\#(name)","namespace":"shop"},"involvedObject":\#(subject)}"#)
                }
                world.sim.setLog("said this\n", namespace: "shop", pod: "web-1", container: "main")
                await world.line.handle(Self.alert(uid))
                let proof = try #require(world.book.outcomes.first?.proof, "\(world.book.outcomes)")
                let path = try #require(proof.readBack["place"]?.string)
                let data = try Data(contentsOf: URL(filePath: String(path.trimmingPrefix("file://"))))
                let bundle = try JSONDecoder().decode(JSONValue.self, from: data)
                #expect(bundle["alert"]?["output_fields"]?["proc.cmdline"] == .string(Self.evil))
                #expect(bundle["pod"]?["metadata"]?["uid"] == .string(uid))
                #expect(bundle["events"]?.array?.map { $0["metadata"]?["name"]?.string } == ["mine"])
                #expect(bundle["log of main"]?.string?.contains("said this") == true)
                #expect((bundle["owner"]?["kind"] == "ReplicaSet") == isOwned)
                #expect(bundle["left out"]?.array?.count == (isOwned ? 0 : 1) && proof.sentence.contains("left out") == !isOwned)
            }
        }
    }

    @Test("A download without an output is an error of the playbook")
    func unplaced() {
        let file = SourceFile(name: "a.yaml", text: Self.playbook("kubernetes:download", "file: /etc/hosts"))
        let result = PlaybookLoader.load([file], cards: ActionCatalogue().cards)
        #expect(result.playbooks == nil)
        #expect(result.diagnostics.rendered(from: [file]).contains("an output is required"))
    }

    @Test("A rehearsal runs nothing", arguments: ["kubernetes:exec|command: id", "kubernetes:script|script: id"])
    func rehearsed(spec: String) async throws {
        let parts = spec.split(separator: "|").map(String.init)
        let outcome = try await self.outcome(Self.playbook(parts[0], parts[1]), mode: .rehearse) { world in
            #expect(!world.sim.requests.contains { $0.resource == "pods/exec" })
        }
        #expect(outcome.label == "rehearsed", "\(outcome)")
    }

    @Test("A pod of the same name that was born since is left alone")
    func reborn() async throws {
        try await World.run(Self.playbook("kubernetes:exec", "command: id")) { world in
            _ = try await world.pod()
            await world.line.handle(Self.alert("another-uid"))
            #expect(world.book.labels == ["refused"])
            #expect(!world.sim.requests.contains { $0.resource == "pods/exec" })
        }
    }
}
