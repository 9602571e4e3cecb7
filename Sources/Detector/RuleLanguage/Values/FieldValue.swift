// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The value of an operand as a copy, whatever it was read from; a null is no value at all.
///
/// Documents and what is put together of several fields are compared as such values. What a kernel event holds is compared in place.
enum FieldValue: Hashable, Sendable {
    case text([UInt8])
    case number(Int64)
    case flag(Bool)
    case address(IPAddress)
    case list([FieldValue])

    init(_ text: String) { self = .text(Array(text.utf8)) }

    /// A list of texts; nil for an empty one, since a list with nothing in it is a null.
    static func texts(_ texts: [String]) -> FieldValue? { texts.isEmpty ? nil : .list(texts.map { FieldValue($0) }) }

    /// Its values: a list's, else itself.
    var elements: [FieldValue] {
        switch self {
        case .list(let values): values
        case .text, .number, .flag, .address: [self]
        }
    }

    /// What it adds to a text that is put together: bytes up to the first NUL, as the dialect's own texts end there.
    var bytes: [UInt8] {
        switch self {
        case .text(let bytes): Array(bytes.prefix { $0 != 0 })
        case .number(let number): Array(String(number).utf8)
        case .flag(let truth): Array((truth ? "true" : "false").utf8)
        case .address(let address): Array(address.description.utf8)
        case .list(let values): values.flatMap(\.bytes)
        }
    }

    /// The value as an alert carries it.
    var json: JSONValue {
        switch self {
        case .text(let bytes): .string(String(decoding: bytes, as: UTF8.self))
        case .number(let number): .int(number)
        case .flag(let truth): .bool(truth)
        case .address(let address): .string(address.description)
        case .list(let values): .array(values.map(\.json))
        }
    }
}
