// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText

/// Takes what was collected through passes 3 to 7.
struct Compiler {
    /// How many mistakes of one rule, and of all rules, are told at once: for each, the name that may have been meant is looked for.
    static let errorsShown = 20
    private static let errorLimit = 1_000
    /// Above this many event types, a rule is said to be run too often.
    private static let manyEventTypes = 100

    private let collected: Collected
    private let minimumPriority: Priority
    private var lists: ListSubstitution
    private var resolver: Resolve
    private(set) var diagnostics = DiagnosticBag()
    // A wrong check in a macro concerns each rule that uses the macro, but is said once.
    private var said: Set<String> = []

    private var errorCount = 0
    private var compiled: [CompiledRule] = []
    // Only those who explain rules need the trees: a detector does without.
    private let keepsOutlines: Bool
    private var outliner = Outliner([], trees: [])
    private(set) var outlines: [RuleOutline] = []

    private struct CompiledRule {
        var rule: CollectedRule
        var source: EventSource
        var condition: CheckedCondition
        var types: EventTypes
        var format: OutputFormat
        var outline: ConditionOutline?
    }

    init(_ collected: Collected, minimumPriority: Priority, keepsOutlines: Bool = false) {
        self.keepsOutlines = keepsOutlines
        self.collected = collected
        self.minimumPriority = minimumPriority
        lists = ListSubstitution(collected.lists)
        resolver = Resolve([], trees: [])
    }

    mutating func compile() -> RuleSet? {
        if let place = lists.tooLong {
            diagnostics.error(
                .validate, "with the lists that it names, the list comes to more than can be held", at: place.start,
                item: "list \"\(place.text)\"")
            return nil
        }
        let trees = parseMacros()
        resolver = Resolve(collected.macros, trees: trees)
        outliner = Outliner(collected.macros, trees: trees)
        resolver.checkMacros()
        for rule in collected.rules {
            guard errorCount < Self.errorLimit else {
                diagnostics.error(.validate, "there are \(errorCount) errors; from here on no rule was looked at", at: rule.name.start)
                break
            }
            compile(rule)
        }
        diagnostics.add(resolver.diagnostics)
        if errorCount < Self.errorLimit { warnOfUnused() }
        guard !diagnostics.hasErrors else { return nil }
        return ruleSet()
    }

    private mutating func parseMacros() -> [ParsedCondition?] {
        var trees: [ParsedCondition?] = []
        for macro in collected.macros {
            trees.append(parse(macro.condition.text, item: "macro \"\(macro.name.text)\""))
        }
        return trees
    }

    private mutating func parse(_ text: PlacedText, item: String) -> ParsedCondition? {
        guard text.bytes.count <= ListSubstitution.sizeLimit, let whole = lists.substitute(in: text) else {
            diagnostics.error(
                .condition, "with the lists in it the condition comes to more than can be held", at: text.location(at: 0), item: item)
            return nil
        }
        do throws(ParseError) {
            return try Parse.condition(whole)
        } catch {
            errorCount += 1
            diagnostics.error(.condition, error.message, at: error.place.location, item: item)
            return nil
        }
    }

