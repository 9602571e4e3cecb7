// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import SourceText

/// A value of a playbook file together with its place, so that a check made long after reading can still point at it.
struct YAMLValue: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        case scalar(YAMLScalar)
        case list([YAMLValue])
        case map([YAMLEntry])
    }

    var content: Content
    var place: SourceLocation

    var isNull: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.value == .null
    }

    /// The value without its places.
    var json: JSONValue {
        switch content {
        case .scalar(let scalar): scalar.value
        case .list(let items): .array(items.map(\.json))
        case .map(let entries): .object(Dictionary(entries.map { ($0.key, $0.value.json) }, uniquingKeysWith: { $1 }))
        }
    }

    /// What it is, for "expected ..., found ..." messages.
    var kind: String {
        switch content {
        case .list(let items): return items.isEmpty ? "an empty list" : "a list"
        case .map(let entries): return entries.isEmpty ? "an empty mapping" : "a mapping"
        case .scalar(let scalar):
            switch scalar.value {
            case .null: return "nothing"
            case .bool(let flag): return "the boolean \(flag)"
            case .int, .double: return "the number \(scalar.text)"
            case .string, .array, .object: return "the text '\(scalar.text)'"
            }
        }
    }
}

/// One `key: value` of a mapping.
struct YAMLEntry: Sendable, Hashable {
    var key: String
    var keyPlace: SourceLocation
    var value: YAMLValue
}

/// Something read from a file, with its place.
struct Located<Value: Sendable & Hashable>: Sendable, Hashable {
    var value: Value
    var place: SourceLocation
}
