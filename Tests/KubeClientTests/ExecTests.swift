// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import StubServer
import Testing

@testable import KubeClient
@testable import Transport

@Suite("Commands over a scripted WebSocket") struct ExecTests {
    private let command = ExecCommand(container: "main", ["echo", "a b"], outputLimit: 100, timeout: .seconds(4))

    private static func head(_ request: StubRequest, protocolName: String = "v4.channel.k8s.io", accept: String? = nil) -> [UInt8] {
        let key = Data(base64Encoded: request.headers["sec-websocket-key"] ?? "") ?? Data()
        let proof = accept ?? WebSocketHandshake(random: Array(key), protocols: []).accepted
        let lines = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: " + proof,
            "Sec-WebSocket-Protocol: " + protocolName,
        ]
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private static func frame(_ channel: UInt8, _ text: String, first: UInt8 = 0x82) -> [UInt8] {
        [first, UInt8(text.utf8.count + 1), channel] + Array(text.utf8)
    }

    private static let success = frame(3, #"{"status":"Success"}"#)

    private func run(_ steps: @escaping @Sendable (StubRequest) -> [StubStep]) async throws -> Result<ExecResult, KubeError> {
        let limits = HTTPLimits(total: .seconds(5), idle: .seconds(1))
        let bench = try Bench(credential: .token("s3cret"), limits: limits) { request, _ in steps(request) }
        defer { bench.server.stop() }
        let result: Result<ExecResult, KubeError>
        do throws(KubeError) { result = .success(try await bench.client.exec(in: pod, command)) } catch { result = .failure(error) }
        let target = "/api/v1/namespaces/shop/pods/web-1/exec?container=main&command=echo&command=a%20b&stdout=true&stderr=true"
        #expect(bench.server.requests.map(\.target) == [target])
        #expect(bench.server.requests.first?.headers["authorization"] == "Bearer s3cret")
        #expect(bench.server.requests.first?.headers["sec-websocket-protocol"] == "v5.channel.k8s.io, v4.channel.k8s.io")
        return result
    }

    @Test("A server of the fourth protocol, whose bytes come one by one and in fragments, is understood")
    func pieces() async throws {
        let result = try await run { request in
            let fragments = Self.frame(1, "a", first: 0x02) + [0x89, 0x00] + [0x80, 0x01] + Array("b".utf8) + Self.frame(2, "oh")
            return (Self.head(request) + fragments + Self.success).map { .send([$0]) }
        }
        #expect(try result.get() == ExecResult(stdout: Array("ab".utf8), stderr: Array("oh".utf8), end: .exited(0)))
    }

    static let broken: [(bytes: [UInt8], words: String)] = [
        ([0x82, 0x10, 1, 0x61], "in the middle of a message"), ([], "without a word"), (frame(1, "x"), "without a word"),
        ([0x88, 0x00], "without saying how the command ended"), ([0x88, 0x02, 0x03, 0xF3], "with the code 1011"),
        ([0x82, 0x81, 1, 2, 3, 4, 5], "masked a frame"), ([0x83, 0x00], "unknown kind"),
    ]

    @Test("A server that breaks off or speaks wrongly is an error that says the command may have run", arguments: broken.indices)
    func breaks(_ index: Int) async throws {
        let (bytes, words) = Self.broken[index]
        let result = try await run { request in [.send(Self.head(request) + bytes), .wait(milliseconds: 50), .close] }
        guard case .failure(let error) = result else { return #expect(Bool(false), "\(result)") }
        #expect(error.code == .transport && !error.isKnownUnsent && error.message.contains(words), "\(error)")
        #expect(error.message.contains("It may have been carried out"))
    }

    @Test("A server that says 101 and proves nothing, or speaks another protocol, is not spoken to", arguments: [true, false])
    func unproven(isWrongProof: Bool) async throws {
        let result = try await run { request in
            [.send(isWrongProof ? Self.head(request, accept: "AAAA") : Self.head(request, protocolName: "v9"))]
        }
        guard case .failure(let error) = result else { return #expect(Bool(false), "\(result)") }
        #expect(error.code == .transport && error.message.contains(isWrongProof ? "not made from our key" : "'v9'"), "\(error)")
    }

    @Test("A server that falls silent, and does not answer a ping, is given up before the command's time is over")
    func silence() async throws {
        let result = try await run { request in [.send(Self.head(request)), .wait(milliseconds: 3500)] }
        guard case .failure(let error) = result else { return #expect(Bool(false), "\(result)") }
        #expect(error.code == .transport && error.message.contains("not even an answer to a ping"), "\(error)")
    }

    @Test("A refusal is the API's own error", arguments: [(403, KubeError.Code.forbidden), (404, .notFound), (400, .invalid)])
    func refusals(status code: Int, expected: KubeError.Code) async throws {
        let result = try await run { _ in [.answer(code, status(code))] }
        guard case .failure(let error) = result else { return #expect(Bool(false), "\(result)") }
        #expect(error.code == expected && error.status == code)
    }
}
