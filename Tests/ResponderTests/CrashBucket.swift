// SPDX-License-Identifier: Apache-2.0
import AWSClient
import EventModel
import Foundation
import KubeSim
import MotoServer
import Records
import Synchronization
import Testing

/// A bucket of moto for the results and the evidence of a responder that is killed.
struct CrashBucket: Codable, Sendable {
    static let name = "saker-results"

    let moto: MotoServer.Facts
    /// What its keys begin with.
    let prefix: String
    /// Whether each result is refused at its first try of each life, so that it goes by the outbox.
    var isHesitant = false

    /// The step that keeps evidence, of a playbook.
    var evidence: String {
        """
            - action: Keep
              actionner: kubernetes:log
              output: {target: aws:s3, parameters: {bucket: \(Self.name), prefix: \(prefix)/evidence}}
        """
    }

    func results(_ cloud: AWSCloud) throws -> S3ResultStore {
        S3ResultStore(try cloud.bucket(Self.name), prefix: prefix + "/results")
    }

    func store(_ cloud: AWSCloud) throws -> any ResultStore {
        isHesitant ? HesitantStore(try results(cloud)) : try results(cloud)
    }
}

/// Refuses each result at its first try.
private final class HesitantStore: ResultStore {
    private let inner: S3ResultStore
    private let tried = Mutex<Set<String>>([])

    init(_ inner: S3ResultStore) { self.inner = inner }

    func put(_ record: ResultRecord) async throws(JournalError) -> ResultPlacement {
        guard !tried.withLock({ $0.insert(record.key).inserted }) else { throw JournalError(.io, "not at the first try") }
        return try await inner.put(record)
    }
}

extension CrashScene {
    /// The heads that results carry, wherever they are kept.
    func anchors() async throws -> [Anchor] {
        guard let bucket else { return try FolderResultStore(folder: results).anchors() }
        let cloud = try bucket.moto.cloud()
        defer { cloud.shutDown() }
        return try await bucket.results(cloud).anchors()
    }
}

/// Holds what moto logged and what its bucket holds against what the cluster carried out.
struct BucketJudge {
    let bucket: CrashBucket
    let sim: KubeSim
    /// The puts below the prefix, by key.
    private let puts: [String: [MotoServer.Request]]

    init(_ bucket: CrashBucket, _ server: MotoServer, _ sim: KubeSim) throws {
        self.bucket = bucket
        self.sim = sim
        let root = "/\(CrashBucket.name)/"
        let puts = try server.requests().filter { $0.method == "PUT" && $0.path.hasPrefix(root + bucket.prefix + "/") }
        self.puts = Dictionary(grouping: puts) { String($0.path.dropFirst(root.count)) }
    }

    /// The keys of evidence that was taken.
    var evidence: [String] { puts.keys.filter { $0.hasPrefix(bucket.prefix + "/evidence/") } }

    /// How many objects there are, and how many puts came again.
    func judge() async throws -> (objects: Int, again: Int) {
        judgePuts()
        let cloud = try bucket.moto.cloud()
        defer { cloud.shutDown() }
        let store = try cloud.bucket(CrashBucket.name)
        let keys = try await store.list(prefix: bucket.prefix + "/").map(\.key)
        #expect(Set(keys) == Set(puts.keys) && keys.count == puts.count, "the bucket holds other objects than were put")
        var results: [ResultRecord] = []
        for key in keys where key.hasPrefix(bucket.prefix + "/results/") {
            results.append(try JSONDecoder().decode(ResultRecord.self, from: Data(try await store.get(key))))
        }
        judgeWrites(results)
        return (keys.count, puts.values.map { $0.count - 1 }.reduce(0, +))
    }

    /// Each object was stored once; what came again was the same, and was not taken.
    private func judgePuts() {
        for (key, puts) in puts {
            let stored = puts.filter { $0.status == 200 }
            #expect(stored.count == 1, "\(key) was stored \(stored.count) times")
            #expect(puts.allSatisfy { $0.ifNoneMatch == "*" }, "\(key) could have been overwritten")
            // A process that is killed may leave half a body behind, which is answered with 400.
            let others = puts.filter { $0.status != 200 && $0.status != 400 }
            #expect(others.allSatisfy { $0.status == 412 && $0.sha256 == stored.first?.sha256 }, "\(key) came again as something else")
        }
    }

    /// Whatever the cluster carried out has its one result, and its evidence before the end.
    private func judgeWrites(_ results: [ResultRecord]) {
        let acts = results.map { "\($0.act.intention.target.name) \($0.act.intention.action)" }
        #expect(Set(acts).count == acts.count, "an act has two results")
        for request in sim.requests where request.resource == "pods" && (200..<300).contains(request.status) && !request.dryRun {
            guard let pod = request.name, let action = action(request) else { continue }
            let result = results.first { $0.act.intention.target.name == pod && $0.act.intention.action == action }
            #expect(result?.outcome.mayHaveHappened == true, "\(pod): \(action) was done and has no result that says so")
            guard action == "End" else { continue }
            let kept = evidence.filter { $0.contains("_\(pod)_log_") }.compactMap { puts[$0]?.first { $0.status == 200 } }
            #expect(kept.count == 1 && kept.allSatisfy { $0.ended < request.time }, "\(pod) was ended before its evidence was kept")
        }
    }

    private func action(_ request: RequestRecord) -> ActionName? {
        switch request.verb {
        case "patch": request.body?.contains("suspicious") == true ? "Mark" : "Cut"
        case "delete": "End"
        case _: nil
        }
    }
}
