// SPDX-License-Identifier: Apache-2.0

import EventModel
public import RuleLanguage
public import SourceText

/// A rule in full: what it is for, what it is run for, what it reads, and its condition with macros and lists put in.
public struct RuleExplanation: Sendable {
    /// A field that the rule reads.
    public struct FieldUse: Sendable, Hashable {
        /// The field, with its argument.
        public let name: String
        /// What it means.
        public let meaning: String
        /// True when the condition reads it; false when the output alone does.
        public let isInCondition: Bool
        /// False for a field that nothing reads in this version: comparisons with it are false.
        public let isRead: Bool
    }

    /// The rule.
    public let rule: Rule
    /// The condition.
    public let condition: ConditionOutline
    /// The exceptions, in order.
    public let exceptions: [ExceptionOutline]
    /// The macros that it uses, those within macros among them, sorted.
    public let macros: [String]
    /// The lists that it and its macros name, with how many items each has.
    public let lists: [(name: String, count: Int)]
    /// The fields, sorted.
    public let fields: [FieldUse]
    /// The distinct comparisons, in order.
    public let predicates: [TestOutline]
    /// What loading had to say about the rule.
    public let warnings: [Diagnostic]

    /// Explains a rule of a study.
    public init(_ outline: RuleOutline, in study: RuleStudy) {
        rule = outline.rule
        condition = outline.condition
        exceptions = outline.exceptions
        macros = Set(outline.condition.macros).sorted()
        let texts = [outline.rule.condition] + macros.compactMap { study.words.macros[$0] }
        lists = Set(texts.flatMap { study.words.lists(in: $0) }).sorted().map { ($0, study.words.lists[$0]?.count ?? 0) }
        let asked = Set(outline.condition.tests.flatMap(\.operands))
        fields = outline.rule.fields.map { name in
            let field = try? FieldReference(name, of: EventSource(rawValue: outline.rule.source) ?? .syscall)
            return FieldUse(
                name: name, meaning: field?.meaning ?? "a value made of fields", isInCondition: asked.contains(name),
                isRead: field?.isRead ?? true)
        }
        var seen: Set<TestOutline> = []
        predicates = outline.condition.tests.filter { seen.insert($0).inserted }
        let item = "rule \"\(outline.rule.name.text)\""
        warnings = study.result.diagnostics.all.filter { $0.item == item || $0.item.hasSuffix(" of \(item)") }
    }

    /// All of it as text for a terminal of that width.
    public func text(width: Int = 140) -> String {
        let state = rule.enabled ? "" : ", disabled"
        var lines = [
            "\(rule.name.text)", "  \(rule.priority.name), source \(rule.source)\(state), at \(rule.location)",
        ]
        lines += Self.wrapped("tags: " + (rule.tags.isEmpty ? "none" : rule.tags.joined(separator: ", ")), width) + [""]
        lines += TextWrap.lines(rule.description.split { $0.isWhitespace }.joined(separator: " "), width: width - 2).map { "  " + $0 }
        lines += ["", "run for: " + (rule.eventTypes.isEmpty ? "every event" : rule.eventTypes.joined(separator: ", ")), ""]
        lines += ["condition, \(predicates.count) distinct comparisons:"]
        lines += TreeText(width: width - 2).lines(condition).map { "  " + $0 }
        if !macros.isEmpty { lines += ["", "macros:"] + Self.joined(macros, width) }
        if !lists.isEmpty { lines += ["", "lists:"] + Self.joined(lists.map { "\($0.name) (\($0.count))" }, width) }
        if !exceptions.isEmpty { lines += ["", "exceptions:"] + exceptions.map { "  " + $0.text } }
        lines += ["", "fields:"] + fieldLines(width)
        if !warnings.isEmpty { lines += ["", "warnings:"] + warnings.flatMap { Self.wrapped("\($0.message) [\($0.code)]", width) } }
        return lines.map { $0.visible + "\n" }.joined()
    }

    private func fieldLines(_ width: Int) -> [String] {
        var table = TextTable(columns: ["FIELD", "READ BY", "MEANING"], wrapping: [2])
        for field in fields {
            let meaning = field.isRead ? field.meaning : "NOT CAPTURED in this version: " + field.meaning
            table.add([field.name, field.isInCondition ? "condition" : "output", meaning])
        }
        return table.text(width: width - 2).split(separator: "\n").map { "  " + $0 }
    }

    private static func joined(_ names: [String], _ width: Int) -> [String] { wrapped(names.joined(separator: ", "), width) }

    private static func wrapped(_ text: String, _ width: Int) -> [String] {
        TextWrap.lines(text, width: width - 2).map { "  " + $0 }
    }
}

extension ExceptionOutline {
    /// The exception in one line.
    var text: String {
        let tests = zip(fields, comparisons).map { "\($0) \($1)" }.joined(separator: ", ")
        return "\(name): \(tests): " + (values.isEmpty ? "no values yet" : values.joined(separator: ", "))
    }
}
