// SPDX-License-Identifier: Apache-2.0

/// What wakes a watch.
enum WatchSignal: Sendable {
    case change(ClusterState.Change)
    case bookmarkDue
    case timeUp
}

/// One event as a watcher sees it.
struct WatchEvent: Hashable, Sendable {
    var type: String
    var object: JSON

    /// The change as seen through a selection: an object that enters it is added, one that leaves it is deleted.
    init?(_ change: ClusterState.Change, _ selection: Selection) {
        guard change.resource == selection.resource.stored else { return nil }
        let before = change.old.flatMap { selection.contains($0) ? $0 : nil }
        let after = change.new.flatMap { selection.contains($0) ? $0 : nil }
        switch (before, after) {
        case (nil, nil): return nil
        case (nil, let new?): self.init("ADDED", selection.resource.shown(new))
        case (_?, let new?): self.init("MODIFIED", selection.resource.shown(new))
        case (var old?, nil):
            old["metadata", "resourceVersion"] = .string(String(change.version))
            self.init("DELETED", selection.resource.shown(old))
        }
    }

    init(_ type: String, _ object: JSON) {
        self.type = type
        self.object = object
    }

    /// `endsInitialEvents`: whether it says that all that there was has been told.
    static func bookmark(_ resource: Resource, version: Int64, endsInitialEvents: Bool = false) -> WatchEvent {
        var object: JSON = [
            "kind": .string(resource.kind), "apiVersion": .string(resource.apiVersion),
            "metadata": ["resourceVersion": .string(String(version))],
        ]
        if endsInitialEvents { object["metadata", "annotations", "k8s.io/initial-events-end"] = "true" }
        return WatchEvent("BOOKMARK", object)
    }
}

/// Where a watch begins.
enum WatchStart: Sendable {
    /// With everything that exists, as if it were just added.
    case everything
    /// After a version that the client already knows.
    case after(Int64)
    /// With what happens next.
    case now

    init(query: [String: String]) throws(APIStatus) {
        let initial = query["sendInitialEvents"]
        if initial != nil, query["resourceVersionMatch"] != "NotOlderThan" {
            throw .invalid(
                kind: "ListOptions", group: "meta.k8s.io", "", field: "resourceVersionMatch", value: query["resourceVersionMatch"] ?? "",
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
        }
        guard initial != "true", let query = query["resourceVersion"], !query.isEmpty, query != "0" else {
            self = initial == "false" ? .now : .everything
            return
        }
        guard let version = Int64(query), version > 0 else {
            throw .badRequest("Invalid value: \"\(query)\": the resource version must be a whole number")
        }
        self = .after(version)
    }

    func past(_ selection: Selection, in state: ClusterState) throws(APIStatus) -> [WatchEvent] {
        switch self {
        case .everything:
            let all = state.all(selection.resource.stored).map(\.object).filter(selection.contains)
            return all.map { WatchEvent("ADDED", selection.resource.shown($0)) }
        case .now: return []
        case .after(let version):
            guard version >= state.oldestVersion else {
                throw .expired("too old resource version: \(version) (\(state.oldestVersion))")
            }
            return state.changes(after: version).compactMap { WatchEvent($0, selection) }
        }
    }
}

/// A subscription: the past first, then the signals, in order and without a gap.
struct WatchFeed: Sendable {
    var selection: Selection
    var past: [WatchEvent]
    /// The version up to which the past reaches.
    var version: Int64
    var signals: AsyncStream<WatchSignal>
    var control: AsyncStream<WatchSignal>.Continuation
    var end: @Sendable () async -> Void
}
