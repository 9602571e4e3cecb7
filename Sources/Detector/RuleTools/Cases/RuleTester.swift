// SPDX-License-Identifier: Apache-2.0

import EventModel
public import RuleLanguage
public import SourceText

/// Runs test cases against loaded rules.
public struct RuleTester: Sendable {
    private let study: RuleStudy
    private let rules: RuleSet

    /// Takes rules that load; nil when they do not.
    public init?(_ study: RuleStudy) {
        guard let set = study.result.ruleSet else { return nil }
        self.study = study
        rules = set
    }

    /// The names of the rules, in definition order.
    public var ruleNames: [String] { rules.rules.map(\.name.text) }

    /// Tries a case: the event goes through all enabled rules, and each that matches fires.
    public func run(_ test: RuleTestCase) -> RuleTestOutcome {
        let event: TrialEvent, faults: [EventFault]
        do throws(EventFault) {
            (event, faults) = try test.trial()
        } catch {
            return RuleTestOutcome(test, [RuleTestFailure(error.message, at: error.location)])
        }
        let mistakes = faults.map { RuleTestFailure($0.message, at: $0.location) } + unfitRules(test, event)
        guard mistakes.isEmpty else { return RuleTestOutcome(test, mistakes) }
        let (fired, rendered) = event.run(through: rules, rendering: test.fires.first?.name)
        let names = fired.map(\.name.text)
        let failures = missing(test, names, event) + unwanted(test, names, event)
        return RuleTestOutcome(test, failures + (rendered.map { differences(test, $0) } ?? []))
    }

    private func missing(_ test: RuleTestCase, _ fired: [String], _ event: TrialEvent) -> [RuleTestFailure] {
        test.fires.filter { !fired.contains($0.name) }.map { wanted in
            let why = self.why(wanted.name, event)
            let reason = why?.isEnabled == false ? ": it is disabled" : ""
            return RuleTestFailure("rule '\(wanted.name)' must fire, and does not\(reason)", at: wanted.location, why: why)
        }
    }

    private func unwanted(_ test: RuleTestCase, _ fired: [String], _ event: TrialEvent) -> [RuleTestFailure] {
        let wrong: [RuleTestCase.NamedRule] =
            switch test.quiet {
            case .rules(let rules): rules.filter { fired.contains($0.name) }
            case .all:
                fired.filter { name in !test.fires.contains { $0.name == name } }
                    .map { RuleTestCase.NamedRule(name: $0, location: test.location) }
            }
        return wrong.map { RuleTestFailure("rule '\($0.name)' must be quiet, and fires", at: $0.location, why: why($0.name, event)) }
    }

    private func why(_ name: String, _ event: TrialEvent) -> Why? {
        study.outlines.first { $0.rule.name.text == name }.map { Why($0, event) }
    }

    // A name that no rule has would be quiet for ever, and so would a rule about events of another source.
    private func unfitRules(_ test: RuleTestCase, _ event: TrialEvent) -> [RuleTestFailure] {
        var named = test.fires
        if case .rules(let rules) = test.quiet { named += rules }
        return named.compactMap { named in
            guard let rule = rules.rules.first(where: { $0.name.text == named.name }) else {
                let hint = RuleStudy.hint(named.name, among: ruleNames)
                return RuleTestFailure("there is no rule '\(named.name)'" + hint, at: named.location)
            }
            guard rule.source != event.source.rawValue else { return nil }
            let other = "and this one is of source \(event.source.rawValue)"
            return RuleTestFailure("rule '\(named.name)' is about events of source \(rule.source), \(other)", at: named.location)
        }
    }

    private func differences(_ test: RuleTestCase, _ rendered: RenderedOutput) -> [RuleTestFailure] {
        var failures: [RuleTestFailure] = []
        if let wanted = test.output, wanted != rendered.message {
            failures.append(
                RuleTestFailure("the output is not the one that is wanted:\n  wanted  \(wanted)\n  found   \(rendered.message)"))
        }
        for (name, wanted) in test.fields.sorted(by: { $0.key < $1.key }) {
            guard let found = rendered.fields[name] else {
                let hint = NearestName.hint(name, among: rendered.fields.keys)
                failures.append(RuleTestFailure("the alert has no field '\(name)'\(hint)"))
                continue
            }
            guard found.written != wanted else { continue }
            failures.append(RuleTestFailure("the alert's \(name) is \(found.written ?? "null"), not \(wanted ?? "null")"))
        }
        return failures
    }
}

/// What became of a case.
public struct RuleTestOutcome: Sendable {
    /// The case's name and place.
    public let name: String, location: SourceLocation
    /// The rules that had to fire.
    public let fires: [String]
    /// What was not as it must be; empty when all was.
    public let failures: [RuleTestFailure]

    /// True when all was as it must be.
    public var hasPassed: Bool { failures.isEmpty }

    init(_ test: RuleTestCase, _ failures: [RuleTestFailure]) {
        name = test.name
        location = test.location
        fires = test.fires.map(\.name)
        self.failures = failures
    }
}

/// One thing that was not as it must be.
public struct RuleTestFailure: Sendable {
    /// What is wrong.
    public let message: String
    /// Where what must be is written; nil for the case as a whole.
    public let location: SourceLocation?
    /// How the rule came to what it came to; nil when no rule was asked.
    public let why: Why?

    init(_ message: String, at location: SourceLocation? = nil, why: Why? = nil) {
        self.message = message
        self.location = location
        self.why = why
    }
}
