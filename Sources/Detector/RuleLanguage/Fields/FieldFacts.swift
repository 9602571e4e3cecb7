// SPDX-License-Identifier: Apache-2.0

/// What a field is: the type that decides its operators, the argument that it takes, what it means and what it takes to compute it.
public struct FieldFacts: Sendable {
    /// The types of values.
    public enum ValueType: String, Sendable, BitwiseCopyable {
        /// Bytes, compared as text.
        case text = "string"
        /// A whole number.
        case integer
        /// A number with a fraction; it is compared by its whole part.
        case decimal
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
        /// Bytes that need not be text.
        case bytes
    }

    /// What may stand in brackets after the name.
    public enum Argument: String, Sendable {
        /// Nothing.
        case none
        /// A number of generations, from 0; without it, any ancestor from the parent on.
        case generations
        /// The name of an environment variable.
        case variable
        /// A number that counts from 0.
        case index
        /// A JSON pointer, such as /stage.
        case pointer
        /// A name, such as that of a label.
        case name
        /// A number that counts from 0, or a path that may be a pattern.
        case place = "index or path"
    }

    /// What a field cannot do.
    public struct Limits: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// Takes the bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// It cannot be printed: it stands for several values at once.
        static let conditionOnly = Limits(rawValue: 1)
        /// It cannot be compared with another field, on neither side.
        static let constantsOnly = Limits(rawValue: 2)
        /// It cannot stand in a transformer.
        static let noTransformer = Limits(rawValue: 4)
        /// Both of the above.
        static let plain: Limits = [.constantsOnly, .noTransformer]
        /// All of the above.
        static let anySide: Limits = [.conditionOnly, .constantsOnly, .noTransformer]
        /// It stands for a host's name and is compared for equality only.
        static let equalityOnly = Limits(rawValue: 16)
        /// The dialect keeps it for old rules only.
        static let deprecated = Limits(rawValue: 8)
    }

    /// The name in the language.
    public let name: String
    /// The field whose value is read from kernel events; nil for one that they do not have, or that nothing computes in this version. A
    /// comparison with such a field is false for each of them, and in an output it is `<NA>`.
    public let field: Field?
    /// The named parameter of events that it stands for; nil for any other field.
    let parameter: ParameterName?
    /// The fact of containers that it stands for; nil for any other field.
    let containerFact: ContainerFact?
    /// The type of its values.
    public let type: ValueType
    /// True for a field with several values at once, of that type.
    public let isList: Bool
    /// What may stand in brackets after its name.
    public let argument: Argument
    /// True when the argument must be there.
    public let isArgumentRequired: Bool
    /// Whose events have it.
    public let sources: Set<EventSource>
    /// What it means, for a person.
    public let meaning: String
    /// What must be there for it to have a value.
    public let need: FieldNeed
    /// What it cannot do.
    public let limits: Limits

    /// Its number among those that one case of `Field` stands for; -1 for a field with a case of its own.
    var number: Int32 { Int32(parameter?.index ?? containerFact?.index ?? -1) }

    /// True when values of it are read from events of one of its sources.
    public var isComputed: Bool { sources.contains { Operand(self).isRead(from: $0) } }

    init(
        _ field: Field, _ type: ValueType, _ meaning: String, _ need: FieldNeed, argument: Argument = .none, isRequired: Bool = false,
        sources: Set<EventSource> = [.syscall], limits: Limits = []
    ) {
        self.init(
            name: field.rawValue, field: field, parameter: nil, type: type, isList: false, argument: argument, isRequired: isRequired,
            sources: sources, meaning: meaning, need: need, limits: limits)
    }

    init(
        _ name: String, _ type: ValueType, _ meaning: String, _ need: FieldNeed, list: Bool = false, argument: Argument = .none,
        isRequired: Bool = false, sources: Set<EventSource> = [.syscall], limits: Limits = []
    ) {
        self.init(
            name: name, field: nil, parameter: nil, type: type, isList: list, argument: argument, isRequired: isRequired, sources: sources,
            meaning: meaning, need: need, limits: limits)
    }

    init(_ parameter: ParameterName, _ meaning: String) {
        self.init(
            name: "evt.arg.\(parameter.rawValue)", field: .eventNamedArgument, parameter: parameter, type: .text, isList: false,
            argument: .none, isRequired: false, sources: [.syscall], meaning: meaning, need: .calls, limits: [])
    }

    init(_ fact: ContainerFact, _ meaning: String, _ need: FieldNeed = .runtime, argument: Argument = .none, limits: Limits = []) {
        self.init(
            name: fact.rawValue, field: .containerFact, parameter: nil, containerFact: fact, type: .text, isList: false,
            argument: argument, isRequired: argument != .none, sources: [.syscall], meaning: meaning, need: need, limits: limits)
    }

    private init(
        name: String, field: Field?, parameter: ParameterName?, containerFact: ContainerFact? = nil, type: ValueType, isList: Bool,
        argument: Argument, isRequired: Bool, sources: Set<EventSource>, meaning: String, need: FieldNeed, limits: Limits
    ) {
        self.name = name
        self.field = field
        self.parameter = parameter
        self.containerFact = containerFact
        self.type = type
        self.isList = isList
        self.argument = argument
        isArgumentRequired = isRequired
        self.sources = sources
        self.meaning = meaning
        self.need = need
        self.limits = limits
    }
}

// A name is in the table once, so it stands for the rest.
extension FieldFacts: Hashable {
    /// Equal names are equal fields.
    public static func == (one: FieldFacts, other: FieldFacts) -> Bool { one.name == other.name }

    /// Feeds the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
