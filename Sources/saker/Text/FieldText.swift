// SPDX-License-Identifier: Apache-2.0
import RuleLanguage
import RuleTools

/// Fields of the rule language for a terminal of 80 columns.
enum FieldText {
    private static let width = 80
    private static let nameWidth = 24
    private static let typeWidth = 10

    /// All that is known of one field.
    static func whole(_ facts: FieldFacts) -> String {
        var rows = [
            ("type", (facts.isList ? "list of " : "") + facts.type.rawValue), ("argument", argument(facts)),
            ("sources", facts.sources.map(\.rawValue).sorted().joined(separator: ", ")), ("meaning", facts.meaning),
            ("needs", facts.need.rawValue),
            ("value", facts.isComputed ? "read in this version" : "none in this version: comparisons with it are false"),
            ("operators", facts.operators.joined(separator: " ")),
        ]
        let limits = [
            facts.isConditionOnly ? "cannot be printed" : nil, facts.takesFields ? nil : "is compared with constants only",
            facts.takesTransformers ? nil : "stands in no transformer", facts.isDeprecated ? "is deprecated" : nil,
        ].compactMap { $0 }
        if !limits.isEmpty { rows.append(("limits", limits.joined(separator: "; "))) }
        let lines = rows.flatMap { label, text in columns(label.padded(to: 10), TextWrap.lines(text, width: width - 13)) }
        return ([facts.name] + lines).map(\.withoutTrailingBlanks).joined(separator: "\n")
    }

    /// Many fields, a line each, in groups by the first part of the name; in brackets what a field needs. In the whole list the
    /// arguments of syscalls, which are many, are left out: its last line says how to see them.
    static func list(_ fields: [FieldFacts], isWhole: Bool) -> String {
        let shown = isWhole ? fields.filter { family(of: $0) == nil } : fields
        var lines: [String] = [], group = ""
        for facts in shown {
            let heading = heading(facts)
            if heading != group { lines += (lines.isEmpty ? [] : [""]) + [heading] }
            group = heading
            lines += row(facts)
        }
        let read = fields.filter(\.isComputed).count
        let rest = isWhole ? "; saker fields evt.arg, evt.rawarg and thread.cgroup list their many names" : ""
        let sum = "\(fields.count) fields, of which \(read) have values in this version (+)\(rest)"
        return (lines + [""] + TextWrap.lines(sum, width: width)).joined(separator: "\n")
    }

    private static func heading(_ facts: FieldFacts) -> String {
        let group = String(facts.name.prefix { $0 != "." })
        let sources = facts.sources.count == EventSource.allCases.count ? [] : facts.sources.map(\.rawValue).sorted()
        return sources.isEmpty ? group : "\(group) (\(sources.joined(separator: ", ")))"
    }

    private static func family(of facts: FieldFacts) -> String? {
        ["evt.arg.", "evt.rawarg.", "thread.cgroup."].first { facts.name.hasPrefix($0) && !facts.isComputed }
    }

    private static func row(_ facts: FieldFacts) -> [String] {
        let name = facts.name + brackets(facts)
        let type = (facts.isList ? "list" : facts.type.rawValue).padded(to: typeWidth)
        let needs = facts.need == .event ? "" : " [\(facts.need.rawValue)]"
        let texts = TextWrap.lines(facts.meaning + needs, width: width - nameWidth - typeWidth - 6)
        let mark = facts.isComputed ? "+" : "-"
        let isLong = name.count > nameWidth
        let label = "\(mark) \(isLong ? String(repeating: " ", count: nameWidth) : name.padded(to: nameWidth))  \(type)"
        let body = columns(label, texts, indent: "")
        guard isLong else { return body }
        // A long name stands on a line of its own, and keeps the mark.
        return ["\(mark) \(name)"] + body.map { " " + $0.dropFirst() }
    }

    private static func brackets(_ facts: FieldFacts) -> String {
        let word: String
        switch facts.argument {
        case .none: return ""
        case .generations, .index: word = "n"
        case .variable: word = "VAR"
        case .pointer: word = "/path"
        case .name: word = "name"
        case .place: word = "n|path"
        }
        return "[\(word)]"
    }

    private static func argument(_ facts: FieldFacts) -> String {
        let what: String
        switch facts.argument {
        case .none: return "none"
        case .generations: what = "how many generations up; without it, any ancestor from the parent on"
        case .variable: what = "the name of a variable"
        case .index: what = "a number, counted from 0"
        case .pointer: what = "a JSON pointer, such as /stage"
        case .name: what = "a name"
        case .place: what = "a number, counted from 0, or a path, which may be a pattern"
        }
        return "\(facts.isArgumentRequired ? "required" : "optional"): \(what)"
    }

    private static func columns(_ label: String, _ texts: [String], indent: String = "  ") -> [String] {
        let blank = String(repeating: " ", count: label.count)
        return texts.enumerated().map { "\(indent)\($0 == 0 ? label : blank) \($1)" }
    }
}
