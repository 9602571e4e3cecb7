// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Hashing
import Synchronization
import Testing

@testable import Console

@Suite("Signed answers of people")
struct ApprovalCallTests {
    private static let secret = Array("8f742231b10e8888abcd99yyyzzz85a5".utf8)

    private final class Votes: Sendable {
        let kept = Mutex<[String]>([])

        var all: [String] { kept.withLock { $0 } }
    }

    private func calls(_ votes: Votes, at second: UInt64) -> ApprovalCalls {
        let handlers = ApprovalHandlers(
            secret: { _ in Self.secret },
            vote: { number, vote in
                votes.kept.withLock { $0.append("\(number) \(vote.by) \(vote.approves) \(vote.reason)") }
                return number == 12 ? .taken("counted") : .refused("nobody is asked")
            })
        return ApprovalCalls(
            handlers: handlers, check: SignatureCheck(), now: { Timestamp(nanoseconds: second * 1_000_000_000) }, log: { _ in })
    }

    private static func sign(_ time: String, _ body: String, _ secret: [UInt8] = secret) -> String {
        "v0=" + Hex.text(HMAC.sha256(Array("v0:\(time):\(body)".utf8), key: secret))
    }

    @Test("Slack's own example of a signature is recognised, and with another byte in body, time or secret it is not")
    func example() {
        let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
            + "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
            + "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2"
            + "c447fce8b6703c"
        let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        func problem(_ time: String, _ signature: String?, _ body: String, _ secret: [UInt8]) -> SignatureCheck.Problem? {
            let now = Timestamp(nanoseconds: 1_531_420_700_000_000_000)
            do throws(SignatureCheck.Problem) {
                try SignatureCheck().check(timestamp: time, signature: signature, body: Array(body.utf8), secret: secret, now: now)
                return nil
            } catch {
                return error
            }
        }
        #expect(problem("1531420618", signature, body, Self.secret) == nil)
        #expect(problem("1531420619", signature, body, Self.secret) == .wrong)
        #expect(problem("1531420618", signature, body + "x", Self.secret) == .wrong)
        #expect(problem("1531420618", signature, body, Self.secret + [1]) == .wrong)
        #expect(problem("1531420618", nil, body, Self.secret) == .missing)
        #expect(problem("1531420399", Self.sign("1531420399", body), body, Self.secret) == .old)
        #expect(problem("1531421001", Self.sign("1531421001", body), body, Self.secret) == .old)
    }

    @Test("A signed answer counts once: a second call with the same signature is refused")
    func webhook() async {
        let votes = Votes(), calls = calls(votes, at: 1_000)
        let body = #"{"number": 12, "decision": "deny", "by": " ann ", "reason": "a drill"}"#
        let signature = Self.sign("990", body)
        let first = await calls.answer(.webhook, timestamp: "990", signature: signature, body: Array(body.utf8))
        #expect(first == IntakeAnswer(status: 200, body: ["text": "counted"]))
        let second = await calls.answer(.webhook, timestamp: "990", signature: signature, body: Array(body.utf8))
        #expect(second.status == 401)
        #expect(votes.all == ["12 ann false a drill"])
        let other = #"{"number": 13, "decision": "approve", "by": "ann"}"#
        let third = await calls.answer(.webhook, timestamp: "990", signature: Self.sign("990", other), body: Array(other.utf8))
        #expect(third.status == 409)
        for wrong in ["{}", #"{"number": 12, "decision": "maybe", "by": "a"}"#, #"{"number": 12, "decision": "deny", "by": " "}"#] {
            let answer = await calls.answer(.webhook, timestamp: "990", signature: Self.sign("990", wrong), body: Array(wrong.utf8))
            #expect(answer.status == 400, "\(wrong)")
        }
    }

    @Test("A button of Slack names its person by id, and what is refused is told in words")
    func slack() async {
        let votes = Votes(), calls = calls(votes, at: 1_000)
        for (number, status) in [(12, 200), (13, 200)] {
            let json = #"{"type":"block_actions","user":{"id":"U1","username":"ann"},"#
                + #""actions":[{"action_id":"saker_approve","value":"\#(number)"}]}"#
            let body = "payload=" + (json.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
            let answer = await calls.answer(.slack, timestamp: "1000", signature: Self.sign("1000", body), body: Array(body.utf8))
            #expect(answer.status == status)
        }
        #expect(votes.all == ["12 slack:U1 true ", "13 slack:U1 true "])
    }

    @Test("Over HTTP, without a secret there is nothing to call")
    func overHTTP() async throws {
        try await Intake.run { intake in
            let answer = try await intake.post(Array("{}".utf8), path: "approvals/webhook")
            #expect(answer.status == 404)
        }
    }
}
