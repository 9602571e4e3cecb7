// SPDX-License-Identifier: Apache-2.0

import EventModel
public import RuleLanguage
public import SourceText

/// A field of an event that a person wrote down.
public struct GivenField: Sendable, Hashable {
    /// The field, with its argument.
    public let field: FieldReference
    /// Its value as text; nil for a field that the event is not to have.
    public let value: String?
    /// Where it was written; nil for one that was not written in a file.
    public let location: SourceLocation?

    /// Gives a value to a field.
    public init(_ field: FieldReference, _ value: String?, at location: SourceLocation? = nil) {
        self.field = field
        self.value = value
        self.location = location
    }
}

/// What is wrong with an event that a person wrote down.
public struct EventFault: Error, Sendable, Hashable {
    /// A sentence that says what is wrong and what would be right.
    public let message: String
    /// Where; nil when the event was not written in a file.
    public let location: SourceLocation?

    init(_ message: String, at location: SourceLocation? = nil) {
        self.message = message
        self.location = location
    }
}

extension JSONValue {
    /// The value as a person writes it; nil for null.
    var written: String? {
        switch self {
        case .null: nil
        case .bool(let truth): truth ? "true" : "false"
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): text
        case .array(let elements): elements.compactMap(\.written).joined(separator: ",")
        case .object: ""
        }
    }
}
