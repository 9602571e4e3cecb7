// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Glibc
import KubeSim
import MotoServer
import Records
import Responder
import Testing

/// A responder in a process of its own is killed with SIGKILL and started again; the cluster's request log is the judge.
@Suite("Crashes")
struct CrashTests {
    @Test("A kill at each boundary of an answer, five times, loses nothing and doubles nothing", arguments: Failpoint.ofEachAnswer)
    func failpoint(_ failpoint: Failpoint) async throws {
        try await stage { scene, sim in
            var scene = scene
            for number in 0..<5 { scene.alerts.append(try await Self.alert(number, sim)) }
            scene.failpoint = failpoint.rawValue
            for _ in 0..<5 {
                await #expect(processExitsWith: .signal(SIGKILL)) { [scene = scene as CrashScene] in try await scene.live() }
            }
            scene.failpoint = nil
            await #expect(processExitsWith: .success) { [scene = scene as CrashScene] in try await scene.live() }
            let (acts, unknown) = try await CrashJudge(scene: scene, sim: sim).judge(kills: 5)
            #expect(acts >= 5)
            switch failpoint {
            // Before the request was sent nothing can prove the act; later the proof is there.
            case .intended: #expect(unknown == 5)
            case .accepted, .planned, .acted, .closed, .finished: #expect(unknown == 0)
            // Results and messages are on their way while the next act is at any of its boundaries.
            case .resultPut, .reported, .outboxTaken, .outboxDelivered: #expect(unknown <= 5)
            case .suspended, .answered, .undoIntended, .undoActed, .undoClosed: Issue.record("no answer here waits")
            }
        }
    }

    @Test(
        "A kill at each boundary of a wait and of an expiry, five times, loses nothing and doubles nothing",
        arguments: Failpoint.ofLater)
    func later(_ failpoint: Failpoint) async throws {
        try await stage { scene, sim in
            var scene = scene
            scene.hasLater = true
            for number in 0..<5 { scene.alerts.append(try await Self.alert(number, sim)) }
            scene.failpoint = failpoint.rawValue
            for _ in 0..<5 {
                await #expect(processExitsWith: .signal(SIGKILL)) { [scene = scene as CrashScene] in try await scene.live() }
            }
            scene.failpoint = nil
            await #expect(processExitsWith: .success) { [scene = scene as CrashScene] in try await scene.live() }
            let acts = try await JournalReader(path: scene.journal).history(HistoryQuery(limit: 1_000)).reversed()
            for alert in scene.alerts {
                let own = acts.filter { $0.trace == alert.trace }
                #expect(own.map(\.label) == ["done", "awaiting", "done"], "\(own.map(\.label)) \(own.map(\.sentence))")
                let patches = sim.requests.filter { request in
                    request.verb == "patch" && request.name == alert.subject.pod?.text && (200..<300).contains(request.status)
                }
                let (marks, cuts) = (patches.filter { $0.body?.contains("suspicious") == true }, patches.count)
                #expect(marks.count == 1 && cuts == 3, "\(marks.count) marks, \(cuts) patches: isolate, mark, release")
            }
            #expect(try await JournalReader(path: scene.journal).verify(anchors: []).isSound)
        }
    }

    @Test("Kills at random moments lose nothing and double nothing")
    func random() async throws {
        let kills = Self.kills
        try await stage { scene, sim in
            var scene = scene
            for life in 0..<kills {
                for number in 0..<3 { scene.alerts.append(try await Self.alert(life * 3 + number, sim)) }
                scene.delay = UInt32.random(in: 1_000..<400_000)
                await #expect(processExitsWith: .signal(SIGKILL)) { [scene = scene as CrashScene] in try await scene.live() }
            }
            scene.delay = nil
            await #expect(processExitsWith: .success) { [scene = scene as CrashScene] in try await scene.live() }
            let (acts, unknown) = try await CrashJudge(scene: scene, sim: sim).judge(kills: kills)
            print("\(kills) kills, \(scene.alerts.count) alerts, \(acts) acts, \(unknown) of them unknown")
            #expect(acts >= scene.alerts.count)
        }
    }

