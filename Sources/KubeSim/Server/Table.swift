// SPDX-License-Identifier: Apache-2.0

/// The rows that kubectl prints: asked for by `Accept: application/json;as=Table;v=v1;g=meta.k8s.io`.
struct Table {
    /// What a row carries beside its cells.
    enum IncludedObject: String {
        case none = "None"
        case metadata = "Metadata"
        case object = "Object"
    }

    var resource: Resource
    /// Seconds since 1970.
    var now: Int64
    var includes: IncludedObject = .metadata

    func json(_ objects: [JSON], listMetadata: JSON?) -> JSON {
        let columns = Column.all(of: resource, age: Age(now: now))
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": listMetadata ?? [:],
            "columnDefinitions": .array(columns.map(\.definition)), "rows": .array(objects.map { row($0, columns) }),
        ]
    }

    private func row(_ object: JSON, _ columns: [Column]) -> JSON {
        var row: JSON = ["cells": .array(columns.map { $0.cell(object) })]
        switch includes {
        case .none:
            break
        case .metadata:
            row["object"] = [
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"] ?? [:],
            ]
        case .object:
            row["object"] = object
        }
        return row
    }
}

/// One column of a table.
struct Column: Sendable {
    var name: String
    var type = "string"
    /// 0 for those that are always shown, 1 for those of `-o wide`.
    var priority: Int64 = 0
    var cell: @Sendable (JSON) -> JSON

    var definition: JSON {
        [
            "name": .string(name), "type": .string(type), "format": name == "Name" ? "name" : "", "description": "",
            "priority": .integer(priority),
        ]
    }

    static func text(_ name: String, wide: Bool = false, _ cell: @escaping @Sendable (JSON) -> String) -> Column {
        Column(name: name, priority: wide ? 1 : 0) { .string(cell($0)) }
    }

    static func number(_ name: String, _ cell: @escaping @Sendable (JSON) -> Int64?) -> Column {
        Column(name: name, type: "integer") { .integer(cell($0) ?? 0) }
    }

    /// The value at a path as text, or what stands for nothing.
    static func path(_ name: String, wide: Bool = false, or nothing: String = "<none>", _ path: String...) -> Column {
        text(name, wide: wide) { object in
            let value = path.reduce(Optional(object)) { $0?.member($1) }
            return value?.string ?? value?.integer.map(String.init) ?? nothing
        }
    }
}
