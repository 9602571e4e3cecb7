// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Who passes on what a person answered.
public enum ApprovalCaller: String, Sendable, CaseIterable {
    /// Slack, when somebody pressed a button: POST to `/approvals/slack`, signed as Slack signs.
    case slack
    /// Any other program: POST of JSON to `/approvals/webhook`, signed in the same way under headers of our own.
    case webhook

    var timestampHeader: String {
        switch self {
        case .slack: "X-Slack-Request-Timestamp"
        case .webhook: "X-Saker-Timestamp"
        }
    }

    var signatureHeader: String {
        switch self {
        case .slack: "X-Slack-Signature"
        case .webhook: "X-Saker-Signature"
        }
    }
}

/// What the intake needs to take answers of people to acts that wait.
public struct ApprovalHandlers: Sendable {
    /// What became of an answer, in one sentence.
    public enum Result: Sendable, Hashable {
        /// It counts.
        case taken(String)
        /// It does not: nobody is asked, or that person has answered.
        case refused(String)
    }

    /// The secret that a caller signs with; nil when it may not call.
    public var secret: @Sendable (ApprovalCaller) -> [UInt8]?
    /// Puts an answer about the act of that number into the journal.
    public var vote: @Sendable (Int64, ApprovalVote) async -> Result

    /// Brings both together.
    public init(
        secret: @escaping @Sendable (ApprovalCaller) -> [UInt8]?, vote: @escaping @Sendable (Int64, ApprovalVote) async -> Result
    ) {
        self.secret = secret
        self.vote = vote
    }
}
