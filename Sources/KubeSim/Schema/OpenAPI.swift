// SPDX-License-Identifier: Apache-2.0

/// The OpenAPI documents, made from the schema: without descriptions, and with the paths that clients look for parameters in.
struct OpenAPI {
    /// The two versions differ in where types are kept and how they are referred to.
    enum Version: Sendable {
        case two, three

        var reference: String { self == .two ? "#/definitions/" : "#/components/schemas/" }
    }

    var version: Version
    var schema: Schema = .kubernetes

    /// The list of version 3's documents.
    static let index: JSON = [
        "paths": .object(
            Dictionary(
                uniqueKeysWithValues: (Resource.groups + Review.groups).map { group in
                    let path = path(group)
                    return (path, ["serverRelativeURL": .string("/openapi/v3/" + path)])
                }))
    ]

    /// `api/v1`, `apis/apps/v1`.
    static func path(_ group: String) -> String { group.isEmpty ? "api/v1" : "apis/\(group)/\(Resource.version(of: group))" }

    /// The document of all kinds in version 2.
    static let whole: JSON = {
        let document = OpenAPI(version: .two)
        return [
            "swagger": "2.0", "info": info, "paths": .object(document.paths(of: Resource.allCases)),
            "definitions": .object(document.types(of: Resource.allCases.map(Schema.shape), reviews: Review.allCases)),
        ]
    }()

    /// The document of one group in version 3.
    static func document(group: String) -> JSON {
        let document = OpenAPI(version: .three)
        let resources = Resource.allCases.filter { $0.group == group }
        var shapes = resources.map(Schema.shape)
        if group == "policy" { shapes.append(.message("Eviction")) }
        let reviews = Review.allCases.filter { $0.group == group }
        return [
            "openapi": "3.0.0", "info": info, "paths": .object(document.paths(of: resources)),
            "components": ["schemas": .object(document.types(of: shapes, reviews: reviews))],
        ]
    }

    private static let info: JSON = ["title": "Kubernetes", "version": "v1.37.0+kubesim"]
}

/// Which document a path asks for.
enum OpenAPIDocument: Hashable, Sendable {
    case whole, index
    case group(String)

    init?(_ parts: ArraySlice<String>) {
        let parts = Array(parts)
        switch parts.first {
        case "v2" where parts.count == 1: self = .whole
        case "v3" where parts.count == 1: self = .index
        case "v3":
            let rest = parts.dropFirst().joined(separator: "/")
            guard let group = (Resource.groups + Review.groups).first(where: { OpenAPI.path($0) == rest }) else { return nil }
            self = .group(group)
        case _: return nil
        }
    }

    var json: JSON {
        switch self {
        case .whole: OpenAPI.whole
        case .index: OpenAPI.index
        case .group(let group): OpenAPI.document(group: group)
        }
    }
}

// Paths: for each kind what can be done with one object and with the collection.
extension OpenAPI {
    private func paths(of resources: [Resource]) -> [String: JSON] {
        resources.reduce(into: [:]) { paths, resource in
            let base = "/" + OpenAPI.path(resource.group) + (resource.isNamespaced ? "/namespaces/{namespace}/" : "/") + resource.plural
            let place = (resource.isNamespaced ? ["namespace"] : []).map(pathParameter)
            paths[base] = [
                "parameters": .array(place), "get": operation("list", resource, []), "post": operation("post", resource, writing),
            ]
            paths[base + "/{name}"] = [
                "parameters": .array(place + [pathParameter("name")]), "get": operation("get", resource, []),
                "put": operation("put", resource, writing), "patch": operation("patch", resource, writing + ["force"]),
                "delete": operation("delete", resource, ["dryRun", "gracePeriodSeconds", "propagationPolicy"]),
            ]
        }
    }

    private var writing: [String] { ["dryRun", "fieldManager", "fieldValidation"] }

    private func operation(_ action: String, _ resource: Resource, _ parameters: [String]) -> JSON {
        [
            "x-kubernetes-action": .string(action), "x-kubernetes-group-version-kind": kind(resource),
            "parameters": .array(parameters.map { parameter($0, in: "query") }), "responses": ["200": ["description": "OK"]],
        ]
    }

