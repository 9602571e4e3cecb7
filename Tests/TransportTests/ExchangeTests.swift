// SPDX-License-Identifier: Apache-2.0

import StubServer
import Synchronization
import Testing

@testable import Transport

/// What an answer of the stub is made of in most tests here.
private func send(_ client: HTTPClient, _ request: HTTPRequest) async -> Result<HTTPResponse, TransportError> {
    do throws(TransportError) { return .success(try await client.send(request)) } catch { return .failure(error) }
}

private func code(_ result: Result<HTTPResponse, TransportError>) -> TransportError.Code? {
    guard case .failure(let error) = result else { return nil }
    return error.code
}

@Suite struct ExchangeTests {
    let client = HTTPClient()

    @Test("A request arrives with its method, path, headers and body, and the answer comes back whole")
    func wholeExchange() async throws {
        let server = StubServer { _, _ in [.answer(201, #"{"a":1}"#, headers: ["X-Two:  padded  "])] }
        defer { server.stop() }
        let body = Array("hello".utf8)
        let response = try await client.send(HTTPRequest(.patch, server.url + "/a/b?c=d", headers: [HTTPHeader("X-One", "1")], body: body))
        #expect(response.status == 201)
        #expect(response.head.header("x-two") == "padded")
        #expect(String(decoding: response.body, as: UTF8.self) == #"{"a":1}"#)
        let request = try #require(server.requests.first)
        #expect(request.method == "PATCH" && request.target == "/a/b?c=d" && request.body == "hello")
        #expect(request.headers["x-one"] == "1" && request.headers["expect"] == nil)
    }

    @Test("Every method is sent as itself, and a write without a body says that its length is 0", arguments: [
        HTTPRequest.Method.get, .post, .put, .patch, .delete,
    ])
    func methods(_ method: HTTPRequest.Method) async throws {
        let server = StubServer { _, _ in [.answer(200, "")] }
        defer { server.stop() }
        _ = try await client.send(HTTPRequest(method, server.url + "/"))
        let request = try #require(server.requests.first)
        #expect(request.method == method.rawValue)
        #expect(request.headers["content-length"] == (method == .get || method == .delete ? nil : "0"))
    }

    @Test("Requests one after another share one connection")
    func connectionIsKept() async throws {
        let server = StubServer { _, _ in [.answer(200, "x")] }
        defer { server.stop() }
        for _ in 0..<5 { _ = try await client.send(HTTPRequest(.post, server.url + "/", body: [1])) }
        #expect(server.requests.map(\.connection) == [0, 0, 0, 0, 0])
    }

    @Test("Fifty requests at once are all answered with their own answer")
    func manyAtOnce() async throws {
        let server = StubServer { request, _ in [.wait(milliseconds: 5), .answer(200, request.target)] }
        defer { server.stop() }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask { [client] in
                    let response = try await client.send(HTTPRequest(.get, server.url + "/\(number)"))
                    return String(decoding: response.body, as: UTF8.self) == "/\(number)"
                }
            }
            for try await isOwn in group { #expect(isOwn) }
        }
    }

    @Test("An answer cut into pieces at any place comes back whole")
    func cutAnywhere() async throws {
        let whole = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello".utf8)
        let server = StubServer { _, count in
            [.send(Array(whole[..<(count + 1)])), .wait(milliseconds: 2), .send(Array(whole[(count + 1)...]))]
        }
        defer { server.stop() }
        for _ in 1..<whole.count {
            let response = try await client.send(HTTPRequest(.get, server.url + "/"))
            #expect(response.body == Array("hello".utf8) && response.head.header("X-A") == "b")
        }
    }

    @Test("A 100 Continue before the answer is passed over")
    func interimAnswer() async throws {
        let server = StubServer { _, _ in
            [.send(Array("HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n".utf8)), .answer(200, "late")]
        }
        defer { server.stop() }
        let response = try await client.send(HTTPRequest(.get, server.url + "/"))
        #expect(response.status == 200 && response.head.header("X-Early") == nil)
    }

    @Test("A write on a kept connection that breaks before the answer is not sent a second time")
    func writeIsSentOnce() async throws {
        let server = StubServer { _, count in count == 0 ? [.answer(200, "x")] : [.close] }
        defer { server.stop() }
        _ = try await client.send(HTTPRequest(.get, server.url + "/"))
        let result = await send(client, HTTPRequest(.delete, server.url + "/pod", body: Array("{}".utf8)))
        #expect(code(result) == .protocol)
        #expect(server.requests.filter { $0.method == "DELETE" }.count == 1)
        guard case .failure(let error) = result else { return }
        #expect(!error.isKnownUnsent)
    }

    @Test("A header with a line break in it is refused before anything is sent")
    func headerInjection() async throws {
        let server = StubServer { _, _ in [.answer(200, "")] }
        defer { server.stop() }
        let result = await send(client, HTTPRequest(.get, server.url, headers: [HTTPHeader("Authorization", "a\r\nX-Evil: 1")]))
        #expect(code(result) == .protocol && server.requests.isEmpty)
    }

    @Test("The environment's proxy is not asked")
    func environmentProxy() async throws {
        let server = StubServer { _, _ in [.answer(200, "direct")] }
        let other = StubServer { _, _ in [.answer(200, "proxied")] }
        defer { server.stop(); other.stop() }
        let direct = try await HTTPClient().send(HTTPRequest(.get, server.url))
        let proxied = try await HTTPClient(proxy: other.url).send(HTTPRequest(.get, server.url))
        #expect(String(decoding: direct.body, as: UTF8.self) == "direct")
        #expect(String(decoding: proxied.body, as: UTF8.self) == "proxied")
        #expect(other.requests.first?.target == server.url + "/")
    }
}

@Suite struct FailureTests {
    let client = HTTPClient()

    @Test("A port nobody listens on is a connect error, known as unsent")
    func refused() async throws {
        let server = StubServer { _, _ in [] }
        let url = server.url
        server.stop()
        let error = try await #require(throws: TransportError.self) { () async throws in
            _ = try await client.send(HTTPRequest(.post, url, body: [1]))
        }
        #expect(error.code == .connect && error.isKnownUnsent && error.isTransient)
        #expect(error.message.contains(url))
    }

    @Test("A name without an address is a resolve error")
    func unknownName() async {
        let result = await send(client, HTTPRequest(.get, "https://no-such-host.invalid/", limits: HTTPLimits(total: .seconds(5))))
        #expect(code(result) == .resolve || code(result) == .timeout)
    }

    @Test("A server that says nothing is a timeout after the time allowed, not later")
    func silent() async {
        let server = StubServer { _, _ in [.wait(milliseconds: 10_000)] }
        defer { server.stop() }
        let started = ContinuousClock.now
        let result = await send(client, HTTPRequest(.get, server.url, limits: HTTPLimits(total: .milliseconds(150))))
        #expect(code(result) == .timeout)
        #expect(ContinuousClock.now - started < .seconds(8))
    }

    @Test("An answer that stops in its middle is a timeout")
    func stalled() async {
        let server = StubServer { _, _ in
            [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".utf8)), .wait(milliseconds: 10_000)]
        }
        defer { server.stop() }
        #expect(code(await send(client, HTTPRequest(.get, server.url, limits: HTTPLimits(total: .milliseconds(150))))) == .timeout)
    }

    @Test("An answer that ends before its length, and one that is not HTTP, are protocol errors", arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "",
    ])
    func broken(_ text: String) async {
        let server = StubServer { _, _ in [.send(Array(text.utf8)), .close] }
        defer { server.stop() }
        #expect(code(await send(client, HTTPRequest(.get, server.url))) == .protocol)
    }

    @Test("A body longer than allowed is too large, and is not read to its end")
    func tooLarge() async throws {
        let server = StubServer { _, _ in
            [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n".utf8)), .flood(bytes: 104_857_600)]
        }
        defer { server.stop() }
        #expect(code(await send(client, HTTPRequest(.get, server.url, limits: HTTPLimits(bodyBytes: 1000)))) == .tooLarge)
        #expect(server.floodedBytes < 104_857_600)
    }

    @Test("A head without end is too large")
    func endlessHead() async {
        let line = "X-Filler: " + String(repeating: "y", count: 1000) + "\r\n"
        let server = StubServer { _, _ in
            [.send(Array(("HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 100) + "\r\n").utf8)), .close]
        }
        defer { server.stop() }
        #expect(code(await send(client, HTTPRequest(.get, server.url))) == .tooLarge)
    }

    @Test("Cancelling the task ends the exchange at once")
    func cancelled() async throws {
        let asked = Mutex(false)
        let server = StubServer { _, _ in
            asked.withLock { $0 = true }
            return [.wait(milliseconds: 5000)]
        }
        defer { server.stop() }
        let task = Task { [client] in await send(client, HTTPRequest(.get, server.url)) }
        while !asked.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(2)) }
        task.cancel()
        #expect(code(await task.value) == .cancelled)
    }

    @Test("Shutting down ends what is under way, and later requests are refused as unsent")
    func shutDown() async throws {
        let asked = Mutex(false)
        let server = StubServer { _, _ in
            asked.withLock { $0 = true }
            return [.wait(milliseconds: 5000)]
        }
        defer { server.stop() }
        let own = HTTPClient()
        let task = Task { await send(own, HTTPRequest(.get, server.url)) }
        while !asked.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(2)) }
        own.shutDown()
        own.shutDown()
        #expect(code(await task.value) == .cancelled)
        let error = try await #require(throws: TransportError.self) { () async throws in
            _ = try await own.send(HTTPRequest(.get, server.url))
        }
        #expect(error.code == .cancelled && error.isKnownUnsent)
    }
}
