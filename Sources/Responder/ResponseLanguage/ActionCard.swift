// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What an action tells about itself: enough to check a playbook, to list what exists, and to derive the rights it needs.
public struct ActionCard: Sendable, Hashable {
    /// A right that the action needs, as RBAC spells it.
    public struct Permission: Sendable, Hashable {
        /// The API group; empty for the core group.
        public var group: String
        /// The resource's plural, such as `pods`, with its part where one is meant, such as `pods/log`.
        public var resource: String
        /// The verbs.
        public var verbs: [String]
        /// The parameter without which the right is not needed; nil when it always is.
        public var given: String?
        /// The flag that makes the right needless when it is true; nil when none does.
        public var unless: String?
        /// The word of a parameter for which the right is needed; nil when it is for any.
        public var choice: Choice?
        /// True when it is needed in all namespaces, or for a kind that lives in none, wherever the playbook's alerts come from.
        public var isEverywhere: Bool

        /// A word that a parameter may hold, alone or in a list.
        public struct Choice: Sendable, Hashable {
            /// The parameter.
            public var parameter: String
            /// The word.
            public var word: String
            /// True when the word is meant where the parameter is absent.
            public var isDefault: Bool

            /// Names a word of a parameter.
            public init(_ parameter: String, _ word: String, isDefault: Bool = false) {
                self.parameter = parameter
                self.word = word
                self.isDefault = isDefault
            }

            func isMade(in parameters: [String: JSONValue]) -> Bool {
                guard let value = parameters[parameter] else { return isDefault }
                return value.string == word || value.array?.contains(.string(word)) ?? false
            }
        }

        /// Names a right, and the parameters on which it depends.
        public init(
            group: String = "", _ resource: String, _ verbs: [String], given: String? = nil, unless: String? = nil, choice: Choice? = nil,
            isEverywhere: Bool = false
        ) {
            self.group = group
            self.resource = resource
            self.verbs = verbs
            self.given = given
            self.unless = unless
            self.choice = choice
            self.isEverywhere = isEverywhere
        }

        /// True when an action with these parameters uses the right.
        public func applies(to parameters: [String: JSONValue]) -> Bool {
            if let given, parameters[given] == nil { return false }
            if let choice, !choice.isMade(in: parameters) { return false }
            return unless.map { parameters[$0]?.bool != true } ?? true
        }
    }

    /// The name that playbooks use, such as `kubernetes:label`.
    public var name: ActuatorName
    /// One sentence for a person.
    public var summary: String
    /// How far it goes.
    public var kind: ActKind
    /// Whether the playbook's next action runs when the playbook does not say; Talon's defaults.
    public var defaultContinue: Bool
    /// The parameters it reads.
    public var parameters: [ActionParameter]
    /// The rights it needs.
    public var permissions: [Permission]
    /// The alert fields it cannot do without.
    public var requiredFields: [String]
    /// True when it gathers something that a playbook's `output` can keep.
    public var allowsOutput: Bool
    /// True when a playbook must say where that is kept.
    public var requiresOutput: Bool

    /// Brings the parts together.
    public init(
        name: ActuatorName, summary: String, kind: ActKind, defaultContinue: Bool, parameters: [ActionParameter],
        permissions: [Permission], requiredFields: [String], allowsOutput: Bool = false, requiresOutput: Bool = false
    ) {
        self.name = name
        self.summary = summary
        self.kind = kind
        self.defaultContinue = defaultContinue
        self.parameters = parameters
        self.permissions = permissions
        self.requiredFields = requiredFields
        self.allowsOutput = allowsOutput
        self.requiresOutput = requiresOutput
    }
}

/// One parameter of an action.
public struct ActionParameter: Sendable, Hashable {
    /// What values are accepted, and what they become.
    public enum Shape: Sendable, Hashable {
        /// A boolean.
        case flag
        /// A text that is not empty.
        case text
        /// A whole number not below the bound; a fraction is cut off, as Talon does.
        case wholeNumber(least: Int64)
        /// One of these words.
        case choice([String])
        /// A list of texts.
        case texts
        /// A list of some of these words.
        case choices([String])
        /// A list of networks in CIDR form.
        case networks
        /// A mapping to texts; booleans and numbers become their text.
        case textMap
        /// A count such as `3` or a share such as `50%`; becomes a text.
        case countOrPercent
    }

    /// The name, in snake case; files may write it in any case.
    public var name: String
    /// What values are accepted.
    public var shape: Shape
    /// Whether a playbook must give it.
    public var isRequired: Bool
    /// One sentence for a person.
    public var summary: String

    /// Describes a parameter.
    public init(_ name: String, _ shape: Shape, isRequired: Bool = false, _ summary: String) {
        self.name = name
        self.shape = shape
        self.isRequired = isRequired
        self.summary = summary
    }
}
