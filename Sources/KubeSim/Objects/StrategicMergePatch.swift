// SPDX-License-Identifier: Apache-2.0

/// Kubernetes' own patch: maps merge, lists merge by the schema's keys or are replaced, and directives that begin with a dollar sign
/// delete, replace and order.
enum StrategicMergePatch {
    static func merge(_ patch: JSON, into target: JSON?, _ shape: Schema.Shape, schema: Schema = .kubernetes) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        switch changes["$patch"]?.string {
        case "replace": return .object(changes.filter { !$0.key.hasPrefix("$") })
        case "delete": return [:]
        case _: break
        }
        var members = target?.members ?? [:]
        if let kept = changes["$retainKeys"] {
            let names = Set(kept.elements.compactMap(\.string))
            members = members.filter { names.contains($0.key) }
        }
        for (name, change) in changes where !name.hasPrefix("$") {
            let field = field(name, of: shape, schema)
            if case .array(let items) = change, let key = field.patchKey {
                let element = if case .list(let element, _) = field.shape { element } else { Schema.Shape.anything }
                members[name] = .array(merge(items, into: members[name]?.elements ?? [], by: key, element, schema))
            } else {
                members[name] = change == .null ? nil : merge(change, into: members[name], field.shape, schema: schema)
            }
        }
        for (name, change) in changes { direct(name, change, shape, schema, &members) }
        return .object(members)
    }

    private static func field(_ name: String, of shape: Schema.Shape, _ schema: Schema) -> (shape: Schema.Shape, patchKey: String?) {
        switch shape {
        case .message(let type): schema[type]?.members[name].map { ($0.shape, $0.patchKey) } ?? (.anything, nil)
        case .map(let element, _): (element, nil)
        case .string, .integer, .boolean, .double, .quantity, .integerOrString, .time, .microTime, .bytes, .anything, .list:
            (.anything, nil)
        }
    }

    private static func merge(
        _ items: [JSON], into list: [JSON], by key: String, _ element: Schema.Shape, _ schema: Schema
    ) -> [JSON] {
        if items.contains(where: { $0["$patch"] == "replace" }) { return items.filter { $0["$patch"] == nil } }
        return items.reduce(into: list) { list, item in
            let place = key.isEmpty ? list.firstIndex(of: item) : list.firstIndex { $0.member(key) == item.member(key) }
            if item["$patch"] == "delete" {
                if let place { list.remove(at: place) }
            } else if let place {
                list[place] = merge(item, into: list[place], element, schema: schema)
            } else {
                list.append(item)
            }
        }
    }

    /// Carries out the directives about a list that stand beside it.
    private static func direct(
        _ name: String, _ change: JSON, _ shape: Schema.Shape, _ schema: Schema, _ members: inout [String: JSON]
    ) {
        if name.hasPrefix("$deleteFromPrimitiveList/") {
            let list = String(name.dropFirst("$deleteFromPrimitiveList/".count))
            guard let old = members[list]?.elements else { return }
            members[list] = .array(old.filter { !change.elements.contains($0) })
        }
        if name.hasPrefix("$setElementOrder/") {
            let list = String(name.dropFirst("$setElementOrder/".count))
            guard let old = members[list]?.elements, let key = field(list, of: shape, schema).patchKey else { return }
            let order = change.elements.map { key.isEmpty ? $0 : $0.member(key) ?? .null }
            let places = old.enumerated().map { number, item in
                (order.firstIndex(of: key.isEmpty ? item : item.member(key) ?? .null) ?? .max, number, item)
            }
            members[list] = .array(places.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2))
        }
    }
}
