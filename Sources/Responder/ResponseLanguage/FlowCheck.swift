// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import SourceText

/// Checks the keys of an action that Talon does not know: `when`, `timeout`, `retry`, `for` and `approval`.
struct FlowCheck {
    static let keys = ["when", "timeout", "retry", "for", "approval"]

    let item: String
    let isReversible: Bool
    /// The actions before this one.
    let earlier: [String]
    private(set) var bag: DiagnosticBag

    init(item: String, card: ActionCard, earlier: [String], bag: DiagnosticBag) {
        self.item = item
        isReversible = card.kind == .reversible
        self.earlier = earlier
        self.bag = bag
    }

    mutating func flow(of block: ActionBlock) -> StepFlow {
        var flow = StepFlow()
        flow.group = block.group
        for entry in block.flow where !entry.value.isNull {
            switch entry.key {
            case "when": when(entry.value, &flow)
            case "timeout": flow.timeoutSeconds = duration(entry.value, "timeout", 1...600)
            case "retry": flow.retry = retry(entry.value)
            case "for": flow.lastsSeconds = lasts(entry.value)
            case "approval": flow.approval = approval(entry.value)
            case _: continue
            }
        }
        return flow
    }

    private mutating func lasts(_ value: YAMLValue) -> Int? {
        guard isReversible else {
            complain("'for' has no meaning here: the action cannot be taken back", value)
            return nil
        }
        return duration(value, "for", 1...31_536_000)
    }

    // A text `NAME.OUTCOME`, a mapping, or a list of both, all of which must hold.
    private mutating func when(_ value: YAMLValue, _ flow: inout StepFlow) {
        switch value.content {
        case .list(let items): for item in items { when(item, &flow) }
        case .map(let entries):
            let mapping = MappingReader(entries, place: value.place)
            if entries.contains(where: { $0.key == "times" }) {
                flow.offence = offence(mapping)
            } else if let condition = condition(mapping) {
                flow.conditions.append(condition)
            }
        case .scalar(let scalar):
            guard let dot = scalar.text.lastIndex(of: ".") else {
                complain("'when' wants NAME.OUTCOME such as cut.failed, {action: NAME, outcome: [...]} or {times: 3, within: 1h}", value)
                return
            }
            let words = scalar.text[scalar.text.index(after: dot)...].split(separator: "|", omittingEmptySubsequences: false)
            let outcomes = words.map { Located(value: String($0), place: value.place) }
            let name = Located(value: String(scalar.text[..<dot]), place: value.place)
            if let condition = condition(name, outcomes) { flow.conditions.append(condition) }
        }
    }

    private mutating func condition(_ mapping: MappingReader) -> StepCondition? {
        mapping.warnUnknown(known: ["action", "outcome"], item: item, &bag)
        let isList = mapping.entries.contains { if $0.key == "outcome", case .list = $0.value.content { true } else { false } }
        let outcomes = isList ? mapping.texts("outcome", &bag) : mapping.text("outcome", &bag).map { [$0] } ?? []
        guard let name = mapping.text("action", &bag), !outcomes.isEmpty else {
            bag.error(.missing, "a condition names an earlier 'action' and its 'outcome'", at: mapping.place, item: item)
            return nil
        }
        return condition(name, outcomes)
    }

    private mutating func condition(_ name: Located<String>, _ outcomes: [Located<String>]) -> StepCondition? {
        guard earlier.contains(name.value) else {
            let known = earlier.isEmpty ? "; no action stands before this one" : expectation(name.value, among: earlier)
            bag.error(.value, "'when' names '\(name.value)', and no earlier action is called so\(known)", at: name.place, item: item)
            return nil
        }
        for outcome in outcomes where !StepCondition.words.contains(outcome.value) {
            let expected = expectation(outcome.value, among: StepCondition.words)
            bag.error(.value, "no action ends as '\(outcome.value)'\(expected)", at: outcome.place, item: item)
        }
        return StepCondition(action: ActionName(name.value), outcomes: outcomes.map(\.value))
    }

