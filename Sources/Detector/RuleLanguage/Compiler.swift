// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText

/// Takes what was collected through passes 3 to 7.
struct Compiler {
    /// Above this many event types, a rule is said to be run too often.
    private static let manyEventTypes = 100

    private let collected: Collected
    private let rules: [CollectedRule]
    private var lists: ListSubstitution
    private var resolver: Resolve
    private(set) var diagnostics = DiagnosticBag()
    // A wrong check in a macro concerns each rule that uses the macro, but is said once.
    private var said: Set<String> = []

    private var compiled: [CompiledRule] = []

    private struct CompiledRule {
        var rule: CollectedRule
        var condition: CheckedCondition
        var types: EventTypes
        var format: OutputFormat
    }

    init(_ collected: Collected, minimumPriority: Priority) {
        self.collected = collected
        rules = collected.rules.filter { $0.priority >= minimumPriority }
        lists = ListSubstitution(collected.lists)
        resolver = Resolve([], trees: [])
    }

    mutating func compile() -> RuleSet? {
        if let place = lists.tooLong {
            diagnostics.error(.validate, "with the lists that it names, the list comes to more than can be held", at: place.start)
            return nil
        }
        resolver = Resolve(collected.macros, trees: parseMacros())
        resolver.checkMacros()
        for rule in rules { compile(rule) }
        resolver.diagnostics.all.forEach { diagnostics.add($0) }
        warnOfUnused()
        guard !diagnostics.hasErrors else { return nil }
        return ruleSet()
    }

    private mutating func parseMacros() -> [ParsedCondition?] {
        var trees: [ParsedCondition?] = []
        for macro in collected.macros {
            trees.append(parse(macro.condition, item: "macro \"\(macro.name.text)\""))
        }
        return trees
    }

    private mutating func parse(_ text: PlacedText, item: String) -> ParsedCondition? {
        do throws(ParseError) {
            return try Parse.condition(lists.substitute(in: text))
        } catch {
            diagnostics.error(.condition, error.message, at: error.place.location, item: item)
            return nil
        }
    }

    private mutating func compile(_ rule: CollectedRule) {
        guard Collect.sources.contains(rule.sourceName) else {
            let hint = NearestName.hint(rule.sourceName, among: Collect.sources)
            return diagnostics.warning(
                .unknownSource, "unknown source '\(rule.sourceName)': the rule is left out\(hint)",
                at: rule.source?.start ?? rule.name.start, item: rule.item)
        }
        guard let parsed = parse(ExceptionFolder.fold(rule), item: rule.item) else { return }
        var check = Check()
        let condition = check.check(resolver.resolve(parsed, item: rule.item))
        var output = OutputParser(rule.output)
        let format = output.parse()
        let errors = check.errors.map { (LoadCode.condition, $0) } + output.errors.map { (LoadCode.output, $0) }
        if rule.skipIfUnknownFilter, let unknown = errors.first(where: { $0.1.isUnknownName })?.1 {
            return say(.warning, .unknownFilter, "the rule is left out: \(unknown.message)", unknown.place, rule)
        }
        for (code, error) in errors { say(.error, code, error.message, error.place, rule) }
        for warning in check.warnings { say(.warning, .conditionWarning, warning.message, warning.place, rule) }
        let types = Classify.eventTypes(of: condition)
        if errors.isEmpty, !condition.hasFailed, rule.warnEventTypes, types.count > Self.manyEventTypes {
            diagnostics.warning(
                .noEventType, "the rule matches too many evt.type values and is run for nearly every event; add a test of evt.type",
                at: rule.name.start, item: rule.item)
        }
        if errors.isEmpty { warnOfUnreported(types, rule) }
        compiled.append(CompiledRule(rule: rule, condition: condition, types: types, format: format))
    }

    // A rule that waits for what never comes would be silence, not safety.
    private mutating func warnOfUnreported(_ types: EventTypes, _ rule: CollectedRule) {
        guard rule.enabled, case .only(let names) = types else { return }
        let missing = names.subtracting(EventKind.allCases.map(\.name)).sorted()
        guard !missing.isEmpty else { return }
        let rest = missing.count == names.count ? "the rule can never match" : "the rule is run for the others only"
        diagnostics.warning(
            .notReported, "no event of type \(missing.joined(separator: ", ")) is reported in this version: \(rest)",
            at: rule.name.start, item: rule.item)
    }

    private mutating func say(
        _ severity: Diagnostic.Severity, _ code: LoadCode, _ message: String, _ place: Place, _ rule: CollectedRule
    ) {
        let location = place.location
        let key = "\(location.map { "\($0)" } ?? rule.name.text) \(severity.rawValue) \(message)"
        guard said.insert(key).inserted else { return }
        diagnostics.add(Diagnostic(severity, code.rawValue, message, at: location, item: rule.item))
    }

    private mutating func warnOfUnused() {
        for (index, macro) in collected.macros.enumerated() where !resolver.used.contains(index) {
            diagnostics.warning(
                .unusedMacro, "the macro is used by no rule and no other macro", at: macro.name.start, item: "macro \"\(macro.name.text)\"")
        }
        for (index, list) in collected.lists.enumerated() where !lists.used.contains(index) {
            diagnostics.warning(.unusedList, "the list is used by no rule", at: list.name.start, item: "list \"\(list.name.text)\"")
        }
    }

    private func ruleSet() -> RuleSet {
        let program = Plan.program(of: compiled.map { PlannedRule(condition: $0.condition, types: $0.rule.enabled ? $0.types : nil) })
        let rules = compiled.enumerated().map { Self.rule($1, at: $0) }
        var names: Set<String> = []
        for part in compiled {
            for operand in part.condition.operands + part.format.operands {
                if case .variable(let name) = operand.argument { names.insert(name) }
            }
        }
        return RuleSet(rules: rules, program: program, environmentNames: names.sorted())
    }

    private static func rule(_ part: CompiledRule, at index: Int) -> Rule {
        let types: [String] =
            switch part.types {
            case .all, .none: []
            case .only(let names): names.sorted()
            }
        return Rule(
            name: RuleName(part.rule.name.text), description: part.rule.description, priority: part.rule.priority,
            tags: Set(part.rule.tags).sorted(), source: part.rule.sourceName, enabled: part.rule.enabled,
            condition: ExceptionFolder.fold(part.rule).string, output: part.rule.output.string, location: part.rule.name.start,
            eventTypes: types, fields: Set((part.condition.operands + part.format.operands).map(\.text)).sorted(),
            format: part.format, index: index)
    }
}

extension CheckedCondition {
    /// True when something in it was wrong.
    var hasFailed: Bool {
        switch self {
        case .and(let parts), .or(let parts): parts.contains { $0.hasFailed }
        case .not(let inner): inner.hasFailed
        case .failed: true
        case .test: false
        }
    }

    /// All comparisons, in order, repeats among them.
    var predicates: [Predicate] {
        switch self {
        case .and(let parts), .or(let parts): parts.flatMap(\.predicates)
        case .not(let inner): inner.predicates
        case .failed: []
        case .test(let predicate): [predicate]
        }
    }

    /// All operands, in order, repeats among them.
    var operands: [Operand] {
        predicates.flatMap { predicate in
            switch predicate.comparison {
            case .operand(_, let right), .operandText(_, let right): [predicate.left, right]
            case .exists, .number, .numbers, .flag, .text, .texts, .paths, .address, .addresses, .every: [predicate.left]
            }
        }
    }
}
