// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// What a rehearsal would have changed, laid over what the server holds. Pure: it asks nobody.
struct RehearsalOverlay {
    /// What is known about one object.
    enum Entry {
        /// The server holds an object of that name; the rehearsal sees it like this.
        case changed(JSONValue)
        /// Only the rehearsal made it.
        case created(JSONValue)
        /// The rehearsal deleted it.
        case deleted
    }

    private var entries: [ObjectReference: Entry] = [:]

    func entry(_ object: ObjectReference) -> Entry? { entries[object] }

    mutating func set(_ object: ObjectReference, _ entry: Entry) { entries[object] = entry }

    /// A list as the rehearsal sees it: its own objects in place of the server's, those it made added, those it deleted left out.
    func applied(
        to list: ObjectList, _ resource: KubeResource, in namespace: String?, _ options: ListOptions
    ) throws(KubeError) -> ObjectList {
        let selection = try Selection(options)
        var items = list.items.filter { item in
            guard let name = item["metadata"]?["name"]?.string else { return true }
            return entries[ObjectReference(resource, name, in: item["metadata"]?["namespace"]?.string)] == nil
        }
        let own = entries.filter { entry in
            entry.key.resource == resource && entry.key.subresource == nil && (namespace == nil || entry.key.namespace == namespace)
        }
        for (_, entry) in own.sorted(by: { $0.key.description < $1.key.description }) {
            switch entry {
            case .changed(let object), .created(let object):
                if selection.matches(object) { items.append(object) }
            case .deleted: break
            }
        }
        return ObjectList(items: items, resourceVersion: list.resourceVersion)
    }
}

extension JSONValue {
    /// The value after an RFC 7396 merge patch.
    func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = object ?? [:]
        for (name, change) in changes {
            members[name] = change == .null ? nil : (members[name] ?? .null).merged(with: change)
        }
        return .object(members)
    }

    /// True when there is a list anywhere in the value.
    var holdsList: Bool {
        switch self {
        case .array: true
        case .object(let members): members.values.contains(where: \.holdsList)
        case .null, .bool, .int, .double, .string: false
        }
    }
}
