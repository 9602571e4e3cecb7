// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Glibc

/// How often alerts of some rules are told to people. What is held back is counted and told in one summary.
public struct AlertLimit: Sendable, Hashable {
    /// The rules by name; `*`, `?` and `[...]` as in a shell. Empty: every rule.
    public var rule: String
    /// Only rules with this tag; empty: with any.
    public var tag: String
    /// How many alerts of one group are told at once in each window.
    public var first: Int
    /// The window's length in seconds, from a group's first alert on.
    public var seconds: Int
    /// Alerts of one rule that have these fields in common are one group.
    public var groupBy: [String]

    /// Brings the parts together.
    public init(rule: String = "", tag: String = "", first: Int = 1, seconds: Int = 60, groupBy: [String] = ["container.id"]) {
        precondition(first > 0 && seconds > 0)
        self.rule = rule
        self.tag = tag
        self.first = first
        self.seconds = seconds
        self.groupBy = groupBy
    }

    /// True when it speaks about the rule.
    public func covers(_ name: RuleName, tags: [String]) -> Bool {
        (rule.isEmpty || fnmatch(rule, name.text, 0) == 0) && (tag.isEmpty || tags.contains(tag))
    }
}

extension Alert {
    /// The fields that an alert has whether its output names them or not.
    public static let subjectFields = ["container.id", "k8s.ns.name", "k8s.pod.name", "proc.pid"]

    /// A field's value: the one that the output printed, else what is known of the subject.
    func value(of field: String) -> JSONValue {
        if let printed = fields[field] { return printed }
        switch field {
        case "container.id": return subject.container.map { .string(String($0.text.prefix(12))) } ?? "host"
        case "k8s.ns.name": return subject.namespace.map { .string($0.text) } ?? .null
        case "k8s.pod.name": return subject.pod.map { .string($0.text) } ?? .null
        case "proc.pid": return .int(Int64(subject.pid))
        case _: return .null
        }
    }
}