    private func parameter(_ name: String, in place: String) -> JSON {
        var parameter: JSON = ["name": .string(name), "in": .string(place)]
        let type: JSON = name == "force" ? "boolean" : name == "gracePeriodSeconds" ? "integer" : "string"
        if version == .two { parameter["type"] = type } else { parameter["schema"] = ["type": type] }
        return parameter
    }

    private func pathParameter(_ name: String) -> JSON {
        var parameter = parameter(name, in: "path")
        parameter["required"] = true
        return parameter
    }

    private func kind(_ resource: Resource) -> JSON {
        ["group": .string(resource.group), "version": .string(resource.card.version), "kind": .string(resource.kind)]
    }
}

// Types: those asked for and all that they are made of.
extension OpenAPI {
    private func types(of roots: [Schema.Shape], reviews: [Review]) -> [String: JSON] {
        let kinds = Dictionary(
            Resource.allCases.map { (Schema.shape(of: $0), kind($0)) }
                + Review.allCases.map { (.message($0.kind), ["group": .string($0.group), "version": "v1", "kind": .string($0.kind)]) }
        ) { first, _ in first }
        var result: [String: JSON] = [:]
        var waiting = roots + reviews.map { .message($0.kind) }
        while let shape = waiting.popLast() {
            switch shape {
            case .list(let element, _), .map(let element, _): waiting.append(element)
            case .message(let name):
                guard let message = schema[name], result[message.openName] == nil else { continue }
                result[message.openName] = type(message, kind: kinds[shape])
                waiting += message.members.values.map(\.shape)
            case .string, .integer, .boolean, .double, .quantity, .integerOrString, .time, .microTime, .bytes, .anything: break
            }
        }
        return result
    }

    private func type(_ message: Schema.Message, kind: JSON?) -> JSON {
        var properties = message.members.mapValues(property)
        var type: JSON = ["type": "object"]
        if let kind {
            properties["kind"] = ["type": "string"]
            properties["apiVersion"] = ["type": "string"]
            type["x-kubernetes-group-version-kind"] = [kind]
        }
        if message.isAtomic { type["x-kubernetes-map-type"] = "atomic" }
        type["properties"] = .object(properties)
        return type
    }

    private func property(_ field: Schema.Field) -> JSON {
        var property = value(field.shape)
        if let key = field.patchKey {
            property["x-kubernetes-patch-strategy"] = "merge"
            if !key.isEmpty { property["x-kubernetes-patch-merge-key"] = .string(key) }
        }
        return property
    }

    private func value(_ shape: Schema.Shape) -> JSON {
        switch shape {
        case .string, .quantity: return ["type": "string"]
        case .integer: return ["type": "integer", "format": "int64"]
        case .boolean: return ["type": "boolean"]
        case .double: return ["type": "number", "format": "double"]
        case .integerOrString: return ["type": "string", "format": "int-or-string"]
        case .time, .microTime: return ["type": "string", "format": "date-time"]
        case .bytes: return ["type": "string", "format": "byte"]
        case .anything: return ["type": "object"]
        case .message(let name):
            let reference: JSON = ["$ref": .string(version.reference + (schema[name]?.openName ?? name))]
            return version == .two ? reference : ["allOf": [reference]]
        case .map(let element, let isAtomic):
            var map: JSON = ["type": "object", "additionalProperties": value(element)]
            if isAtomic { map["x-kubernetes-map-type"] = "atomic" }
            return map
        case .list(let element, let kind):
            var list: JSON = ["type": "array", "items": value(element)]
            switch kind {
            case .atomic: list["x-kubernetes-list-type"] = "atomic"
            case .set: list["x-kubernetes-list-type"] = "set"
            case .keyed(let keys):
                list["x-kubernetes-list-type"] = "map"
                list["x-kubernetes-list-map-keys"] = .array(keys.map { .string($0) })
            }
            return list
        }
    }
}
