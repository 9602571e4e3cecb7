// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Foundation
public import Transport

/// Notices to a channel of Slack, through an incoming webhook. Its address is a secret: it comes from a file and stands in no message.
public struct SlackNotifier: Notifier {
    /// The name of its destination in the outbox.
    public let name = "slack"
    private let address: NoticeAddress
    private let client: HTTPClient
    private let limits: HTTPLimits

    /// Posts to the address in that file; nil limits are 5 s to connect and 10 s in all.
    public init(urlFile: String, client: HTTPClient, limits: HTTPLimits? = nil) {
        address = .file(urlFile)
        self.client = client
        self.limits = limits ?? NoticeLimits.standard
    }

    /// Posts one message. Slack knows no idempotency key, so a message that was posted a moment before a crash may come twice.
    public func send(_ notice: Notice, key: String) async -> DeliveryAnswer {
        guard let body = try? JSONEncoder().encode(Self.message(notice)) else {
            return .refused(why: "the notice has no JSON form")
        }
        return await NoticeRequest(address: address, body: Array(body), limits: limits).send(by: client)
    }

    /// The message, with two buttons where people are asked; pressed, they come back to `/approvals/slack`.
    static func message(_ notice: Notice) -> JSONValue {
        let text = JSONValue.string(text(notice))
        guard case .awaiting = notice.outcome else { return ["text": text] }
        let buttons = [("Approve", "primary", "saker_approve"), ("Deny", "danger", "saker_deny")].map { label, style, action in
            JSONValue.object([
                "type": "button", "text": ["type": "plain_text", "text": .string(label)], "style": .string(style),
                "action_id": .string(action), "value": .string(String(notice.number)),
            ])
        }
        let section: JSONValue = ["type": "section", "text": ["type": "mrkdwn", "text": text]]
        return ["text": text, "blocks": [section, ["type": "actions", "elements": .array(buttons)]]]
    }

    /// The message in Slack's own markup; what comes from outside can mention nobody and link nowhere.
    static func text(_ notice: Notice) -> String {
        let text = NoticeText(notice)
        let lines = ["*\(escaped(text.title))*", escaped(text.sentence)] + text.reasons.map(escaped)
        return (lines + (text.undo.map { ["undo: `\($0)`"] } ?? [])).joined(separator: "\n")
    }

    // Slack asks for exactly these three.
    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;")
    }
}
