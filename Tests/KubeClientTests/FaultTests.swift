// SPDX-License-Identifier: Apache-2.0

import EventModel
import StubServer
import Testing
import Transport

@testable import KubeClient

@Suite struct FaultTests {
    private func get(_ answer: @escaping @Sendable (StubRequest, Int) -> [StubStep]) async throws -> KubeError? {
        let bench = try Bench(limits: HTTPLimits(total: .seconds(10), bodyBytes: 4 << 20), answer)
        defer { bench.server.stop() }
        return await failure { () async throws(KubeError) in try await bench.client.get(pod) }
    }

    @Test("A body that is garbage, encoded, empty, cut or too deep is a decode error that asks whether this is an API server", arguments: [
        ("<!doctype html><title>Sign in</title>", [], "is not JSON"),
        ("\u{1f}\u{8b}\u{8}rubbish", ["Content-Encoding: gzip"], "encoded as 'gzip'"),
        ("", [], "is empty"), (#"{"kind":"Pod""#, [], "is not JSON"),
        (String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000), [], "nests deeper than 256"),
    ])
    func garbage(_ body: String, _ headers: [String], _ words: String) async throws {
        let error = try await get { _, _ in [.answer(200, body, headers: headers)] }
        #expect(error?.code == .decode && error?.isTransient == false && error?.message.contains("an API server?") == true)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("HTML with a status that says failure keeps the status, and a proxy's page is not quoted")
    func failurePage() async throws {
        let error = try await get { _, _ in [.answer(403, "<html>Forbidden by proxy</html>")] }
        #expect(error?.code == .forbidden && error?.status == 403 && error?.message.contains("html") == false)
    }

    @Test("An answer of 100 MB is refused at the limit and not read to its end")
    func hugeAnswer() async throws {
        let bench = try Bench(limits: HTTPLimits(total: .seconds(10), bodyBytes: 4 << 20)) { _, _ in
            [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n".utf8)), .flood(bytes: 104_857_600)]
        }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in try await bench.client.get(pod) }
        #expect(error?.code == .decode && error?.message.contains("longer than the 4194304 bytes") == true)
        #expect(bench.server.floodedBytes < 52_428_800)
    }

    @Test("A delete that is answered with 204 and no body was done; of a patch so answered nothing is known")
    func noContent() async throws {
        let bench = try Bench { _, _ in [.send(Array("HTTP/1.1 204 No Content\r\n\r\n".utf8))] }
        defer { bench.server.stop() }
        #expect(try await bench.client.delete(pod, DeleteOptions())["status"] == "Success")
        let error = await failure { () async throws(KubeError) in try await bench.client.patch(pod, .merge([:]), WriteOptions()) }
        #expect(error?.code == .decode && error?.message.contains("may have been carried out") == true)
        #expect(bench.server.requests.count == 2)
    }

    @Test("A flapping server: reads get through, each write is sent once, and whether it was carried out is said to be unknown")
    func flapping() async throws {
        let bench = try Bench { request, count in
            request.method == "GET" && count % 2 == 1 ? [.answer(200, podText)] : [.close]
        }
        defer { bench.server.stop() }
        for _ in 0..<5 { _ = try await bench.client.get(pod) }
        let before = bench.server.requests.count
        let error = await failure { () async throws(KubeError) in try await bench.client.delete(pod, DeleteOptions()) }
        #expect(error?.code == .transport && error?.isKnownUnsent == false && error?.message.contains("may have been carried out") == true)
        #expect(bench.server.requests.count == before + 1)
    }

    @Test("A slow server: a read is given up when every try took its whole time, and says so")
    func slow() async throws {
        let bench = try Bench(limits: HTTPLimits(total: .milliseconds(100))) { _, _ in [.wait(milliseconds: 500)] }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in try await bench.client.get(pod) }
        #expect(error?.code == .timeout && error?.message.contains("get pods shop/web-1") == true && bench.server.requests.count == 4)
    }

    @Test("A write to a server that is not there yet is tried again, since no byte of it was sent")
    func unsent() async throws {
        let bench = try Bench { _, _ in [] }
        bench.server.stop()
        let error = await failure { () async throws(KubeError) in try await bench.client.delete(pod, DeleteOptions()) }
        #expect(error?.isKnownUnsent == true && bench.waits.list == [100, 200, 400].map { .milliseconds($0) })
    }

    @Test("A certificate that expired, is for another name or of an unknown authority is named as such, and not tried again", arguments: [
        ("expired", "ca.crt", "has expired"), ("elsewhere", "ca.crt", "is for another name"), ("server", "stranger.crt", "no authority"),
    ])
    func certificates(_ shown: String, _ authority: String, _ words: String) async throws {
        let certificates = try TestCertificates()
        let peer = try TLSPeer(certificates, answers: ["/api": "{}"], showing: shown)
        defer { peer.stop() }
        let connection = try ClusterConnection(server: peer.url, tls: TLSSettings(authorities: try certificates.pem(authority)))
        let waits = Bench.Waits()
        let client = KubeClient(connection, surroundings: Bench.surroundings(waits))
        let error = await failure { () async throws(KubeError) in try await client.get(pod) }
        #expect(error?.code == .transport && error?.isTransient == false && error?.message.contains(words) == true && waits.list.isEmpty)
    }

    @Test("A list whose pages never end is given up")
    func endlessPages() async throws {
        let bench = try Bench { _, _ in [.answer(200, #"{"metadata":{"continue":"same"},"items":[]}"#)] }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in try await bench.client.list(.pods, in: nil, ListOptions()) }
        #expect(error?.code == .decode && error?.message.contains("do not end") == true && bench.server.requests.count == 2)
    }

    @Test("A list whose page token expires twice is given up, and one refused with 410 from the start is not begun again")
    func expiredTwice() async throws {
        let bench = try Bench { request, _ in
            request.target.contains("continue") ? [.answer(410, status(410))]
                : [.answer(200, #"{"metadata":{"continue":"t"},"items":[]}"#)]
        }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in try await bench.client.list(.pods, in: nil, ListOptions()) }
        #expect(error?.code == .gone && bench.server.requests.count == 4)
    }

    @Test("A watch that is answered with a login page or with rubbish says so at once", arguments: [
        "<html>\n<title>Sign in</title>\n", "\u{1f}\u{8b}\u{8}\n",
    ])
    func watchGarbage(_ body: String) async throws {
        let bench = try Bench { _, _ in [.answer(200, body)] }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in
            try await bench.client.watch(.pods, in: nil, ListOptions(), after: "1") { _ in }
        }
        #expect(error?.code == .decode && bench.server.requests.count == 1)
    }

    @Test("A watch waits as long as an overloaded server asks, but never longer than five minutes")
    func watchRetryAfter() async throws {
        let bench = try Bench { _, count in
            switch count {
            case 0: [.answer(429, status(429), headers: ["Retry-After: 7"])]
            case 1: [.answer(503, status(503), headers: ["Retry-After: 86400"])]
            default: [.answer(410, status(410))]
            }
        }
        defer { bench.server.stop() }
        let error = await failure { () async throws(KubeError) in
            try await bench.client.watch(.pods, in: nil, ListOptions(), after: "1") { _ in }
        }
        #expect(error?.code == .gone && bench.waits.list == [.seconds(7), .seconds(300)])
    }
}
