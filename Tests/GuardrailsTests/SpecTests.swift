// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Guardrails
import Testing

/// One line of `Tests/Specs/guardrails/cases.jsonl`: what differs from an act to which nobody objects, and what is said of it.
struct GuardrailSpec: Decodable, Sendable, CustomTestStringConvertible {
    struct Limits: Decodable, Sendable {
        struct Allowance: Decodable, Sendable {
            var per: [String]
            var acts: [String]?
            var most: Int
            var within: Int
        }

        var labels: [String]?
        var nodes: [String]?
        var namespaces: [String]?
        var controlPlane: Bool?
        var own: String?
        var reach: Int?
        var budgets: [Allowance]?
        /// Errors, percent, window, pause.
        var breaker: [Int]?
        var asks: [String]?
        var within: Int?
    }

    struct Past: Decodable, Sendable {
        var at: UInt64
        var kind: ActKind
        var rule: String?
        var uid: String?
        var trace: String?
    }

    struct Target: Decodable, Sendable {
        var kind: String
        var name: String
    }

    /// Began, ended or null, went wrong.
    struct End: Decodable, Sendable {
        var end: PastEnd

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            let began = try list.decode(UInt64.self)
            let ended = try list.decodeNil() ? nil : try list.decode(UInt64.self)
            end = PastEnd(began: Given.time(began), ended: ended.map { Given.time($0) }, isError: try list.decode(Bool.self))
        }
    }

    var `case`: String
    var says: String
    var settings: Limits?
    var kind: ActKind?
    var now: UInt64?
    var labels: [String: String]?
    var isStatic: Bool?
    var target: Target?
    var targetLabels: [String: String]?
    var affected: Int?
    var past: [Past]?
    var ends: [End]?
    /// Times, window.
    var offence: [Int]?
    var approval: JSONValue?
    /// The second after the event at which the last person agreed.
    var consent: UInt64?
    var stop: [String]?

    var testDescription: String { `case` }

    static func all() throws -> [GuardrailSpec] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/guardrails/cases.jsonl")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(GuardrailSpec.self, from: Data($0.utf8))
        }
    }

    var limits: GuardrailSettings {
        var result = GuardrailSettings(mode: .act, actWithinSeconds: settings?.within)
        guard let settings else { return result }
        result.protectedLabels = (settings.labels ?? []).compactMap { LabelTerm($0) }
        result.protectedNodes = Set((settings.nodes ?? []).map { NodeName($0) })
        result.protectedNamespaces.formUnion((settings.namespaces ?? []).map { NamespaceName($0) })
        result.protectsControlPlane = settings.controlPlane ?? true
        result.ownNamespace = settings.own.map { NamespaceName($0) }
        result.blastRadius = settings.reach
        result.budgets = (settings.budgets ?? []).map { budget in
            Budget(
                per: Set(budget.per.compactMap(Budget.Part.init)), kinds: Set((budget.acts ?? ["destructive"]).compactMap(ActKind.init)),
                most: budget.most, windowSeconds: budget.within)
        }
        if let breaker = settings.breaker {
            result.breaker = Breaker(errors: breaker[0], percent: breaker[1], windowSeconds: breaker[2], pauseSeconds: breaker[3])
        }
        result.approvalKinds = Set((settings.asks ?? []).compactMap(ActKind.init))
        return result
    }

    var facts: Facts {
        var facts = Given.facts(kind: kind ?? .destructive, now: now ?? 0)
        facts.rule = "Shell"
        facts.found?.labels = labels ?? [:]
        facts.found?.isStatic = isStatic ?? false
        if let target {
            facts.act.intention.target = TargetObject(kind: target.kind, namespace: nil, name: target.name, uid: nil)
        }
        facts.targetLabels = targetLabels ?? [:]
        facts.affectedPods = affected
        facts.recent = (past ?? []).map { past in
            var act = Given.past(
                past.at, kind: past.kind, actuator: "test:other", target: Given.target("web-9", uid: past.uid ?? "uid-9"),
                trace: TraceID(past.trace ?? "earlier"))
            act.rule = past.rule.map { RuleName($0) }
            return act
        }
        facts.ends = (ends ?? []).map(\.end)
        facts.offence = offence.map { OffenceCondition(times: $0[0], windowSeconds: $0[1]) }
        facts.approval = approval?.array.map { rule in
            ApprovalRule(
                people: rule[0].whole, expiresSeconds: rule[1].whole, otherwise: rule[2].string == "act" ? .act : .skip)
        }
        facts.consent = consent.map { .given(by: ["ann"], at: Given.time($0)) }
        if let stop { facts.stop = stop[0] == "file" ? .file(stop[1], reason: stop[2]) : .configMap(stop[1], stop[2]) }
        return facts
    }
}

@Suite struct GuardrailSpecTests {
    @Test("Each guardrail objects to what it is there for, with its numbers, and to nothing else", arguments: try GuardrailSpec.all())
    func spec(_ spec: GuardrailSpec) {
        #expect(judge(spec.facts, spec.limits).line == spec.says)
    }

    @Test("The cases meet every guardrail that the limits can set")
    func coverage() throws {
        let met = Set(try GuardrailSpec.all().map { $0.says.prefix { $0 != ":" } })
        let wanted: [Refusal.Guardrail] = [
            .protectedLabel, .protectedNode, .protectedNamespace, .controlPlane, .ownPods, .blastRadius, .budget, .breaker, .stale,
            .stopFile, .stopSwitch,
        ]
        #expect(wanted.filter { !met.contains(Substring($0.rawValue)) } == [])
    }
}

extension JSONValue {
    fileprivate var whole: Int {
        guard case .int(let number) = self else { return 0 }
        return Int(number)
    }
}

extension Verdict {
    fileprivate var line: String {
        switch self {
        case .allow: "allow"
        case .rehearse(let why): "rehearse: \(why)"
        case .skip(let why): "skip: \(why)"
        case .ask(let rule): "ask \(rule.people) within \(rule.expiresSeconds) s, else \(rule.otherwise.rawValue)"
        case .refuse(let refusal): "\(refusal.guardrail.rawValue): \(refusal.sentence)"
        }
    }
}
