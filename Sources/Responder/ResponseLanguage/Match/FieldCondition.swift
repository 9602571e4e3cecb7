// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import SourceText

/// One `key=value` or `key!=value` of `output_fields`.
struct FieldCondition: Sendable, Hashable {
    var key: String
    var isNegated: Bool
    var value: String

    /// A part is split at its first operator. Talon drops a condition whose value holds an `=`, and then matches every event.
    init?(_ part: some StringProtocol) {
        guard let equals = part.firstIndex(of: "=") else { return nil }
        var key = part[..<equals]
        isNegated = key.last == "!"
        if isNegated { key = key.dropLast() }
        let allowed = key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/[]".contains($0)) }
        guard allowed, !key.isEmpty else { return nil }
        self.key = String(key)
        value = String(part[part.index(after: equals)...].filter { $0 != "\"" })
    }

    /// An absent field equals nothing, so `!=` holds on it.
    func holds(for alert: Alert) -> Bool {
        (Self.text(of: key, in: alert) == value) != isNegated
    }

    /// The field's value as text; of those that say whom the alert is about, also when the rule's output did not name them.
    static func text(of key: String, in alert: Alert) -> String? {
        if let value = alert.fields[key] { return text(of: value) }
        switch key {
        case "k8s.ns.name": return alert.subject.namespace?.text
        case "k8s.pod.name": return alert.subject.pod?.text
        case "k8s.pod.uid": return alert.subject.podUID?.text
        case _: return nil
        }
    }

    // Talon compares Go's %v of the value, where null is "<nil>"; whole numbers stay exact here at any size.
    private static func text(of value: JSONValue) -> String {
        switch value {
        case .null: "<nil>"
        case .bool(let flag): String(flag)
        case .int(let number): String(number)
        case .double(let number): number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
        case .string(let text): text
        case .array(let items): "[" + items.map(text).joined(separator: " ") + "]"
        case .object(let members):
            "map[" + members.sorted { $0.key < $1.key }.map { "\($0.key):\(text(of: $0.value))" }.joined(separator: " ") + "]"
        }
    }
}

extension FieldCondition: CustomStringConvertible {
    var description: String { key + (isNegated ? "!=" : "=") + value }
}