    @Test(
        "A kill at each boundary, five times, loses no result and no evidence in a bucket, and stores none twice",
        .enabled(if: TestPython.isWanted))
    func bucket() async throws {
        // Where nothing is on its way to the bucket the folder's test says it all.
        let failpoints = Failpoint.ofEachAnswer.filter { $0 != .accepted && $0 != .planned }
        try await stageBucket { server in
            for failpoint in failpoints {
                let isHesitant = failpoint == .outboxTaken || failpoint == .outboxDelivered
                try await stage { scene, sim in
                    var scene = scene
                    scene.bucket = CrashBucket(moto: server.facts, prefix: failpoint.rawValue, isHesitant: isHesitant)
                    scene.failpoint = failpoint.rawValue
                    // Each life passes once more than the last, so that each action of the playbook has its turn.
                    for number in 0..<15 { scene.alerts.append(try await Self.alert(number, sim)) }
                    for life in 0..<5 {
                        scene.passes = life
                        await #expect(processExitsWith: .signal(SIGKILL)) { [scene = scene as CrashScene] in try await scene.live() }
                    }
                    scene.failpoint = nil
                    try await judge(scene, server, sim, kills: 5)
                }
            }
        }
    }

    @Test("Kills at random moments lose nothing in a bucket, and store nothing twice", .enabled(if: TestPython.isWanted))
    func randomBucket() async throws {
        try await stageBucket { server in
            try await stage { scene, sim in
                var scene = scene
                for life in 0..<Self.kills {
                    scene.bucket = CrashBucket(moto: server.facts, prefix: "random", isHesitant: life % 3 == 0)
                    for number in 0..<3 { scene.alerts.append(try await Self.alert(life * 3 + number, sim)) }
                    scene.delay = UInt32.random(in: 1_000..<600_000)
                    await #expect(processExitsWith: .signal(SIGKILL)) { [scene = scene as CrashScene] in try await scene.live() }
                }
                scene.delay = nil
                try await judge(scene, server, sim, kills: Self.kills)
            }
        }
    }

    private static let kills = ProcessInfo.processInfo.environment["SAKER_TEST_KILLS"].flatMap { Int($0) } ?? 12

    /// One more life, which ends by itself, and then the judgement of what moto and the cluster logged.
    private func judge(_ scene: CrashScene, _ server: MotoServer, _ sim: KubeSim, kills: Int) async throws {
        await #expect(processExitsWith: .success) { [scene = scene as CrashScene] in try await scene.live() }
        let bucket = try BucketJudge(try #require(scene.bucket), server, sim)
        let (acts, unknown) = try await CrashJudge(scene: scene, sim: sim, evidence: bucket.evidence).judge(kills: kills)
        let (objects, again) = try await bucket.judge()
        print("\(bucket.bucket.prefix): \(kills) kills, \(acts) acts, \(unknown) unknown, \(objects) objects, \(again) puts again")
        #expect(acts >= scene.alerts.count)
    }

    private func stageBucket(_ body: (MotoServer) async throws -> Void) async throws {
        let log = FileManager.default.temporaryDirectory.appending(path: "saker-moto-" + UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: log) }
        try await MotoServer.run(log: log, body)
    }

    private func stage(_ body: (CrashScene, KubeSim) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "saker-crash-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let sim = try await KubeSim.start()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(CrashScene(folder: folder.path, kubeconfig: try sim.kubeconfig(), alerts: []), sim))
        } catch {
            result = .failure(error)
        }
        await sim.stop()
        try result.get()
    }

    private static func alert(_ number: Int, _ sim: KubeSim) async throws -> Alert {
        let name = "web-\(number)"
        let stored = try await sim.apply(#"""
            {"kind":"Pod","metadata":{"name":"\#(name)","namespace":"default","labels":{"app":"web"}},
            "spec":{"containers":[{"name":"main","image":"none"}]},"status":{"phase":"Running"}}
            """#)
        sim.setLog("I am \(name)\n", namespace: "default", pod: name, container: "main")
        let json = try JSONDecoder().decode(JSONValue.self, from: Data(stored.utf8))
        return ResponderTests.alert(uid: json["metadata"]?["uid"]?.string, pod: name, namespace: "default", trace: "trace-\(number)")
    }
}
