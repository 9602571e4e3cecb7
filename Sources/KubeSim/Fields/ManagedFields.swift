// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// Who writes, and how: what `metadata.managedFields` remembers of a request.
struct FieldManager: Hashable, Sendable {
    enum Operation: String, Sendable {
        case apply = "Apply"
        case update = "Update"
    }

    var name: String
    var operation: Operation
    var apiVersion: String
    var subresource: String = ""

    /// The name in conflicts.
    var shown: String {
        JSON.string(name).text + (subresource.isEmpty ? "" : " with subresource \(JSON.string(subresource).text)")
            + (operation == .update ? " using \(apiVersion)" : "")
    }
}

/// The owners of an object's fields, and what server-side apply makes of them.
struct ManagedFields {
    private struct Entry: Hashable {
        var manager: FieldManager
        var time: String
        var fields: FieldSet
    }

    private var entries: [Entry]
    private let walk = FieldWalk()
    private let shape: Schema.Shape

    init(_ object: JSON, _ shape: Schema.Shape) {
        self.shape = shape
        entries = (object["metadata", "managedFields"]?.elements ?? []).compactMap { entry in
            guard let operation = FieldManager.Operation(rawValue: entry["operation"]?.string ?? "") else { return nil }
            let manager = FieldManager(
                name: entry["manager"]?.string ?? "", operation: operation, apiVersion: entry["apiVersion"]?.string ?? "",
                subresource: entry["subresource"]?.string ?? "")
            return Entry(manager: manager, time: entry["time"]?.string ?? "", fields: FieldSet(json: entry["fieldsV1"] ?? [:]))
        }
    }

    /// The value of `metadata.managedFields`; nil when nobody owns anything.
    var json: JSON? {
        let owners = entries.filter { !$0.fields.isEmpty }.sorted { left, right in
            (left.manager.operation.rawValue, left.time, left.manager.name)
                < (right.manager.operation.rawValue, right.time, right.manager.name)
        }
        guard !owners.isEmpty else { return nil }
        return .array(
            owners.map { entry in
                var json: JSON = [
                    "manager": .string(entry.manager.name), "operation": .string(entry.manager.operation.rawValue),
                    "apiVersion": .string(entry.manager.apiVersion), "time": .string(entry.time), "fieldsType": "FieldsV1",
                    "fieldsV1": entry.fields.json,
                ]
                if !entry.manager.subresource.isEmpty { json["subresource"] = .string(entry.manager.subresource) }
                return json
            })
    }

    /// Notes a create, an update or a patch: what changed belongs to its manager, and to nobody else any more.
    mutating func update(from old: JSON?, to new: JSON, _ manager: FieldManager, time: String) {
        let changes = walk.changes(from: old.map(Self.owned) ?? [:], to: Self.owned(new), shape)
        for place in entries.indices where entries[place].manager != manager {
            entries[place].fields = entries[place].fields.subtracting(changes.set).subtracting(changes.removed)
        }
        let before = fields(of: manager)
        set(before.union(changes.set).subtracting(changes.removed), of: manager, time: time)
    }

    /// Lays an applied configuration over the live object and gives its fields to its manager; throws when others own what it changes.
    mutating func apply(
        _ config: JSON, over live: JSON?, _ manager: FieldManager, force: Bool, time: String
    ) throws(APIStatus) -> JSON {
        let given = config
        let config = Self.owned(config)
        // An object from before anybody was noted belongs to a stand-in, so that its fields are not taken over unseen.
        if let live, entries.isEmpty {
            var stranger = manager
            (stranger.name, stranger.operation) = ("before-first-apply", .update)
            set(walk.paths(Self.owned(live), shape), of: stranger, time: time)
        }
        let mine = walk.paths(config, shape)
        let others = entries.filter { $0.manager != manager }.reduce(FieldSet()) { $0.union($1.fields) }
        let before = live.map(Self.owned) ?? [:]
        let laid = walk.merged(config, over: before, shape)
        let gone = fields(of: manager).subtracting(mine)
        let merged = walk.pruned(laid, shape, gone: gone, kept: others.union(mine)) ?? [:]
        let changes = walk.changes(from: before, to: merged, shape)
        let conflicts = entries.filter { $0.manager != manager }
            .map { ($0.manager, $0.fields.intersection(changes.set)) }.filter { !$0.1.isEmpty }
        guard force || conflicts.isEmpty || isOwn(conflicts.map(\.1), live, manager) else {
            throw .applyConflict(conflicts.map { ($0.0.shown, $0.1.shownPaths) })
        }
        for place in entries.indices where entries[place].manager != manager {
            entries[place].fields = entries[place].fields.subtracting(changes.set).subtracting(changes.removed)
        }
        set(mine, of: manager, time: time)
        var object = Self.withIdentity(merged, of: live)
        // Keeps a later client-side apply from undoing what is applied here.
        if manager.name == "kubectl", object["metadata", "annotations", Self.lastApplied] != nil {
            object["metadata", "annotations", Self.lastApplied] = .string(given.text)
        }
        return object
    }

