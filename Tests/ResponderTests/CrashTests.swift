// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Glibc
import KubeSim
import Records
import Responder
import Testing

/// A responder in a process of its own is killed with SIGKILL and started again; the cluster's request log is the judge.
@Suite("Crashes")
struct CrashTests {
    @Test("A kill at each boundary of an answer, five times, loses nothing and doubles nothing", arguments: Failpoint.allCases)
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
            }
        }
    }

    @Test("Kills at random moments lose nothing and double nothing")
    func random() async throws {
        let kills = ProcessInfo.processInfo.environment["SAKER_TEST_KILLS"].flatMap { Int($0) } ?? 12
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
        let json = try JSONDecoder().decode(JSONValue.self, from: Data(stored.utf8))
        return ResponderTests.alert(uid: json["metadata"]?["uid"]?.string, pod: name, namespace: "default", trace: "trace-\(number)")
    }
}
