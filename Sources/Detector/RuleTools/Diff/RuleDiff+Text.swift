// SPDX-License-Identifier: Apache-2.0

public import EventModel
import SourceText

/// A difference in words and as JSON.
extension RuleDiff {
    /// A block a rule; for a terminal of that width.
    public func text(width: Int = 140) -> String {
        guard !isEmpty else { return "no rule differs\n" }
        var blocks = removed.map { "removed  \($0.visible)" } + added.map { "added    \($0.visible)" }
        blocks += changed.map { change in
            (["changed  \(change.rule.visible)"] + change.lines.flatMap { Self.wrapped($0, width) }).joined(separator: "\n")
        }
        let sum = "\(added.count) added, \(removed.count) removed, \(changed.count) changed"
        return (blocks + ["", sum]).map { $0 + "\n" }.joined()
    }

    private static func wrapped(_ line: String, _ width: Int) -> [String] {
        let lines = TextWrap.lines(line.visible, width: max(40, width - 8))
        return ["    " + lines[0]] + lines.dropFirst().map { "        " + $0 }
    }

    /// An object with `added` and `removed` (names) and `changed`: an object a rule with `rule` and what differs of it, among `enabled`
    /// (what it is now), `priority`, `output`, `desc` and `source` (each `old` and `new`), `tags` (`added` and `removed`),
    /// `condition` (an array of `change`, `macros`, `text`, and for other values `added` and `removed`), `exceptions` (by name).
    public var json: JSONValue {
        [
            "added": .array(added.map { .string($0) }), "removed": .array(removed.map { .string($0) }),
            "changed": .array(changed.map(\.json)),
        ]
    }
}

extension RuleDiff.Sets {
    var json: JSONValue { ["added": .array(added.map { .string($0) }), "removed": .array(removed.map { .string($0) })] }
}

extension RuleDiff.Change {
    private var pairs: [(name: String, pair: RuleDiff.Pair?)] {
        [("priority", priority), ("output", output), ("desc", description), ("source", source)]
    }

    fileprivate var lines: [String] {
        var lines = enabled.map { [$0 ? "is enabled now" : "is disabled now"] } ?? []
        for (name, pair) in pairs {
            guard let pair else { continue }
            let isShort = pair.old.count + pair.new.count < 60
            let long = ["\(name) was: \(pair.old.oneLine)", "\(name) is:  \(pair.new.oneLine)"]
            lines += isShort ? ["\(name): \(pair.old) -> \(pair.new)"] : long
        }
        if !tags.isEmpty { lines.append("tags: " + tags.text) }
        lines += condition.map { "condition\($0.whereabouts): \($0.sentence)" }
        lines += exceptions.sorted { $0.key < $1.key }.map { "exception \($0.key): \($0.value.text)" }
        return lines
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["rule": .string(rule)]
        if let enabled { members["enabled"] = .bool(enabled) }
        for (name, pair) in pairs {
            if let pair { members[name] = ["old": .string(pair.old), "new": .string(pair.new)] }
        }
        if !tags.isEmpty { members["tags"] = tags.json }
        if !condition.isEmpty { members["condition"] = .array(condition.map(\.json)) }
        if !exceptions.isEmpty { members["exceptions"] = .object(exceptions.mapValues(\.json)) }
        return .object(members)
    }
}

extension RuleDiff.Sets {
    fileprivate var text: String {
        let gone = removed.isEmpty ? nil : "without " + removed.joined(separator: ", ")
        let new = added.isEmpty ? nil : "with " + added.joined(separator: ", ")
        return [gone, new].compactMap { $0 }.joined(separator: "; ")
    }
}

extension ConditionChange {
    fileprivate var whereabouts: String { macros.isEmpty ? "" : ", in macro " + macros.joined(separator: ", in ") }

    fileprivate var sentence: String {
        switch kind {
        case .removed: "without " + text
        case .added: "with " + text
        case .values:
            [
                "\(text):", without.isEmpty ? nil : "without \(without.joined(separator: ", "))" + (with.isEmpty ? "" : ";"),
                with.isEmpty ? nil : "with \(with.joined(separator: ", "))",
            ].compactMap { $0 }.joined(separator: " ")
        }
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "change": .string(kind.rawValue), "macros": .array(macros.map { .string($0) }), "text": .string(text),
        ]
        if kind == .values {
            members["added"] = .array(with.map { .string($0) })
            members["removed"] = .array(without.map { .string($0) })
        }
        return .object(members)
    }
}

extension String {
    /// The text with each run of white space as one blank.
    var oneLine: String { split { $0.isWhitespace }.joined(separator: " ") }
}