    private mutating func compile(_ rule: CollectedRule) {
        guard let source = EventSource(rawValue: rule.sourceName) else {
            let hint = NearestName.hint(rule.sourceName, among: Collect.sources)
            return diagnostics.warning(
                .unknownSource, "unknown source '\(rule.sourceName)': the rule is left out\(hint)",
                at: rule.source?.start ?? rule.name.start, item: rule.item)
        }
        guard let parsed = parse(ExceptionFolder.fold(rule), item: rule.item) else { return }
        let resolved = resolver.resolve(parsed, item: rule.item)
        var check = Check(source)
        let condition = check.check(resolved)
        var output = OutputParser(outputText(of: rule), source)
        let format = output.parse()
        let errors = (check.errors.map { (LoadCode.condition, $0) } + output.errors.map { (LoadCode.output, $0) }).prefix(Self.errorsShown)
        warnOfNames(in: resolved, rule)
        if rule.skipIfUnknownFilter, let unknown = errors.first(where: { $0.1.isUnknownName })?.1 {
            return say(.warning, .unknownFilter, "the rule is left out: \(unknown.message)", unknown.place, rule)
        }
        errorCount += errors.count
        for (code, error) in errors { say(.error, code, error.message, error.place, rule) }
        for warning in check.warnings { say(.warning, .conditionWarning, warning.message, warning.place, rule) }
        // Only syscalls have types; an event of another source is run through all rules of that source.
        let types = source == .syscall ? Classify.eventTypes(of: condition) : .all
        if errors.isEmpty, source == .syscall, !condition.hasFailed, rule.warnEventTypes, types.count > Self.manyEventTypes {
            diagnostics.warning(
                .noEventType, "the rule matches too many evt.type values and is run for nearly every event; add a test of evt.type",
                at: rule.name.start, item: rule.item)
        }
        if errors.isEmpty, rule.enabled {
            if !source.isCaptured { warnOfSource(source, rule) }
            warnOfSilence(condition, types, rule, source)
        }
        let outline = keepsOutlines ? outliner.outline(parsed, condition) : nil
        compiled.append(CompiledRule(rule: rule, source: source, condition: condition, types: types, format: format, outline: outline))
    }

    private mutating func outputText(of rule: CollectedRule) -> PlacedText {
        let output = rule.output.text
        for (name, place) in UnwiseNames.deprecated(in: output) {
            say(.warning, .deprecatedItem, "'\(name)' is deprecated: it says nothing, and can be left out", place, rule)
        }
        guard let (rest, place) = output.withoutContainerInfo else { return output }
        say(
            .warning, .deprecatedItem, "'%container.info' is deprecated and stands for nothing; name the fields, such as %container.id",
            place, rule)
        return rest
    }

    private mutating func warnOfNames(in condition: ResolvedCondition, _ rule: CollectedRule) {
        let names = UnwiseNames(condition)
        for (name, place) in names.deprecated.sorted(by: { $0.key < $1.key }) {
            say(.warning, .deprecatedItem, "'\(name)' is deprecated: it is the same for every event, and can be left out", place, rule)
        }
        for place in names.notAvailable {
            say(.warning, .unsafeNotAvailable, "a value that is missing is not '<NA>'; test the field with 'exists'", place, rule)
        }
    }

    // A rule that waits for what never comes would be silence, not safety.
    private mutating func warnOfSilence(
        _ condition: CheckedCondition, _ types: EventTypes, _ rule: CollectedRule, _ source: EventSource
    ) {
        if case .only(let names) = types {
            let missing = names.subtracting(EventKind.allCases.map(\.name)).sorted()
            let isAll = missing.count == names.count
            if !missing.isEmpty {
                let rest = isAll ? "the rule can never match" : "the rule is run for the others only"
                warn("no event of type \(missing.joined(separator: ", ")) is reported in this version: \(rest)", rule)
            }
            if isAll { return }
        }
        warnOfWholeEnvironment(condition, rule)
        let unread = Set(condition.operands.filter { !$0.isRead(from: source) }.map(\.text)).sorted()
        guard !unread.isEmpty else { return }
        let isNever = condition.constant(from: source) == false
        let rest = isNever ? "the rule can never match" : "comparisons with \(unread.count == 1 ? "it" : "them") are false"
        warn("nothing reads \(unread.joined(separator: ", ")) in this version: \(rest)", rule)
    }

    private mutating func warnOfWholeEnvironment(_ condition: CheckedCondition, _ rule: CollectedRule) {
        let whole = condition.predicates.filter(EnvironmentNames.isWhole)
        guard !whole.isEmpty else { return }
        let names = Set(whole.flatMap { EnvironmentNames.names(in: $0) }).sorted().joined(separator: ", ")
        warn(
            "proc.env without a name in brackets sees only the variables that rules name"
                + (names.isEmpty ? "; this rule names none" : ", of this rule \(names)"), rule)
    }

