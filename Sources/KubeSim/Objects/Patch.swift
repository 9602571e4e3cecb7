// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The patch languages of the API, chosen by the request's content type.
enum PatchKind: String, CaseIterable, Sendable {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategic = "application/strategic-merge-patch+json"
    /// Server-side apply, whose body must be the JSON that YAML includes.
    case apply = "application/apply-patch+yaml"

    static func of(contentType: String?) throws(APIStatus) -> PatchKind {
        let name = contentType?.split(separator: ";").first.map { $0.filter { !$0.isWhitespace } } ?? ""
        guard let kind = PatchKind(rawValue: name) else {
            throw .unsupportedMediaType(PatchKind.allCases.map(\.rawValue))
        }
        return kind
    }

    /// The object after the patch; the object itself stays as it was. An apply is no patch of this kind: it needs the fields' owners.
    func apply(_ patch: JSON, to object: JSON, _ shape: Schema.Shape) throws(APIStatus) -> JSON {
        switch self {
        case .apply: throw .unsupportedMediaType(PatchKind.allCases.map(\.rawValue))
        case .json: return try JSONPatch.apply(patch, to: object)
        case .merge:
            guard case .object = patch else { throw .badRequest("a merge patch must be a JSON object") }
            return MergePatch.merge(patch, into: object)
        case .strategic:
            guard case .object = patch else { throw .badRequest("a strategic merge patch must be a JSON object") }
            return StrategicMergePatch.merge(patch, into: object, shape)
        }
    }
}

/// RFC 7386: maps are merged, null removes, everything else replaces.
enum MergePatch {
    static func merge(_ patch: JSON, into target: JSON?) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var members = target?.members ?? [:]
        for (name, change) in changes {
            members[name] = change == .null ? nil : merge(change, into: members[name])
        }
        return .object(members)
    }
}

/// RFC 6902: a list of operations, all of which must succeed.
enum JSONPatch {
    static func apply(_ patch: JSON, to object: JSON) throws(APIStatus) -> JSON {
        guard case .array(let operations) = patch else { throw .badRequest("a JSON patch must be a list of operations") }
        var result = object
        for operation in operations { try apply(operation, &result) }
        return result
    }

    private static func apply(_ operation: JSON, _ document: inout JSON) throws(APIStatus) {
        let path = try pointer(operation["path"])
        switch operation["op"]?.string {
        case "add":
            try change(&document, path[...], .add(try value(operation)))
        case "replace":
            try change(&document, path[...], .replace(try value(operation)))
        case "remove":
            try change(&document, path[...], .remove)
        case "move":
            let from = try pointer(operation["from"])
            let moved = try read(document, from)
            try change(&document, from[...], .remove)
            try change(&document, path[...], .add(moved))
        case "copy":
            try change(&document, path[...], .add(try read(document, try pointer(operation["from"]))))
        case "test":
            guard try read(document, path) == value(operation) else { throw .failedPatch }
        case _:
            throw .badRequest("a JSON patch operation must be add, remove, replace, move, copy or test")
        }
    }

    private enum Change {
        case add(JSON)
        case replace(JSON)
        case remove
    }

    private static func value(_ operation: JSON) throws(APIStatus) -> JSON {
        guard let value = operation["value"] else { throw .badRequest("a JSON patch operation lacks its value") }
        return value
    }

    private static func pointer(_ text: JSON?) throws(APIStatus) -> [String] {
        guard let text = text?.string, text.isEmpty || text.hasPrefix("/") else {
            throw .badRequest("a JSON pointer must be empty or begin with a slash")
        }
        return text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
    }

    private static func read(_ document: JSON, _ path: [String]) throws(APIStatus) -> JSON {
        var place = document
        for name in path {
            let next: JSON? =
                if case .array(let items) = place { Int(name).flatMap { items.indices.contains($0) ? items[$0] : nil } } else {
                    place.member(name)
                }
            guard let next else { throw .failedPatch }
            place = next
        }
        return place
    }

    private static func change(_ document: inout JSON, _ path: ArraySlice<String>, _ change: Change) throws(APIStatus) {
        guard let name = path.first else {
            switch change {
            case .add(let value), .replace(let value): document = value
            case .remove: throw .failedPatch
            }
            return
        }
        switch document {
        case .object(var members):
            try changeMember(&members, name, path.dropFirst(), change)
            document = .object(members)
        case .array(var items):
            try changeElement(&items, name, path.dropFirst(), change)
            document = .array(items)
        case .null, .bool, .integer, .number, .string:
            throw .failedPatch
        }
    }

    private static func changeMember(
        _ members: inout [String: JSON], _ name: String, _ rest: ArraySlice<String>, _ change: Change
    ) throws(APIStatus) {
        guard rest.isEmpty else {
            guard var child = members[name] else { throw .failedPatch }
            try JSONPatch.change(&child, rest, change)
            members[name] = child
            return
        }
        switch change {
        case .add(let value):
            members[name] = value
        case .replace(let value):
            guard members[name] != nil else { throw .failedPatch }
            members[name] = value
        case .remove:
            guard members.removeValue(forKey: name) != nil else { throw .failedPatch }
        }
    }

    private static func changeElement(
        _ items: inout [JSON], _ name: String, _ rest: ArraySlice<String>, _ change: Change
    ) throws(APIStatus) {
        if rest.isEmpty, case .add(let value) = change {
            let place = name == "-" ? items.count : Int(name) ?? -1
            guard (0...items.count).contains(place) else { throw .failedPatch }
            items.insert(value, at: place)
            return
        }
        guard let place = Int(name), items.indices.contains(place) else { throw .failedPatch }
        if rest.isEmpty, case .remove = change {
            items.remove(at: place)
        } else {
            try JSONPatch.change(&items[place], rest, change)
        }
    }
}
