// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import StubServer
import Synchronization
import Testing
import Transport

@testable import Delivery

@Suite("Sending a spool's alerts")
struct SpoolSenderTests {
    private static func traces(_ count: Int) -> [TraceID] { (1...count).map { SpoolWorld.alert($0).trace } }

    private func answer(_ status: Int, _ body: String, count: Int = 2, retryAfter: String? = nil) -> BatchAnswer {
        BatchAnswer(status: status, retryAfter: retryAfter, body: Array(body.utf8), traces: Self.traces(count))
    }

    private static func result(_ number: Int, _ word: String) -> String {
        #"{"id":"\#(SpoolWorld.alert(number).trace)","result":"\#(word)","reason":"why"}"#
    }

    @Test("Each alert is done, refused or sent again, as the answer says of its own id")
    func verdicts() {
        let mixed = #"{"results":[\#(Self.result(1, "accepted")),\#(Self.result(2, "unavailable"))]}"#
        #expect(answer(503, mixed, retryAfter: "7") == .verdicts([.done, .again], waitSeconds: 7))
        let final = #"{"results":[\#(Self.result(1, "duplicate")),\#(Self.result(2, "refused"))]}"#
        #expect(answer(200, final) == .verdicts([.done, .refused("why")], waitSeconds: nil))
    }

    @Test("What does not name each id is no acknowledgement", arguments: [
        "", "ok", "{}", #"{"results":[]}"#, #"{"results":[{"result":"accepted"},{"result":"accepted"}]}"#,
        #"{"results":[\#(result(2, "accepted")),\#(result(1, "accepted"))]}"#, #"{"results":[\#(result(1, "accepted"))]}"#,
        #"{"results":[\#(result(1, "fine")),\#(result(2, "fine"))]}"#,
    ])
    func noAcknowledgement(body: String) {
        guard case .again = answer(200, body) else {
            Issue.record("it was taken for an answer")
            return
        }
    }

    @Test("Statuses without results: too large is split, a wrong alert by itself is refused, all else is sent again")
    func statuses() {
        let bad = #"{"error":"bad","offset":3}"#
        #expect(answer(413, "") == .tooLarge && answer(400, bad) == .tooLarge)
        #expect(answer(400, bad, count: 1) == .verdicts([.refused("the responder answered 400: bad")], waitSeconds: nil))
        #expect(answer(503, "", retryAfter: "nan") == .again("the responder answered 503", waitSeconds: nil))
        // A 400 that names no place is not the responder's: a proxy says it of a certificate that ran out.
        for status in [400, 401, 403, 404, 429, 500, 502, 503] {
            guard case .again(_, let wait) = answer(status, "<html>", retryAfter: "9999") else {
                Issue.record("\(status)")
                continue
            }
            #expect(wait == BatchAnswer.longestWait)
        }
    }

    @Test("An address must be https, or of this machine itself", arguments: [
        ("https://r:8443", true), ("http://127.0.0.1:1", true), ("http://[::1]:1", true), ("http://r:8443", false), ("r:8443", false),
        ("", false), ("ftp://127.0.0.1", false), ("https://", false), ("https://user:t@r", false),
    ])
    func addresses(_ text: String, _ isGood: Bool) {
        let made = try? address(text)
        #expect((made != nil) == isGood)
    }

    private func address(_ url: String, tokenFile: String? = nil) throws -> ResponderAddress {
        try ResponderAddress(
            url, tokenFile: tokenFile, certificateFile: nil, keyFile: nil, authorityFile: nil,
            isLoopback: { ["127.0.0.1", "::1", "localhost"].contains($0) })
    }

    /// Answers like a responder: takes all of a batch.
    private static func accepted(_ request: StubRequest) -> [StubStep] {
        let traces = request.body.split(separator: "\n").compactMap { try? JSONParser.parse(Array($0.utf8))["trace_id"]?.string }
        let results = traces.map { #"{"id":"\#($0)","result":"accepted"}"# }.joined(separator: ",")
        return reply("200 OK", #"{"results":[\#(results)]}"#)
    }

    private static func reply(_ status: String, _ body: String, _ more: String = "") -> [StubStep] {
        [.send(Array("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(more)\r\n\(body)".utf8))]
    }

    @Test("A responder that fails, answers nonsense, or breaks off gets every alert again, with the token as it is then")
    func persistence() async throws {
        let world = SpoolWorld()
        let spool = try world.open()
        let token = world.folder + "/token"
        try "first-token\n".write(toFile: token, atomically: true, encoding: .utf8)
        let server = StubServer { request, count in
            switch count {
            case 0: Self.reply("503 Service Unavailable", "{}", "Retry-After: 3\r\n")
            case 1: Self.reply("401 Unauthorized", "{}")
            case 2: Self.reply("200 OK", "<html>")
            case 3: [.close]
            case _: Self.accepted(request)
            }
        }
        defer { server.stop() }
        let waits = Mutex<[Duration]>([])
        let surroundings = SpoolSender.Surroundings(
            sleep: { wait in
                waits.withLock { $0.append(wait) }
                try "second-token".write(toFile: token, atomically: true, encoding: .utf8)
            }, chance: { 0 })
        for number in 1...3 { spool.offer(SpoolWorld.alert(number)) }
        let sender = SpoolSender(spool, to: try address(server.url, tokenFile: token), surroundings: surroundings) { world.log($0) }
        let sending = Task { await sender.run() }
        #expect(await eventually { spool.waiting == 0 })
        spool.close(within: 5)
        await sending.value
        #expect(waits.withLock { $0 } == [.seconds(3), .seconds(1), .seconds(2), .seconds(4)])
        #expect(server.requests.map { $0.headers["authorization"] }.prefix(2) == ["Bearer first-token", "Bearer second-token"])
        #expect(world.lines.contains { $0.contains("does not accept our token") })
        #expect(world.lines.last == "alerts reach the responder again")
    }

    @Test("A batch that is too large is halved until it fits, and one alert that never fits is refused and counted")
    func halving() async throws {
        let world = SpoolWorld()
        let spool = try world.open()
        let server = StubServer { request, _ in
            request.body.contains("giant") || request.body.split(separator: "\n").count > 2
                ? Self.reply("413 Payload Too Large", "{}") : Self.accepted(request)
        }
        defer { server.stop() }
        for number in 1...9 { spool.offer(SpoolWorld.alert(number, output: number == 5 ? "giant" : "x")) }
        #expect(await eventually { spool.waiting == 9 })
        let sender = SpoolSender(spool, to: try address(server.url)) { world.log($0) }
        let sending = Task { await sender.run() }
        #expect(await eventually { spool.waiting == 0 })
        spool.close(within: 5)
        await sending.value
        #expect(spool.losses == [.refused: 1])
    }
}
