// SPDX-License-Identifier: Apache-2.0

/// JSON as text, without Foundation: documents are compared and printed on the path of events.
extension JSONValue {
    /// The value on one line, members in the order of their names, so that equal values are equal texts.
    public var text: String {
        var text = ""
        write(into: &text, indent: nil)
        return text
    }

    /// The value on many lines, each level two blanks further in.
    public var indentedText: String {
        var text = ""
        write(into: &text, indent: 0)
        return text
    }

    private func write(into text: inout String, indent: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let truth): text += truth ? "true" : "false"
        case .int(let number): text += String(number)
        case .double(let number): text += Self.written(number)
        case .string(let string): Self.quote(string, into: &text)
        case .array(let elements):
            Self.write(elements, between: ("[", "]"), into: &text, indent) { element, text, indent in
                element.write(into: &text, indent: indent)
            }
        case .object(let members):
            Self.write(members.sorted { $0.key < $1.key }, between: ("{", "}"), into: &text, indent) { member, text, indent in
                Self.quote(member.key, into: &text)
                text += indent == nil ? ":" : ": "
                member.value.write(into: &text, indent: indent)
            }
        }
    }

    private static func write<Part>(
        _ parts: [Part], between ends: (String, String), into text: inout String, _ indent: Int?,
        _ one: (Part, inout String, Int?) -> Void
    ) {
        text += ends.0
        for (index, part) in parts.enumerated() {
            if index > 0 { text += "," }
            if let indent { text += "\n" + String(repeating: "  ", count: indent + 1) }
            one(part, &text, indent.map { $0 + 1 })
        }
        if let indent, !parts.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
        text += ends.1
    }

    // JSON has no other word for a whole number than its digits: 33.0 is 33.
    private static func written(_ number: Double) -> String {
        number.rounded() == number && number.magnitude < 9e15 ? String(Int64(number)) : "\(number)"
    }

    private static func quote(_ string: String, into text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            case _: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
