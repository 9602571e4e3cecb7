// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Transport

/// A list that arrives page by page.
struct ListPages {
    private let resource: KubeResource
    private let options: ListOptions
    private var items: [JSONValue] = []
    private var token: String?
    private var wasRestarted = false
    private var count = 0

    /// Five million objects, at 500 a page: a list that does not end before has no end.
    static let pageLimit = 10_000

    init(_ resource: KubeResource, _ options: ListOptions) {
        self.resource = resource
        self.options = options
    }

    /// The query of the next page. After a restart the whole list is asked for at once, since a page token grew too old before.
    var query: [(name: String, value: String)] {
        var items = options.selectors
        if !wasRestarted { items.append(("limit", String(options.pageSize))) }
        if let token { items.append(("continue", token)) }
        return items
    }

    /// Takes a page; returns the whole list when it was the last.
    mutating func take(_ page: JSONValue, _ call: KubeCall) throws(KubeError) -> ObjectList? {
        guard let metadata = page["metadata"], page["items"] != nil else {
            throw KubeError(.decode, "\(call): the answer is no list. Is the address an API server's?")
        }
        items += (page["items"]?.array ?? []).map(named)
        count += 1
        let next = metadata["continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        guard next == nil || next != token, count <= Self.pageLimit else {
            throw KubeError(.decode, "\(call): the server's pages do not end: after \(count) it names one that was read already.")
        }
        token = next
        guard token == nil else { return nil }
        return ObjectList(items: items, resourceVersion: metadata["resourceVersion"]?.string ?? "")
    }

    /// Begins anew after a page token has expired; false when that was done before or no token was in use.
    mutating func restart() -> Bool {
        guard token != nil, !wasRestarted else { return false }
        wasRestarted = true
        items = []
        token = nil
        count = 0
        return true
    }

    /// The server leaves out of a list's items what the list itself says.
    private func named(_ item: JSONValue) -> JSONValue {
        guard case .object(var members) = item, members["kind"] == nil else { return item }
        members["kind"] = .string(resource.kind)
        members["apiVersion"] = .string(resource.apiVersion)
        return .object(members)
    }
}

extension ListOptions {
    var selectors: [(name: String, value: String)] {
        var items: [(name: String, value: String)] = []
        if let labelSelector { items.append(("labelSelector", labelSelector)) }
        if let fieldSelector { items.append(("fieldSelector", fieldSelector)) }
        return items
    }
}

extension WriteOptions {
    var query: String { PercentEncoding.query(items) }

    /// The query of a patch. Throws `invalid` for an apply that nobody owns, which no server takes.
    func query(for patch: Patch, _ call: KubeCall) throws(KubeError) -> String {
        switch patch {
        case .merge, .json, .strategic: return query
        case .apply(_, let isForced):
            guard fieldManager != nil else {
                throw KubeError(.invalid, "\(call): an apply needs a field manager, in whose name it is done.", isKnownUnsent: true)
            }
            return PercentEncoding.query(items + (isForced ? [("force", "true")] : []))
        }
    }

    private var items: [(name: String, value: String)] {
        var items: [(name: String, value: String)] = []
        if isDryRun { items.append(("dryRun", "All")) }
        if let fieldManager { items.append(("fieldManager", fieldManager)) }
        return items
    }
}

extension ObjectReference {
    var path: String { resource.path(namespace: namespace, name: name) + (subresource.map { "/" + PercentEncoding.encode($0) } ?? "") }
}
