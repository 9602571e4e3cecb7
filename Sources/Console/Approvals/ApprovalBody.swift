// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation

/// What a signed call says: who answers what about which act.
struct ApprovalBody: Equatable {
    let number: Int64
    let by: String
    let approves: Bool
    let reason: String

    /// Reads a caller's body; nil when it says something else.
    init?(_ caller: ApprovalCaller, _ body: [UInt8]) {
        switch caller {
        case .webhook: self.init(webhook: body)
        case .slack: self.init(slack: body)
        }
    }

    // {"number": 12, "decision": "approve" or "deny", "by": "ann", "reason": "..."}
    private init?(webhook body: [UInt8]) {
        guard let json = try? JSONDecoder().decode(JSONValue.self, from: Data(body)), case .int(let number)? = json["number"],
            let decision = json["decision"]?.string, ["approve", "deny"].contains(decision),
            let by = json["by"]?.string, let name = Self.name(by)
        else { return nil }
        (self.number, self.by, approves, reason) = (number, name, decision == "approve", json["reason"]?.string ?? "")
    }

    // A form with one field, `payload`, whose JSON tells the user and the button.
    private init?(slack body: [UInt8]) {
        let form = String(decoding: body, as: UTF8.self).split(separator: "&").first { $0.hasPrefix("payload=") }
        guard let text = form?.dropFirst("payload=".count).replacingOccurrences(of: "+", with: " ").removingPercentEncoding,
            let json = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)), let button = json["actions"]?.array?.first,
            let number = button["value"]?.string.flatMap({ Int64($0) }), let user = json["user"]?["id"]?.string.flatMap(Self.name),
            let word = button["action_id"]?.string, ["saker_approve", "saker_deny"].contains(word)
        else { return nil }
        // The id is the person; a name can be changed.
        (self.number, by, approves, reason) = (number, "slack:\(user)", word == "saker_approve", "")
    }

    private static func name(_ text: String) -> String? {
        let name = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return (1...200).contains(name.count) && !name.contains(where: \.isNewline) ? name : nil
    }
}
