// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Foundation

/// How an alert is written as one line.
public enum AlertFormat: String, Sendable, CaseIterable {
    /// Falco's text: time of day, priority, output.
    case text
    /// Falco's JSON, keys in alphabetical order, with `subject` and `trace_id` beside Falco's own.
    case json

    /// The line, ended by a newline; it holds no other control character. Throws when the alert has no JSON form.
    public func line(_ alert: Alert) throws(DeliveryError) -> String {
        switch self {
        case .text: AlertText.safe(AlertText.message(alert), escape: AlertText.readable) + "\n"
        case .json: AlertText.safe(try AlertText.json(alert), escape: AlertText.universal) + "\n"
        }
    }
}

enum AlertText {
    /// Falco's message: what its text output prints and its JSON has as `output`.
    static func message(_ alert: Alert) -> String { "\(alert.time.clock): \(alert.priority.name) \(alert.output)" }

    static func json(_ alert: Alert) throws(DeliveryError) -> String {
        var alert = alert
        alert.output = message(alert)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(alert), as: UTF8.self)
        } catch {
            throw DeliveryError(.cannotWrite, "The alert \(alert.trace) of rule \"\(alert.rule)\" has no JSON form: \(error).")
        }
    }

    /// Makes control characters visible: a process names itself, and its name must not move a terminal's cursor or forge a line.
    static func safe(_ text: String, escape: (Unicode.Scalar) -> String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar) { result += escape(scalar) } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// `\n`, `\r`, `\t`, else `\x1b` or `\u202e`.
    static func readable(_ scalar: Unicode.Scalar) -> String {
        let short: [Unicode.Scalar: String] = ["\n": "\\n", "\r": "\\r", "\t": "\\t"]
        return short[scalar] ?? (scalar.value < 0x100 ? "\\x" + hexadecimal(scalar, 2) : universal(scalar))
    }

    /// `\u202e`, as JSON writes it within a string; the JSON encoder itself leaves all but ASCII's as they are.
    static func universal(_ scalar: Unicode.Scalar) -> String { "\\u" + hexadecimal(scalar, 4) }

    private static func hexadecimal(_ scalar: Unicode.Scalar, _ width: Int) -> String {
        let digits = String(scalar.value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Control characters of ASCII and Latin-1, line and paragraph separators, and what turns the direction of writing.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        return value < 0x20 || (0x7f..<0xa0).contains(value) || (0x200e...0x200f).contains(value)
            || (0x2028...0x202e).contains(value) || (0x2066...0x2069).contains(value)
    }
}