    /// Whether kubectl meets only what it has itself applied from the client's side before, by the annotation that it then leaves: it
    /// may take that over unasked.
    private func isOwn(_ conflicts: [FieldSet], _ live: JSON?, _ manager: FieldManager) -> Bool {
        guard manager.name == "kubectl", let live, let text = live["metadata", "annotations", Self.lastApplied]?.string,
            let applied = try? JSON(parsing: Data(text.utf8))
        else { return false }
        let (before, config) = (Self.owned(live), Self.owned(applied))
        let drifted = walk.changes(from: before, to: walk.merged(config, over: before, shape), shape).set
        var allowed = walk.paths(config, shape).subtracting(drifted)
        let annotations = FieldSet(children: [.field("annotations"): FieldSet(children: [.field(Self.lastApplied): .here])])
        allowed = allowed.union(FieldSet(children: [.field("metadata"): annotations]))
        return conflicts.allSatisfy { $0.subtracting(allowed).isEmpty }
    }

    private static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

    private func fields(of manager: FieldManager) -> FieldSet {
        entries.first { $0.manager == manager }?.fields ?? FieldSet()
    }

    private mutating func set(_ fields: FieldSet, of manager: FieldManager, time: String) {
        guard let place = entries.firstIndex(where: { $0.manager == manager }) else {
            entries.append(Entry(manager: manager, time: time, fields: fields))
            return
        }
        guard entries[place].fields != fields else { return }
        entries[place].fields = fields
        entries[place].time = time
    }
}

// What nobody owns: the fields by which an object is found, and those that the server alone writes.
extension ManagedFields {
    private static let unownedMetadata = [
        "name", "namespace", "generateName", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "managedFields", "selfLink",
    ]

    private static func owned(_ object: JSON) -> JSON {
        var object = object
        object["kind"] = nil
        object["apiVersion"] = nil
        for field in unownedMetadata { object["metadata", field] = nil }
        if object["metadata"]?.members.isEmpty == true { object["metadata"] = nil }
        return object
    }

    private static func withIdentity(_ merged: JSON, of live: JSON?) -> JSON {
        var object = merged
        object["kind"] = live?["kind"]
        object["apiVersion"] = live?["apiVersion"]
        for field in unownedMetadata { object["metadata", field] = live?["metadata"]?.member(field) }
        return object
    }
}

extension APIStatus {
    /// The refusal of an apply: each field with the manager that owns it.
    fileprivate static func applyConflict(_ conflicts: [(manager: String, paths: [String])]) -> APIStatus {
        let causes = conflicts.flatMap { conflict in
            conflict.paths.map { (message: "conflict with \(conflict.manager)", field: $0) }
        }
        let word = causes.count == 1 ? "1 conflict" : "\(causes.count) conflicts"
        let list = conflicts.map { conflict in
            causes.count == 1
                ? "conflict with \(conflict.manager): \(conflict.paths[0])"
                : "conflicts with \(conflict.manager):\n" + conflict.paths.map { "- " + $0 }.joined(separator: "\n")
        }
        return APIStatus(
            code: 409, reason: "Conflict",
            message: "Apply failed with \(word): " + list.joined(separator: "\n"),
            details: [
                "causes": .array(
                    causes.map { ["reason": "FieldManagerConflict", "message": .string($0.message), "field": .string($0.field)] }),
            ])
    }
}