    private mutating func offence(_ mapping: MappingReader) -> OffenceCount? {
        mapping.warnUnknown(known: ["times", "within", "per"], item: item, &bag)
        let per = mapping.text("per", &bag)
        guard let times = whole(mapping, "times", 2...1_000), let window = duration(mapping, "within", 1...604_800),
            per.map({ ["workload", "target"].contains($0.value) }) ?? true
        else {
            bag.error(
                .value, "'when' for repeated offenders wants {times: N from 2 on, within: a duration up to 168h, per: workload or target}",
                at: mapping.place, item: item)
            return nil
        }
        return OffenceCount(times: times, windowSeconds: window, perTarget: per?.value == "target")
    }

    private mutating func retry(_ value: YAMLValue) -> RetryRule? {
        guard case .map(let entries) = value.content else {
            guard case .int(let times) = value.json, (1...5).contains(times) else {
                complain("'retry' wants a number from 1 to 5, or {times: N, backoff: 2s, on: [codes]}", value)
                return nil
            }
            return RetryRule(times: Int(times), backoffSeconds: 1, codes: RetryRule.passing)
        }
        let mapping = MappingReader(entries, place: value.place)
        mapping.warnUnknown(known: ["times", "backoff", "on"], item: item, &bag)
        let codes = mapping.texts("on", &bag)
        let hasBackoff = entries.contains { $0.key == "backoff" }
        guard let times = whole(mapping, "times", 1...5), let backoff = hasBackoff ? duration(mapping, "backoff", 0...60) : 1 else {
            complain("'retry' wants times from 1 to 5, and a backoff from 0s to 60s", value)
            return nil
        }
        return RetryRule(times: times, backoffSeconds: backoff, codes: codes.isEmpty ? RetryRule.passing : codes.map(\.value))
    }

    private mutating func approval(_ value: YAMLValue) -> ApprovalRule? {
        guard case .map(let entries) = value.content else {
            complain("'approval' wants {people: 1 or 2, expires: 15m, otherwise: skip or act}", value)
            return nil
        }
        let mapping = MappingReader(entries, place: value.place)
        mapping.warnUnknown(known: ["people", "expires", "otherwise"], item: item, &bag)
        var rule = ApprovalRule()
        for entry in entries where !entry.value.isNull {
            switch entry.key {
            case "people":
                guard let people = whole(mapping, "people", 1...2) else { return wrong("'people' is 1 or 2", entry.value) }
                rule.people = people
            case "expires":
                guard let seconds = duration(mapping, "expires", 1...604_800) else {
                    return wrong("'expires' is a duration such as 15m, up to 168h", entry.value)
                }
                rule.expiresSeconds = seconds
            case "otherwise":
                guard let otherwise = mapping.text("otherwise", &bag).flatMap({ ApprovalRule.Otherwise(rawValue: $0.value) }) else {
                    return wrong("'otherwise' is skip or act", entry.value)
                }
                rule.otherwise = otherwise
            case _: continue
            }
        }
        return rule
    }

    private mutating func wrong(_ message: String, _ value: YAMLValue) -> ApprovalRule? {
        complain(message, value)
        return nil
    }

    private func whole(_ mapping: MappingReader, _ key: String, _ range: ClosedRange<Int>) -> Int? {
        guard case .int(let number)? = mapping.entries.first(where: { $0.key == key })?.value.json else { return nil }
        return range.contains(Int(clamping: number)) ? Int(number) : nil
    }

    private func duration(_ mapping: MappingReader, _ key: String, _ range: ClosedRange<Int>) -> Int? {
        let text = mapping.entries.first { $0.key == key }?.value.json.string
        return text.flatMap(DurationText.seconds).flatMap { range.contains($0) ? $0 : nil }
    }

    private mutating func duration(_ value: YAMLValue, _ key: String, _ range: ClosedRange<Int>) -> Int? {
        if let seconds = value.json.string.flatMap(DurationText.seconds), range.contains(seconds) { return seconds }
        complain("'\(key)' wants a duration such as 30s, 10m or 1h, from \(range.lowerBound)s to \(range.upperBound)s", value)
        return nil
    }

    private mutating func complain(_ message: String, _ value: YAMLValue) {
        bag.error(.value, "\(message); found \(value.kind)", at: value.place, item: item)
    }
}
