// SPDX-License-Identifier: Apache-2.0

import EventModel
import StubServer
import Testing

@testable import KubeClient

@Suite struct LogTests {
    let selection = LogSelection(container: "a b", isPrevious: true, lines: 7, bytes: 100)

    @Test("A log is asked for by container, life, lines and bytes, and comes as it is")
    func query() async throws {
        let bench = try Bench(credential: .token("s3cret")) { _, _ in [.answer(200, "2033 one\n2033 tw\u{fffd}")] }
        defer { bench.server.stop() }
        #expect(try await bench.client.log(of: pod, selection) == Array("2033 one\n2033 tw\u{fffd}".utf8))
        let path = "/api/v1/namespaces/shop/pods/web-1/log"
        #expect(bench.server.requests.map(\.target) == [
            path + "?container=a%20b&tailLines=7&limitBytes=100&timestamps=true&previous=true"
        ])
        #expect(bench.server.requests.map { $0.headers["authorization"] } == ["Bearer s3cret"])
    }

    @Test("What a server sends beyond the bytes asked for is not read into memory")
    func bounded() async throws {
        let bench = try Bench { _, _ in [.chunkedHead, .chunk(String(repeating: "x", count: 90)), .flood(bytes: 64 << 20)] }
        defer { bench.server.stop() }
        let short = LogSelection(container: "main", lines: 1, bytes: 90)
        #expect(try await bench.client.log(of: pod, short).count == 90)
        #expect(bench.server.floodedBytes < 32 << 20)
    }

    @Test("A refusal names the part of the pod that the right is about, and a slow server is asked again")
    func refusals() async throws {
        let said = #"pods \"web-1\" is forbidden: User \"ann\" cannot get resource \"pods/log\""#
        let bench = try Bench { _, count in
            count == 0 ? [.answer(503, status(503))] : [.answer(403, status(403, "Forbidden", said))]
        }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in try await bench.client.log(of: pod, selection) }
        #expect(error?.code == .forbidden && error?.message.contains("the verb 'get' on 'pods/log' in namespace 'shop'") == true)
        #expect(bench.server.requests.count == 2)
    }
}
