// SPDX-License-Identifier: Apache-2.0

/// What a server does about fields that its schema does not have: the query parameter `fieldValidation`.
enum FieldValidation: String, Sendable {
    case ignore = "Ignore"
    case warn = "Warn"
    case strict = "Strict"

    init(query: String?) throws(APIStatus) {
        guard let query, !query.isEmpty else {
            self = .warn
            return
        }
        guard let value = FieldValidation(rawValue: query) else {
            throw .badRequest(
                "invalid fieldValidation: Unsupported value: \"\(query)\": supported values: \"Ignore\", \"Strict\", \"Warn\"")
        }
        self = value
    }
}

/// A body read against the schema: without the fields that no such object has, and with their names.
struct FieldCheck {
    /// The value with its unknown fields left out.
    private(set) var value: JSON = .null
    /// The paths of the unknown fields, such as `spec.containers[0].imagee`, in order.
    private(set) var unknown: [String] = []

    /// A value of another shape than its field's.
    struct Mismatch: Error {
        var message: String
    }

    private let schema: Schema

    init(_ value: JSON, _ shape: Schema.Shape, schema: Schema = .kubernetes) throws(Mismatch) {
        self.schema = schema
        self.value = try checked(value, shape, Place(path: "", owner: ""), isRoot: true)
        unknown.sort()
    }

    /// What a strict server says.
    var strictSentence: String { "strict decoding error: " + warnings.joined(separator: ", ") }

    /// What a warning server says, a sentence a field.
    var warnings: [String] { unknown.map { "unknown field \"\($0)\"" } }

    private struct Place {
        var path: String
        /// The type whose field this is.
        var owner: String
    }

    private mutating func checked(_ value: JSON, _ shape: Schema.Shape, _ place: Place, isRoot: Bool = false) throws(Mismatch) -> JSON {
        switch (shape, value) {
        case (.anything, _), (_, .null): return value
        case (.message(let name), .object(let members)):
            guard let message = schema[name] else { return value }
            return .object(try fields(members, message, place, isRoot: isRoot))
        case (.list(let element, _), .array(let items)):
            var result: [JSON] = []
            for (number, item) in items.enumerated() {
                result.append(try checked(item, element, Place(path: place.path + "[\(number)]", owner: place.owner)))
            }
            return .array(result)
        case (.map(let element, _), .object(let members)):
            var result: [String: JSON] = [:]
            for (name, member) in members {
                result[name] = try checked(member, element, Place(path: place.path + "." + name, owner: place.owner))
            }
            return .object(result)
        case (.string, .string), (.time, .string), (.microTime, .string), (.bytes, .string), (.quantity, .string), (.quantity, .integer),
            (.quantity, .number), (.integerOrString, .string), (.integerOrString, .integer), (.integer, .integer), (.boolean, .bool),
            (.double, .integer), (.double, .number):
            return value
        case (.message, _), (.list, _), (.map, _), (.string, _), (.time, _), (.microTime, _), (.bytes, _), (.quantity, _),
            (.integerOrString, _), (.integer, _), (.boolean, _), (.double, _):
            throw Mismatch(
                message: "json: cannot unmarshal \(value.typeName) into Go struct field"
                    + " \(place.owner).\(place.path) of type \(shape.goName)")
        }
    }

    private mutating func fields(
        _ members: [String: JSON], _ message: Schema.Message, _ place: Place, isRoot: Bool
    ) throws(Mismatch) -> [String: JSON] {
        var result: [String: JSON] = [:]
        for (name, member) in members {
            if isRoot, name == "kind" || name == "apiVersion" {
                result[name] = member
                continue
            }
            let path = place.path.isEmpty ? name : place.path + "." + name
            guard let field = message.members[name] else {
                unknown.append(path)
                continue
            }
            result[name] = try checked(member, field.shape, Place(path: path, owner: message.name))
        }
        return result
    }
}

extension JSON {
    fileprivate var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .integer, .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension Schema.Shape {
    fileprivate var goName: String {
        switch self {
        case .string, .quantity, .integerOrString: "string"
        case .integer: "int32"
        case .boolean: "bool"
        case .double: "float64"
        case .time, .microTime: "v1.Time"
        case .bytes: "[]uint8"
        case .anything: "interface {}"
        case .message(let name): "v1." + name
        case .list(let element, _): "[]" + element.goName
        case .map(let element, _): "map[string]" + element.goName
        }
    }
}
