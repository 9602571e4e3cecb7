// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation

/// JSON between bytes and values.
enum JSONText {
    /// The value; nil when the bytes are not JSON.
    static func read(_ bytes: [UInt8]) -> JSONValue? {
        try? JSONParser.parse(bytes)
    }

    /// The bytes, with members in the order of their names so that equal values are equal bytes.
    static func write(_ value: JSONValue) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            preconditionFailure("a JSON value holds a number that JSON cannot say")
        }
        return [UInt8](data)
    }
}
