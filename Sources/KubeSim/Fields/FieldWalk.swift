// SPDX-License-Identifier: Apache-2.0

/// Takes values apart along the schema: which paths they have, how two of them differ, how one is laid over another.
struct FieldWalk: Sendable {
    var schema: Schema = .kubernetes

    /// What changed from one value to another.
    struct Changes {
        /// Paths that are new or have another value.
        var set = FieldSet()
        var removed = FieldSet()
    }

    /// A value's parts that are owned one by one; nil for a value that is owned as a whole.
    private func parts(_ value: JSON?, _ shape: Schema.Shape) -> [(element: PathElement, value: JSON, shape: Schema.Shape)]? {
        switch (shape, value) {
        case (.message(let name), .object(let members)):
            guard let message = schema[name], !message.isAtomic else { return nil }
            return members.map { (.field($0.key), $0.value, message.members[$0.key]?.shape ?? .anything) }
        case (.map(let element, false), .object(let members)):
            return members.map { (.field($0.key), $0.value, element) }
        case (.list(let element, .set), .array(let items)):
            return items.map { (.value($0), $0, element) }
        case (.list(let element, .keyed(let keys)), .array(let items)):
            return items.map { (.key(FieldWalk.key($0, keys)), $0, element) }
        case (_, _): return nil
        }
    }

    // A port without a protocol is a port of TCP: the one key of the API that has a default.
    private static func key(_ item: JSON, _ keys: [String]) -> [String: JSON] {
        Dictionary(uniqueKeysWithValues: keys.map { ($0, item.member($0) ?? ($0 == "protocol" ? "TCP" : .null)) })
    }

    /// The paths that a client who sends this value owns.
    func paths(_ value: JSON, _ shape: Schema.Shape) -> FieldSet {
        guard let parts = parts(value, shape), !parts.isEmpty else { return .here }
        var set = FieldSet()
        for part in parts { set.children[part.element] = whole(part, shape) }
        return set
    }

    private func whole(_ part: (element: PathElement, value: JSON, shape: Schema.Shape), _ shape: Schema.Shape) -> FieldSet {
        var child = paths(part.value, part.shape)
        if case .list = shape { child.isMember = true }
        return child
    }

    /// How `new` differs from `old`; maps and elements that appear or go are themselves among the paths.
    func changes(from old: JSON?, to new: JSON?, _ shape: Schema.Shape) -> Changes {
        if old == new { return Changes() }
        let (before, after) = (parts(old, shape), parts(new, shape))
        guard before != nil || after != nil, (before != nil || old == nil), (after != nil || new == nil) else {
            return new == nil ? Changes(removed: .here) : Changes(set: .here)
        }
        var changes = Changes()
        let isMap = if case .map = shape { true } else { false }
        if old == nil { changes.set.isMember = isMap || after?.isEmpty == true }
        if new == nil { changes.removed.isMember = true }
        let olds = Dictionary((before ?? []).map { ($0.element, $0) }) { first, _ in first }
        let news = Dictionary((after ?? []).map { ($0.element, $0) }) { first, _ in first }
        for element in Set(olds.keys).union(news.keys) {
            guard let part = news[element] ?? olds[element] else { continue }
            var inner = self.changes(from: olds[element]?.value, to: news[element]?.value, part.shape)
            if case .list = shape {
                if olds[element] == nil { inner.set.isMember = true }
                if news[element] == nil { inner.removed.isMember = true }
            }
            changes.set[element] = inner.set
            changes.removed[element] = inner.removed
        }
        return changes
    }

    /// `config` laid over `live`: maps and keyed lists merge, sets unite, everything else is replaced.
    func merged(_ config: JSON, over live: JSON?, _ shape: Schema.Shape) -> JSON {
        guard let live, parts(config, shape) != nil, parts(live, shape) != nil else { return config }
        switch (shape, config) {
        case (.message, .object), (.map, .object):
            var members = live.members
            for part in parts(config, shape) ?? [] {
                guard case .field(let name) = part.element else { continue }
                members[name] = merged(part.value, over: members[name], part.shape)
            }
            return .object(members)
        case (.list, .array):
            var places = (parts(live, shape) ?? []).map { (element: $0.element, value: $0.value) }
            for part in parts(config, shape) ?? [] {
                if let place = places.firstIndex(where: { $0.element == part.element }) {
                    places[place].value = merged(part.value, over: places[place].value, part.shape)
                } else {
                    places.append((part.element, part.value))
                }
            }
            return .array(places.map(\.value))
        case (_, _): return config
        }
    }

    /// The value without what its applier owned and no longer gives, unless somebody owns it or a part of it still; nil when nothing is
    /// left of it.
    func pruned(_ value: JSON, _ shape: Schema.Shape, gone: FieldSet, kept: FieldSet) -> JSON? {
        guard !gone.isEmpty, let parts = parts(value, shape) else { return value }
        var rest: [(PathElement, JSON)] = []
        for part in parts {
            let (lost, held) = (gone[part.element], kept[part.element])
            if lost.isMember && held.isEmpty { continue }
            if let value = pruned(part.value, part.shape, gone: lost, kept: held) { rest.append((part.element, value)) }
        }
        if rest.isEmpty && !parts.isEmpty && !kept.isMember { return nil }
        if case .array = value { return .array(rest.map(\.1)) }
        return .object(
            rest.reduce(into: [:]) { members, part in
                if case .field(let name) = part.0 { members[name] = part.1 }
            })
    }
}
