// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// How much of a list a client wants at once, and where it goes on.
struct ListPage: Sendable {
    var limit: Int?
    var token: String?

    init(query: [String: String]) {
        limit = query["limit"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        token = query["continue"].flatMap { $0.isEmpty ? nil : $0 }
    }

    func list(_ selection: Selection, in state: ClusterState) throws(APIStatus) -> JSON {
        let start = try token.map { token throws(APIStatus) in try ListPage.place(token, oldest: state.oldestVersion) }
        var matches = state.all(selection.resource.stored).filter { selection.contains($0.object) }
        if let start { matches = matches.filter { start < $0.key } }
        let shown = limit.map { matches.prefix($0) } ?? matches[...]
        var metadata: JSON = ["resourceVersion": .string(String(state.version))]
        if let last = shown.last, shown.count < matches.count {
            metadata["continue"] = .string(ListPage.token(last.key, state.version))
            metadata["remainingItemCount"] = .integer(Int64(matches.count - shown.count))
        }
        return [
            "kind": .string(selection.resource.kind + "List"), "apiVersion": .string(selection.resource.apiVersion),
            "metadata": metadata, "items": .array(shown.map { ListPage.item(selection.resource.shown($0.object)) }),
        ]
    }

    // Kubernetes leaves kind and version out of the items of a typed list.
    private static func item(_ object: JSON) -> JSON {
        var item = object
        item["kind"] = nil
        item["apiVersion"] = nil
        return item
    }

    private static func token(_ key: ClusterState.Key, _ version: Int64) -> String {
        let place: JSON = ["version": .integer(version), "namespace": .string(key.namespace), "name": .string(key.name)]
        return Data(place.text.utf8).base64EncodedString()
    }

    private static func place(_ token: String, oldest: Int64) throws(APIStatus) -> ClusterState.Key {
        guard let bytes = Data(base64Encoded: token), let place = try? JSON(parsing: bytes), let version = place["version"]?.integer,
            let namespace = place["namespace"]?.string, let name = place["name"]?.string
        else { throw .badRequest("continue key is not valid") }
        guard version >= oldest else {
            throw .expired("The provided continue parameter is too old to display a consistent list result.")
        }
        return ClusterState.Key(namespace: namespace, name: name)
    }
}
