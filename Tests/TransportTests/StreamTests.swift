// SPDX-License-Identifier: Apache-2.0

import StubServer
import Synchronization
import Testing

@testable import Transport

@Suite struct StreamTests {
    let client = HTTPClient()

    private func text(_ stream: HTTPStream) async throws -> String {
        var bytes: [UInt8] = []
        while let more = try await stream.next() { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("The head is there before the body ends, and pieces come as they are sent")
    func piecewise() async throws {
        let isRead = Mutex(false)
        let server = StubServer { _, _ in
            [.chunkedHead, .chunk("one"), .until { isRead.withLock { $0 } }, .chunk("two"), .chunk("")]
        }
        defer { server.stop() }
        let stream = try await client.stream(HTTPRequest(.get, server.url))
        #expect(stream.head.status == 200)
        #expect(try await stream.next() == Array("one".utf8))
        isRead.withLock { $0 = true }
        #expect(try await text(stream) == "two")
    }

    @Test("The total limit ends a stream only while its head is missing")
    func ageIsNoFault() async throws {
        let server = StubServer { request, _ in
            request.target == "/slow"
                ? [.wait(milliseconds: 4000)]
                : [.chunkedHead, .wait(milliseconds: 1500), .chunk("late"), .chunk("")]
        }
        defer { server.stop() }
        let limits = HTTPLimits(total: .seconds(1), idle: .seconds(30))
        #expect(try await text(client.stream(HTTPRequest(.get, server.url, limits: limits))) == "late")
        let error = try await #require(throws: TransportError.self) { () async throws in
            _ = try await client.stream(HTTPRequest(.get, server.url + "/slow", limits: limits))
        }
        #expect(error.code == .timeout)
    }

    @Test("A stream that falls silent for longer than the idle limit ends as a timeout")
    func silence() async throws {
        let server = StubServer { _, _ in [.chunkedHead, .chunk("one"), .wait(milliseconds: 20_000)] }
        defer { server.stop() }
        let stream = try await client.stream(HTTPRequest(.get, server.url, limits: HTTPLimits(idle: .seconds(1))))
        let started = ContinuousClock.now
        let error = try await #require(throws: TransportError.self) { () async throws in _ = try await text(stream) }
        #expect(error.code == .timeout)
        #expect(ContinuousClock.now - started < .seconds(15))
    }

    @Test("A reader that does not read holds the sender back, and then gets every byte")
    func backPressure() async throws {
        let size = 64 << 20
        let server = StubServer { _, _ in
            [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n".utf8)), .flood(bytes: size)]
        }
        defer { server.stop() }
        let stream = try await client.stream(HTTPRequest(.get, server.url))
        var before = -1
        // Until the sender has stood still for 200 ms.
        while server.floodedBytes != before {
            before = server.floodedBytes
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(server.floodedBytes < size / 2)
        var received = 0
        while let bytes = try await stream.next() {
            #expect(bytes.count <= Exchange.capacity)
            received += bytes.count
        }
        #expect(received == size)
    }

    @Test("Letting go of a stream closes its connection")
    func letGo() async throws {
        let server = StubServer { _, _ in
            [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(1 << 30)\r\n\r\n".utf8)), .flood(bytes: 1 << 30)]
        }
        defer { server.stop() }
        do {
            let stream = try await client.stream(HTTPRequest(.get, server.url))
            #expect(stream.head.status == 200)
        }
        let deadline = ContinuousClock.now + .seconds(5)
        while server.openConnections > 0, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        #expect(server.openConnections == 0)
        #expect(server.floodedBytes < 1 << 30)
    }

    @Test("Cancelling the reading task ends the wait at once")
    func cancelled() async throws {
        let server = StubServer { _, _ in [.chunkedHead, .chunk("one"), .wait(milliseconds: 5000)] }
        defer { server.stop() }
        let stream = try await client.stream(HTTPRequest(.get, server.url))
        #expect(try await stream.next() == Array("one".utf8))
        let task = Task { () -> TransportError.Code? in
            do throws(TransportError) { _ = try await stream.next() } catch { return error.code }
            return nil
        }
        task.cancel()
        #expect(await task.value == .cancelled)
    }
}
