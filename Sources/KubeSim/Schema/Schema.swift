// SPDX-License-Identifier: Apache-2.0

/// What the API's objects are made of: which fields there are, of what shape, how lists of them merge, how they are numbered in protobuf.
///
/// The facts are those of the Go types of k8s.io/api of July 2026; there are no descriptions.
struct Schema: Sendable {
    /// The shape of a value.
    indirect enum Shape: Hashable, Sendable {
        case string, integer, boolean, double, quantity, integerOrString, time, microTime, bytes, anything
        case message(String)
        case list(Shape, ListKind)
        case map(Shape, isAtomic: Bool)
    }

    /// How a list is owned and merged: as one value, as a set of values, or element by element under keys.
    enum ListKind: Hashable, Sendable {
        case atomic, set
        case keyed([String])
    }

    /// One field of a type.
    struct Field: Sendable {
        var name: String
        /// Its number in protobuf.
        var number: Int
        var shape: Shape
        /// The key by which a strategic merge patch merges the list; empty for a list of plain values; nil where it replaces.
        var patchKey: String?
        /// Whether it can be absent where its zero value would say something else.
        var isOptional = false
        /// Whether its members stand beside the type's own in JSON; in protobuf they are a message of their own.
        var isInline = false
    }

    /// One type: a JSON object with known fields.
    struct Message: Sendable {
        var name: String
        /// The name in OpenAPI before the type's own: `io.k8s.api.core.v1`.
        var package: String
        var isAtomic = false
        /// As protobuf has them.
        var fields: [Field] = []
        /// As JSON has them: inline ones replaced by theirs.
        var members: [String: Field] = [:]

        /// The name in OpenAPI.
        var openName: String {
            let own = package == "io.k8s.api.events.v1" ? String(name.dropFirst("Grouped".count)) : name
            return package + "." + own
        }
    }

    /// By name.
    private(set) var messages: [String: Message]

    subscript(name: String) -> Message? { messages[name] }

    /// The schema of this server.
    static let kubernetes = Schema(messages: SchemaReader.read([coreTypes, moreCoreTypes, otherTypes]))

    /// The type of a kind's objects.
    func message(of resource: Resource) -> Message? { messages[Schema.name(of: resource)] }

    /// The shape of a kind's objects.
    static func shape(of resource: Resource) -> Shape { .message(name(of: resource)) }

    // Types have one space of names, kinds one a group.
    private static func name(of resource: Resource) -> String {
        if resource == .groupedEvents { return "GroupedEvent" }
        return resource == .caliconetworkpolicies ? "CalicoNetworkPolicy" : resource.kind
    }
}

/// Reads the notation of the type files: a line a type (longer ones go on indented), `# package` before the types of a package.
///
/// `Type` or `Type!` (owned as one value), then its fields: `name=NUMBER SHAPE` without the blank. A shape is one of the letters below,
/// the name of a type, `*` and a shape for a list, `%` and a shape for a map with string keys. A list may be followed by `@` (a set) or
/// `@key,key` (keyed elements), then by `^key` or `^` (merged by strategic patches); a map by `!` (owned as one value). `<` in place of
/// a name stands before a type whose fields are inline; a name that ends in `?` is a field whose zero value differs from its
/// absence.
enum SchemaReader {
    private static let letters: [Character: Schema.Shape] = [
        "s": .string, "i": .integer, "b": .boolean, "d": .double, "q": .quantity, "x": .integerOrString, "t": .time, "u": .microTime,
        "y": .bytes, "r": .anything,
    ]

    static func read(_ texts: [String]) -> [String: Schema.Message] {
        var messages: [String: Schema.Message] = [:]
        var package = ""
        var current = Schema.Message(name: "", package: "")
        for line in texts.joined(separator: "\n").split(separator: "\n") {
            var words = line.split(separator: " ")
            if line.hasPrefix("#") {
                package = String(words[1])
                continue
            }
            if !line.hasPrefix(" ") {
                messages[current.name] = current
                let name = words.removeFirst()
                current = Schema.Message(
                    name: String(name.hasSuffix("!") ? name.dropLast() : name), package: package, isAtomic: name.hasSuffix("!"))
            }
            current.fields += words.map(field)
        }
        messages[current.name] = current
        messages[""] = nil
        let all = messages
        return all.mapValues { message in
            var message = message
            message.members = members(of: message.name, all)
            return message
        }
    }

    private static func members(of name: String, _ messages: [String: Schema.Message]) -> [String: Schema.Field] {
        (messages[name]?.fields ?? []).reduce(into: [:]) { all, field in
            if field.isInline, case .message(let inner) = field.shape {
                all.merge(members(of: inner, messages)) { own, _ in own }
            } else {
                all[field.name] = field
            }
        }
    }

    private static func field(_ word: Substring) -> Schema.Field {
        let parts = word.split(separator: word.hasPrefix("<") ? "<" : "=", maxSplits: 1)
        let isInline = word.hasPrefix("<")
        let rest = parts[parts.count - 1]
        let digits = rest.prefix { $0.isNumber }
        let patch = rest.split(separator: "^", maxSplits: 1, omittingEmptySubsequences: false)
        return Schema.Field(
            name: isInline ? "" : String(parts[0].prefix { $0 != "?" }), number: Int(digits) ?? 0,
            shape: shape(patch[0].dropFirst(digits.count)),
            patchKey: patch.count > 1 ? String(patch[1]) : nil, isOptional: parts[0].hasSuffix("?"),
            isInline: isInline)
    }

    private static func shape(_ text: Substring) -> Schema.Shape {
        if text.hasPrefix("*") {
            let parts = text.dropFirst().split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
            let keys = parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : []
            return .list(shape(parts[0]), parts.count == 1 ? .atomic : keys.isEmpty ? .set : .keyed(keys))
        }
        if text.hasPrefix("%") {
            let isAtomic = text.hasSuffix("!")
            return .map(shape(text.dropFirst().dropLast(isAtomic ? 1 : 0)), isAtomic: isAtomic)
        }
        return text.count == 1 ? letters[text[text.startIndex]] ?? .anything : .message(String(text))
    }
}
