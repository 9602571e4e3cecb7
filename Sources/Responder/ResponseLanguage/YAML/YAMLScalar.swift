// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// A scalar's raw text and the value that it has when nobody says which type is wanted.
///
/// Typing is yaml.v3's, which Talon reads with, and not YAML 1.1's: `yes` and `off` are text, `010` and `0o10` are 8.
struct YAMLScalar: Sendable, Hashable {
    let text: String
    let value: JSONValue

    init(text: String, isPlain: Bool, tag: String) {
        self.text = text
        switch tag {
        case "" where isPlain: value = Self.typed(text)
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null":
            value = Self.typed(text)
        case _: value = .string(text)
        }
    }

    private static func typed(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case _: break
        }
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return .string(text) }
        let digits = text.filter { $0 != "_" }
        if let number = wholeNumber(digits) { return .int(number) }
        let isDecimal = digits.wholeMatch(of: /[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/) != nil
        guard isDecimal, let number = Double(digits), number.isFinite else { return .string(text) }
        return .double(number)
    }

    // Go's strconv.ParseInt with base 0: a prefix names the base, and a leading zero alone means octal.
    private static func wholeNumber(_ text: String) -> Int64? {
        let sign = text.first == "-" ? "-" : ""
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        let prefixes: [(String, Int)] = [("0x", 16), ("0o", 8), ("0b", 2), ("0", 8)]
        let lowered = digits.lowercased()
        let (prefix, radix) = prefixes.first { lowered.hasPrefix($0.0) && lowered.count > $0.0.count } ?? ("", 10)
        let rest = lowered.dropFirst(prefix.count)
        guard let first = rest.first, first != "+", first != "-" else { return nil }
        return Int64(sign + rest, radix: radix)
    }
}
