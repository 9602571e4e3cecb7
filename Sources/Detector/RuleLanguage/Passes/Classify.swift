// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Which event types a condition can be true for.
enum EventTypes: Hashable, Sendable {
    case all
    case only(Set<String>)
    case none

    /// How many types, out of all that there are.
    var count: Int {
        switch self {
        case .all: EventTypeNames.all.count
        case .only(let names): names.count
        case .none: 0
        }
    }

    func contains(_ name: String) -> Bool {
        switch self {
        case .all: true
        case .only(let names): names.contains(name)
        case .none: false
        }
    }

    fileprivate var names: Set<String> {
        switch self {
        case .all: Set(EventTypeNames.all)
        case .only(let names): names
        case .none: []
        }
    }

    fileprivate init(_ names: Set<String>) {
        self = names.isEmpty ? .none : names.count == EventTypeNames.all.count ? .all : .only(names)
    }
}

/// Pass 6: the event types follow from a condition by set algebra. A test of `evt.type` gives a set, any other test gives all;
/// `and` intersects, `or` unites, and `not` goes down to the tests by De Morgan's laws, so that a negated test of another field
/// still gives all.
enum Classify {
    static func eventTypes(of condition: CheckedCondition) -> EventTypes { types(condition, negated: false) }

    private static func types(_ condition: CheckedCondition, negated: Bool) -> EventTypes {
        switch condition {
        case .and(let parts):
            negated
                ? parts.reduce(.none) { unite($0, types($1, negated: true)) }
                : parts.reduce(.all) { intersect($0, types($1, negated: false)) }
        case .or(let parts):
            negated
                ? parts.reduce(.all) { intersect($0, types($1, negated: true)) }
                : parts.reduce(.none) { unite($0, types($1, negated: false)) }
        case .not(let inner): types(inner, negated: !negated)
        case .failed: .all
        case .test(let predicate): types(predicate, negated: negated)
        }
    }

    private static func types(_ predicate: Predicate, negated: Bool) -> EventTypes {
        if let truth = constant(predicate) { return truth != negated ? .all : .none }
        guard predicate.left.field == .eventType, predicate.left.transformers.isEmpty,
            let accepts = accepted(by: predicate.comparison)
        else { return .all }
        return EventTypes(accepts.symmetricDifference(negated ? Set(EventTypeNames.all) : []))
    }

    private static func accepted(by comparison: Comparison) -> Set<String>? {
        switch comparison {
        case .exists: Set(EventTypeNames.all)
        case .text(.relation(.equal), let name): [String(decoding: name, as: UTF8.self)]
        case .text(.relation(.notEqual), let name): Set(EventTypeNames.all).subtracting([String(decoding: name, as: UTF8.self)])
        case .texts(let names): Set(names.map { String(decoding: $0, as: UTF8.self) })
        case .text, .number, .numbers, .flag, .paths, .address, .addresses, .operand, .operandText, .elements, .every: nil
        }
    }

    /// What a test comes to for every event there is. Events are counted from 1: `evt.num=0` is how rules say "never".
    static func constant(_ predicate: Predicate) -> Bool? {
        guard predicate.left.field == .eventNumber, case .number(let relation, let number) = predicate.comparison else { return nil }
        switch relation {
        case .equal, .lessOrEqual: return number <= 0 ? false : nil
        case .less: return number <= 1 ? false : nil
        case .greater: return number < 1 ? true : nil
        case .greaterOrEqual: return number <= 1 ? true : nil
        case .notEqual: return number <= 0 ? true : nil
        }
    }

    private static func intersect(_ a: EventTypes, _ b: EventTypes) -> EventTypes {
        if a == .all { return b }
        if b == .all { return a }
        return EventTypes(a.names.intersection(b.names))
    }

    private static func unite(_ a: EventTypes, _ b: EventTypes) -> EventTypes {
        if a == .none { return b }
        if b == .none { return a }
        if a == .all || b == .all { return .all }
        return EventTypes(a.names.union(b.names))
    }
}

extension EventTypes {
    func accepts(_ kind: EventKind) -> Bool { kind.reportedNames.contains { contains($0) } }
}

extension EventKind {
    /// The values that `evt.type` can have for events of this kind.
    fileprivate var reportedNames: Set<String> {
        switch family {
        case .snapshot: []
        // A successful execveat is reported as execve.
        case .exec: [name, EventKind.execve.name]
        case .fork, .exit, .open, .connect, .call: [name]
        }
    }
}
