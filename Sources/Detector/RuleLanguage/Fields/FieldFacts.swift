// SPDX-License-Identifier: Apache-2.0

/// What a field is: the type that decides its operators, the argument that it takes, and what it means.
public struct FieldFacts: Sendable {
    /// The types of values.
    public enum ValueType: String, Sendable {
        /// Bytes, compared as text.
        case text = "string"
        /// A whole number.
        case integer
        /// True or false.
        case boolean
        /// A port number.
        case port
        /// An IPv4 or IPv6 address.
        case address
        /// An address that is compared with networks in CIDR form.
        case network
        /// Nanoseconds.
        case duration
        /// Nanoseconds since 1970.
        case time
    }

    /// What may stand in brackets after the name.
    public enum Argument: String, Sendable {
        /// Nothing.
        case none
        /// A number of generations, from 0; without it, any ancestor from the parent on.
        case generations
        /// The name of an environment variable.
        case variable
    }

    /// The field.
    public let field: Field
    /// The type of its values.
    public let type: ValueType
    /// What may stand in brackets after its name.
    public let argument: Argument
    /// What it means, for a person.
    public let meaning: String

    init(_ field: Field, _ type: ValueType, _ meaning: String, argument: Argument = .none) {
        self.field = field
        self.type = type
        self.argument = argument
        self.meaning = meaning
    }
}