    // Said once a source, at its first rule that would be run.
    private mutating func warnOfSource(_ source: EventSource, _ rule: CollectedRule) {
        guard said.insert("source \(source.rawValue)").inserted else { return }
        let rest = "its rules are checked, and run by saker rules test and why alone"
        warn("no event of source \(source.rawValue) is captured in this version: \(rest)", rule)
    }

    private mutating func warn(_ message: String, _ rule: CollectedRule) {
        diagnostics.warning(.ownWarning, message, at: rule.name.start, item: rule.item)
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

    private mutating func ruleSet() -> RuleSet? {
        // All are looked at, so that what is wrong is found whatever priority is asked for.
        compiled.removeAll { $0.rule.priority < minimumPriority }
        let planned = compiled.map {
            PlannedRule(condition: $0.condition, types: $0.rule.enabled && $0.source.isCaptured ? $0.types : nil)
        }
        let documents = DocumentProgram(
            compiled.enumerated().filter { $1.rule.enabled && $1.source.isDocuments }.map { ($0, $1.source, $1.condition) })
        let rules = compiled.enumerated().map { Self.rule($1, at: $0) }
        outlines = zip(rules, compiled).compactMap { rule, part in
            part.outline.map { RuleOutline(rule: rule, condition: $0, exceptions: part.rule.exceptions.map(ExceptionOutline.init)) }
        }
        guard let names = environmentNames() else { return nil }
        return RuleSet(
            rules: rules, planned: planned, documents: documents, environmentNames: names.sorted(),
            kindsAboutContainers: kindsAboutContainers)
    }

    private var kindsAboutContainers: Set<EventKind> {
        let asking = compiled.filter { part in
            part.rule.enabled && part.source.isCaptured && part.condition.operands.flatMap(\.fields).contains(where: \.isAsked)
        }
        return Set(EventKind.allCases.filter { kind in asking.contains { $0.types.accepts(kind) } })
    }

    // Nil when there are more than the probe can look for: said here, since at the start of the capture it is too late to mend.
    private mutating func environmentNames() -> Set<String>? {
        var names: Set<String> = []
        for part in compiled where part.rule.enabled {
            for predicate in part.condition.predicates { names.formUnion(EnvironmentNames.names(in: predicate)) }
            names.formUnion(EnvironmentNames.names(of: part.format.operands))
            let fault: String? =
                if let long = names.first(where: { $0.utf8.count > EnvironmentLimit.nameBytes }) {
                    "the name of the environment variable \(long) has more than the \(EnvironmentLimit.nameBytes) bytes that can be read"
                } else if names.count > EnvironmentLimit.names {
                    "up to this rule, rules name \(names.count) environment variables; of a program \(EnvironmentLimit.names) are read"
                } else {
                    nil
                }
            guard let fault else { continue }
            diagnostics.error(.validate, fault, at: part.rule.name.start, item: part.rule.item)
            return nil
        }
        return names
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
            condition: ExceptionFolder.fold(part.rule).string, output: part.rule.output.text.string, location: part.rule.name.start,
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

    /// What it comes to for every event of a source because nothing reads what it compares; nil when events decide.
    func constant(from source: EventSource) -> Bool? {
        switch self {
        case .and(let parts):
            Self.constant(parts.map { $0.constant(from: source) }, isAll: true)
        case .or(let parts):
            Self.constant(parts.map { $0.constant(from: source) }, isAll: false)
        case .not(let inner): inner.constant(from: source).map { !$0 }
        case .failed: nil
        case .test(let predicate): predicate.isComputed(from: source) ? nil : false
        }
    }

    private static func constant(_ parts: [Bool?], isAll: Bool) -> Bool? {
        parts.contains(!isAll) ? !isAll : parts.allSatisfy { $0 == isAll } ? isAll : nil
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
        predicates.flatMap(\.operands)
    }
}
