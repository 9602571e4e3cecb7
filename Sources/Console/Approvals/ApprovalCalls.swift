// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Takes signed calls that pass on what people answered.
struct ApprovalCalls: Sendable {
    // What Slack sends about one button has 2 to 10 KiB.
    static let bodyBytes = 64 << 10

    let handlers: ApprovalHandlers
    let check: SignatureCheck
    let now: @Sendable () -> Timestamp
    let log: @Sendable (String) -> Void

    func answer(_ caller: ApprovalCaller, timestamp: String?, signature: String?, body: [UInt8]) async -> IntakeAnswer {
        guard let secret = handlers.secret(caller) else { return .error(404, "there is nothing here") }
        do throws(SignatureCheck.Problem) {
            try check.check(timestamp: timestamp, signature: signature, body: body, secret: secret, now: now())
        } catch {
            log("approvals: a call of \(caller.rawValue) is refused: \(error.sentence)")
            return .error(error == .busy ? 503 : 401, "who are you?")
        }
        guard let said = ApprovalBody(caller, body) else { return .error(400, "this is no answer about an act") }
        let vote = ApprovalVote(by: said.by, approves: said.approves, reason: said.reason, at: now())
        switch await handlers.vote(said.number, vote) {
        case .taken(let sentence): return IntakeAnswer(status: 200, body: ["text": .string(sentence)])
        case .refused(let sentence):
            // Slack shows a person nothing of an error.
            return caller == .slack ? IntakeAnswer(status: 200, body: ["text": .string(sentence)]) : .error(409, sentence)
        }
    }
}
