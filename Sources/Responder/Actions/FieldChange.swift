// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Some fields of one object as they were and as they shall be; null where there is none.
struct FieldChange {
    let before: [String: JSONValue]
    let after: [String: JSONValue]

    /// What is to be changed so that an object with the fields `now` has the wanted ones.
    init(wanted: [String: JSONValue], now: [String: JSONValue]) {
        after = wanted.filter { now[$0.key] ?? .null != $0.value }
        before = Dictionary(uniqueKeysWithValues: after.keys.map { ($0, now[$0] ?? .null) })
    }

    /// The change that an undo recipe tells of.
    init?(_ recipe: UndoRecipe?) {
        guard let before = recipe?.facts["before"]?.object, let after = recipe?.facts["after"]?.object else { return nil }
        self.init(before: before, after: after)
    }

    private init(before: [String: JSONValue], after: [String: JSONValue]) {
        self.before = before
        self.after = after
    }

    var reversed: FieldChange { FieldChange(before: after, after: before) }
    var isEmpty: Bool { after.isEmpty }
    /// What an undo recipe keeps of it.
    var facts: [String: JSONValue] { ["before": .object(before), "after": .object(after)] }

    /// True when an object with these fields is as the change found it.
    func isUndone(in now: [String: JSONValue]) -> Bool { before.allSatisfy { now[$0.key] ?? .null == $0.value } }

    /// The first field that is neither as the act left it nor as it was before, with what is different; nil when there is none.
    func changedSince(in now: [String: JSONValue], noun: String) -> String? {
        for (key, value) in after.sorted(by: { $0.key < $1.key }) {
            let found = now[key] ?? .null
            guard found != value, found != before[key] ?? .null else { continue }
            let difference =
                switch (value, found) {
                case (.object, .object): "is no more as it was set (\(ValueDifference.list(value, found, at: key).joined(separator: "; ")))"
                case _: "was \(Self.set(value)) and is \(Self.shown(found)) now"
                }
            return "\(noun) \(key) \(difference), so somebody else changed it"
        }
        return nil
    }

    private static func set(_ value: JSONValue) -> String { value == .null ? "removed" : "set to \(shown(value))" }

    static func shown(_ value: JSONValue) -> String { value.string.map { "'\($0)'" } ?? (value == .null ? "absent" : value.text) }
}

/// Two values held against each other.
enum ValueDifference {
    // Enough to see what happened; a sentence is no place for a whole pod template.
    private static let most = 5

    /// What is different, each as a path with both values; at most five.
    static func list(_ left: JSONValue, _ right: JSONValue, at path: String) -> [String] {
        let all = differences(left, right, path)
        return all.count > most ? Array(all.prefix(most)) + ["and \(all.count - most) more"] : all
    }

    /// True when the right value has all that the left one says; a server may have filled in more.
    static func holds(_ left: JSONValue, in right: JSONValue) -> Bool {
        switch (left, right) {
        case (.object(let members), .object(let found)):
            members.allSatisfy { holds($0.value, in: found[$0.key] ?? .null) }
        case (.array(let items), .array(let found)):
            items.count == found.count && zip(items, found).allSatisfy { holds($0, in: $1) }
        case (.array(let items), .null): items.isEmpty
        case _: left == right
        }
    }

    private static func differences(_ left: JSONValue, _ right: JSONValue, _ path: String) -> [String] {
        switch (left, right) {
        case (.object(let one), .object(let other)):
            Set(one.keys).union(other.keys).sorted().flatMap { key in
                differences(one[key] ?? .null, other[key] ?? .null, path + "." + key)
            }
        case (.array(let one), .array(let other)) where one.count == other.count:
            one.indices.flatMap { differences(one[$0], other[$0], path + "[\($0)]") }
        case _:
            left == right ? [] : ["\(path): \(FieldChange.shown(left)), now \(FieldChange.shown(right))"]
        }
    }
}

extension JSONValue {
    /// The RFC 7396 merge patch that makes the other value of this one.
    func mergePatch(to other: JSONValue) -> JSONValue {
        guard case .object(let old) = self, case .object(let new) = other else { return other }
        var patch: [String: JSONValue] = [:]
        for (name, value) in new where old[name] != value { patch[name] = (old[name] ?? .null).mergePatch(to: value) }
        for name in old.keys where new[name] == nil { patch[name] = .null }
        return .object(patch)
    }

    /// The value without members that are null, at any depth.
    var withoutNulls: JSONValue {
        switch self {
        case .object(let members): .object(members.filter { $0.value != .null }.mapValues(\.withoutNulls))
        case .array(let items): .array(items.map(\.withoutNulls))
        case .null, .bool, .int, .double, .string: self
        }
    }
}
