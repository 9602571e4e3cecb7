// SPDX-License-Identifier: Apache-2.0
import AWSClient
import EventModel
import Foundation
import Guardrails
import MotoServer
import Responder
import StubServer
import Testing

@Suite("Evidence before the end of a pod")
struct EvidenceTests {
    static func playbook(_ output: String, _ parameters: String = "") -> String {
        """
        - rule: Keep, then end
          actions:
            - action: Keep
              actionner: kubernetes:log
              \(parameters)
              \(output)
            - {action: End, actionner: kubernetes:terminate, parameters: {grace_period_seconds: 0}}
        """
    }

    static let file = playbook("output: {target: 'local:file', parameters: {destination: FOLDER}}")

    @Test("The logs of all containers, of the life before a restart too, are in the file before the pod is deleted")
    func file() async throws {
        try await EvidenceWorld.run(Self.file) { world in
            await world.line.handle(alert(uid: "uid-1", trace: "0123456789abcdef"))
            #expect(world.book.labels.first == "done", "\(world.book.outcomes)")
            let kept = try #require(world.evidence.first)
            #expect(world.evidence.count == 1)
            #expect(kept.key.contains("Z_shop_web-1_log_01234567_"))
            #expect(kept.value.hasPrefix("# pod shop/web-1, UID uid-1, trace 0123456789abcdef\n==> container init\nprepared\n"))
            let lives = "==> container main, before its last restart\nbefore the crash\n==> container main\nline 1\nline 2\n"
            #expect(kept.value.contains(lives))
            #expect(kept.value.contains("==> container slow, no log: "))
            let logs = world.server.requests.filter { $0.target.contains("/log?") }.map(\.target)
            #expect(logs.count == 4 && logs.allSatisfy { $0.contains("tailLines=20") && $0.contains("limitBytes=1048576") })
            #expect(world.deletions == 1)
            let proof = try #require(world.book.outcomes.first?.proof)
            #expect(proof.sentence.hasPrefix("3 logs of pod shop/web-1, ") && proof.sentence.contains(kept.key))
            #expect(proof.readBack["sha256"]?.string?.count == 64)
        }
    }

    @Test("Where the evidence cannot be kept, the action fails and the pod is left alone", arguments: [
        "output: {target: 'local:file', parameters: {destination: /proc/saker}}",
        "output: {target: 'minio:s3', parameters: {bucket: evidence}}",
        "output: {target: 'aws:s3', parameters: {bucket: evidence}}",
    ])
    func unkept(output: String) async throws {
        try await EvidenceWorld.run(Self.playbook(output)) { world in
            await world.line.handle(alert(uid: "uid-1"))
            #expect(world.book.labels == ["failed"])
            #expect(world.book.outcomes.first?.sentence.hasPrefix("the logs were read and could not be kept: ") == true)
            #expect(world.deletions == 0)
        }
    }

    @Test("The evidence is an object of the bucket, and a bucket that is missing stops the playbook", .enabled(if: TestPython.isWanted))
    func bucket() async throws {
        try await MotoServer.run { moto in
            let settings = AWSSettings(region: moto.facts.region, endpoint: moto.facts.url, isPathStyle: true)
            let cloud = try moto.cloud(settings)
            defer { cloud.shutDown() }
            for target in ["aws:s3", "minio:s3"] {
                let output = "output: {target: '\(target)', parameters: {bucket: saker-results, prefix: /evidence/\(target.prefix(3))/}}"
                try await EvidenceWorld.run(Self.playbook(output), cloud) { world in
                    await world.line.handle(alert(uid: "uid-1"))
                    #expect(world.book.labels.first == "done", "\(world.book.outcomes)")
                    let object = try #require(try await cloud.bucket("saker-results").list(prefix: "evidence/\(target.prefix(3))/").first)
                    #expect(world.book.outcomes.first?.proof?.readBack["place"] == .string("s3://saker-results/" + object.key))
                    #expect(world.deletions == 1)
                }
            }
            let output = "output: {target: 'aws:s3', parameters: {bucket: no-such-bucket}}"
            try await EvidenceWorld.run(Self.playbook(output), cloud) { world in
                await world.line.handle(alert(uid: "uid-1"))
                #expect(world.book.labels == ["failed"] && world.deletions == 0)
                #expect(world.book.outcomes.first?.sentence.contains("make it, or correct its name") == true)
            }
        }
    }

    @Test("A rehearsal reads the logs, keeps nothing, and finds a bucket that is missing", .enabled(if: TestPython.isWanted))
    func rehearsal() async throws {
        try await EvidenceWorld.run(Self.file, mode: .rehearse) { world in
            await world.line.handle(alert(uid: "uid-1"))
            #expect(world.book.labels.first == "rehearsed", "\(world.book.outcomes)")
            #expect(world.book.outcomes.first?.sentence.contains("would end with: 3 logs of pod shop/web-1") == true)
            #expect(world.evidence.isEmpty && world.deletions == 0)
        }
        try await MotoServer.run { moto in
            let cloud = try moto.cloud()
            defer { cloud.shutDown() }
            for (bucket, label) in [("saker-results", "rehearsed"), ("no-such-bucket", "failed")] {
                let output = "output: {target: 'aws:s3', parameters: {bucket: \(bucket)}}"
                try await EvidenceWorld.run(Self.playbook(output), mode: .rehearse, cloud) { world in
                    await world.line.handle(alert(uid: "uid-1"))
                    #expect(world.book.labels.first == label, "\(world.book.outcomes)")
                }
            }
            #expect(try await cloud.bucket("saker-results").list(prefix: "") == [])
        }
    }

    @Test("Without an output the journal keeps the logs, and the parameters bound what is read")
    func journal() async throws {
        let parameters = "parameters: {tail_lines: 3, limit_bytes: 6, previous: false}"
        try await EvidenceWorld.run(Self.playbook("continue: false", parameters)) { world in
            await world.line.handle(alert(uid: "uid-1"))
            #expect(world.book.labels == ["done"])
            let proof = try #require(world.book.outcomes.first?.proof)
            let logs = try #require(proof.readBack["logs"]?.string)
            #expect(logs.contains("==> container main, cut after 6 bytes\nline 1\n") && !logs.contains("line 2"))
            #expect(!logs.contains("before the crash") && proof.sentence.hasSuffix("; cut: init, main"))
            #expect(world.server.requests.contains { $0.target.contains("tailLines=3") && $0.target.contains("limitBytes=6") })
        }
    }

    @Test("Logs of a pod that was replaced while they were read are not kept")
    func replaced() async throws {
        try await EvidenceWorld.run(Self.file, uids: ["uid-1", "uid-2"]) { world in
            await world.line.handle(alert(uid: "uid-1"))
            #expect(world.book.guardrails == [.identity] && world.evidence.isEmpty && world.deletions == 0)
        }
    }
}

extension Outcome {
    /// What was read back; nil for all but `done`.
    var proof: Proof? {
        guard case .done(let proof) = self else { return nil }
        return proof
    }
}
