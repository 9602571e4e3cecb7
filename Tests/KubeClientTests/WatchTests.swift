// SPDX-License-Identifier: Apache-2.0

import EventModel
import StubServer
import Synchronization
import Testing
import Transport

@testable import KubeClient

private func line(_ type: String, _ name: String, _ version: Int) -> String {
    #"{"type":"\#(type)","object":{"kind":"Pod","metadata":{"name":"\#(name)","resourceVersion":"\#(version)"}}}"# + "\n"
}

private let tooOld = #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}"# + "\n"

private final class Seen: Sendable {
    private let all = Mutex<[String]>([])
    var list: [String] { all.withLock { $0 } }

    func add(_ event: WatchEvent) {
        let text =
            switch event {
            case .added(let object): "added " + name(object)
            case .modified(let object): "modified " + name(object)
            case .deleted(let object): "deleted " + name(object)
            case .bookmark(let version): "bookmark " + version
            }
        all.withLock { $0.append(text) }
    }

    private func name(_ object: JSONValue) -> String { object["metadata"]?["name"]?.string ?? "?" }
}

@Suite struct WatchTests {
    private func watch(_ bench: Bench, _ seen: Seen, after version: String = "1") async -> KubeError? {
        await failure { () async throws(KubeError) in
            try await bench.client.watch(.pods, in: "shop", ListOptions(labelSelector: "a=b"), after: version) { seen.add($0) }
        }
    }

    @Test("After half a line, a broken connection and a 500, the watch goes on from the last version without loss or repetition")
    func reconnects() async throws {
        let bench = try Bench { _, count in
            switch count {
            case 0: [.chunkedHead, .chunk(line("ADDED", "a", 5) + String(line("ADDED", "b", 6).prefix(30))), .chunk("")]
            case 1: [.chunkedHead, .chunk(line("ADDED", "b", 6)), .close]
            case 2: [.answer(500, status(500))]
            case 3: [.chunkedHead, .chunk(line("BOOKMARK", "", 9)), .chunk("")]
            default: [.chunkedHead, .chunk(tooOld), .chunk("")]
            }
        }
        defer { bench.server.stop() }
        let seen = Seen()
        #expect(await watch(bench, seen)?.code == .gone)
        #expect(seen.list == ["added a", "added b", "bookmark 9"])
        let query = "/api/v1/namespaces/shop/pods?labelSelector=a%3Db&watch=1&allowWatchBookmarks=true&resourceVersion="
        #expect(bench.server.requests.map(\.target) == ["1", "5", "6", "6", "9"].map { query + $0 + "&timeoutSeconds=290" })
    }

    @Test("A watch that the server refuses tells why at once", arguments: [
        (403, KubeError.Code.forbidden), (410, .gone), (401, .unauthorized),
    ])
    func refused(_ number: Int, _ code: KubeError.Code) async throws {
        let said = #"pods is forbidden: User \"ann\" cannot watch resource \"pods\""#
        let bench = try Bench { _, _ in [.answer(number, status(number, "", said))] }
        defer { bench.server.stop() }
        let error = await watch(bench, Seen())
        #expect(error?.code == code && bench.server.requests.count == 1)
        if code == .forbidden { #expect(error?.message.contains("'ann' lacks the verb 'watch' on 'pods' in namespace 'shop'") == true) }
    }

    @Test("A server that always ends at once is asked more and more seldom")
    func backoff() async throws {
        let bench = try Bench { _, count in count < 9 ? [.chunkedHead, .chunk("")] : [.chunkedHead, .chunk(tooOld), .chunk("")] }
        defer { bench.server.stop() }
        #expect(await watch(bench, Seen())?.code == .gone)
        #expect(bench.waits.list == [100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000].map { .milliseconds($0) })
    }

    @Test("Cancelling the task ends a silent watch")
    func cancelled() async throws {
        let bench = try Bench { _, _ in [.chunkedHead, .chunk(line("ADDED", "a", 5)), .wait(milliseconds: 10_000)] }
        defer { bench.server.stop() }
        let seen = Seen()
        let task = Task { await watch(bench, seen) }
        while seen.list.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
    }

    @Test("A reader that is slow gets every event, in order, once")
    func slowReader() async throws {
        let many = (0..<2000).map { line("ADDED", "pod-\($0)", $0 + 2) }.joined()
        let bench = try Bench { _, count in
            count == 0 ? [.chunkedHead, .chunk(many), .chunk("")] : [.chunkedHead, .chunk(tooOld), .chunk("")]
        }
        defer { bench.server.stop() }
        let seen = Seen()
        let error = await failure { () async throws(KubeError) in
            try await bench.client.watch(.pods, in: nil, ListOptions(), after: "1") { event in
                if seen.list.count % 100 == 0 { try? await Task.sleep(for: .milliseconds(1)) }
                seen.add(event)
            }
        }
        #expect(error?.code == .gone)
        #expect(seen.list == (0..<2000).map { "added pod-\($0)" })
    }
}
