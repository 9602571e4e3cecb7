// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A condition, and the event types that it is run for; nil when it is not run.
struct PlannedRule: Sendable {
    var condition: CheckedCondition
    var types: EventTypes?
}

/// Pass 7: checked conditions become a program. Equal comparisons of all rules share a slot, those that ask the same text alike share
/// a unit, and each condition is split by what its parts depend on, so that a part is asked again only when that has changed.
struct Plan {
    private var program: Program
    private let expectations: Expectations
    private var steps: [Step: Int32] = [:]
    private var gives: [Int32: [Int32]] = [:]
    private var vetoes: [Int32: [Int32]] = [:]

    /// The order in which a condition's parts are asked follows what was measured with an earlier program of the same rules.
    static func program(of rules: [PlannedRule], measured: RuleCosts? = nil) -> Program {
        var normalize = Normalize()
        let formulas = rules.map { rule in
            rule.types == nil ? Formula.constant(false) : normalize.formula(of: rule.condition)
        }
        var pass = Plan(&normalize.slots, ruleCount: rules.count, Expectations(measured: measured))
        for (index, formula) in formulas.enumerated() { pass.add(formula, rule: index) }
        pass.fileKinds(rules, formulas)
        pass.fileUnits()
        return pass.program
    }

    private init(_ slots: inout SlotTable, ruleCount: Int, _ expectations: Expectations) {
        self.expectations = expectations
        let scopes = slots.predicates.map { Scope(of: $0) }
        let memory = TableMemory()
        let units = TextUnits(slots.predicates, scopes: scopes, in: memory) { slots.flat($0) }
        program = slots.finished
        program.memory = memory
        program.units = units.units
        var counts = (shape: 0, line: 0, event: 0)
        for (slot, scope) in scopes.enumerated() {
            let bit: Int
            switch scope {
            case .shape: (bit, counts.shape) = (counts.shape, counts.shape + 1)
            case .line: (bit, counts.line) = (counts.line, counts.line + 1)
            case .event: (bit, counts.event) = (counts.event, counts.event + 1)
            }
            if scope == .shape { program.shapeSlots.append(Int32(slot)) }
            program.slots.append(SlotFacts(scope: scope, bit: Int32(bit), unit: units.unitOfSlot[slot]))
        }
        program.lineSlotCount = counts.line
        program.rowWords = (ruleCount + 63) / 64
        program.walks = [RuleWalks](repeating: RuleWalks(), count: ruleCount)
        program.givenByLine = [UInt64](repeating: 0, count: program.rowWords)
        program.givenByEvent = program.givenByLine
        program.decidedByUnits = program.givenByLine
        measureLines(scopes)
    }

    // How far up a line must be looked at so that all that the rules ask of it is in it.
    private mutating func measureLines(_ scopes: [Scope]) {
        for (slot, predicate) in program.predicates.enumerated() where scopes[slot] == .line {
            for operand in predicate.operands {
                if operand.field == .sessionLeaderName { program.asksSessionLeader = true }
                guard let depth = program.lineDepth, let needed = Scope.generations(of: operand) else {
                    program.lineDepth = nil
                    continue
                }
                program.lineDepth = max(depth, needed)
            }
        }
    }

    // MARK: Rules

    private mutating func add(_ formula: Formula, rule: Int) {
        var parts: (shape: [Formula], line: [Formula], rest: [Formula]) = ([], [], [])
        for part in formula.ordered(by: expectation).conjuncts {
            let scopes = Set(part.slots.map { program.slots[Int($0)].scope })
            if scopes == [.shape] {
                parts.shape.append(part)
            } else if scopes == [.line] {
                parts.line.append(part)
            } else {
                parts.rest.append(part)
            }
        }
        program.walks[rule] = RuleWalks(
            shape: walk(.every(parts.shape)), line: walk(.every(parts.line)), rest: walk(.every(parts.rest)),
            lineAndRest: walk(Formula.every(parts.line + parts.rest).ordered(by: expectation)))
        let isDecided = give(rule, by: parts.line, of: .line)
        if isDecided { program.decidedByUnits.insert(bit: rule) }
        _ = give(rule, by: parts.rest, of: .event)
    }

    /// Files a rule under the comparisons that give it and those that veto it; true when that decides all the parts.
    private mutating func give(_ rule: Int, by parts: [Formula], of scope: Scope) -> Bool {
        var decided = 0
        for case .test(let slot, isNegated: true) in parts where isUnit(slot, scope) {
            vetoes[slot, default: []].append(Int32(rule))
            decided += 1
        }
        let best = parts.compactMap { Cover($0) { isUnit($0, scope) ? weight($0) : nil } }.min { $0.weight < $1.weight }
        guard let best else { return decided == parts.count }
        for slot in Set(best.slots).sorted() { gives[slot, default: []].append(Int32(rule)) }
        if scope == .line { program.givenByLine.insert(bit: rule) } else { program.givenByEvent.insert(bit: rule) }
        return decided + (best.isWhole ? 1 : 0) == parts.count
    }

    private func isUnit(_ slot: Int32, _ scope: Scope) -> Bool {
        program.slots[Int(slot)].unit >= 0 && program.slots[Int(slot)].scope == scope
    }

    private func weight(_ slot: Int32) -> Int { Cover.weight(of: program.predicates[Int(slot)]) }

    private func expectation(_ slot: Int32) -> Expectation { expectations.expectation(of: slot, in: program) }

    // MARK: Walks

    private mutating func walk(_ formula: Formula) -> Int32 { entry(of: formula, whenTrue: Step.holds, whenFalse: Step.fails) }

    // From the last part to the first, since each step must know where those after it are.
    private mutating func entry(of formula: Formula, whenTrue: Int32, whenFalse: Int32) -> Int32 {
        switch formula {
        case .constant(let value): value ? whenTrue : whenFalse
        case .test(let slot, let isNegated):
            place(of: Step(slot: slot, whenTrue: isNegated ? whenFalse : whenTrue, whenFalse: isNegated ? whenTrue : whenFalse))
        case .all(let parts):
            parts.reversed().reduce(whenTrue) { next, part in entry(of: part, whenTrue: next, whenFalse: whenFalse) }
        case .any(let parts):
            parts.reversed().reduce(whenFalse) { next, part in entry(of: part, whenTrue: whenTrue, whenFalse: next) }
        }
    }

    /// A step whose ways out lead past further questions of the same comparison.
    private mutating func place(of wanted: Step) -> Int32 {
        var step = wanted
        while step.whenTrue >= 0, program.steps[Int(step.whenTrue)].slot == step.slot {
            step.whenTrue = program.steps[Int(step.whenTrue)].whenTrue
        }
        while step.whenFalse >= 0, program.steps[Int(step.whenFalse)].slot == step.slot {
            step.whenFalse = program.steps[Int(step.whenFalse)].whenFalse
        }
        if step.whenTrue == step.whenFalse { return step.whenTrue }
        if let known = steps[step] { return known }
        program.steps.append(step)
        steps[step] = Int32(program.steps.count - 1)
        return Int32(program.steps.count - 1)
    }

    // MARK: Rows

    private mutating func fileKinds(_ rules: [PlannedRule], _ formulas: [Formula]) {
        program.kindRows = [UInt64](repeating: 0, count: (EventKind.highest + 1) * program.rowWords)
        for (index, rule) in rules.enumerated() where formulas[index] != .constant(false) {
            for kind in EventKind.allCases where rule.types?.accepts(kind) ?? false {
                program.runKinds.insert(bit: Int(kind.rawValue))
                program.kindRows.insert(bit: Int(kind.rawValue) * program.rowWords * 64 + index)
            }
        }
    }

    private mutating func fileUnits() {
        let words = program.rowWords
        program.unitRows = [UInt64](repeating: 0, count: program.units.count * words)
        for slot in program.slots.indices {
            let given = gives[Int32(slot)] ?? [], vetoed = vetoes[Int32(slot)] ?? []
            // A look that could only veto is left to the walks, but for lines, where it is made once.
            let concerned = program.slots[slot].scope == .line ? given + vetoed : given
            for rule in concerned { program.unitRows.insert(bit: Int(program.slots[slot].unit) * words * 64 + Int(rule)) }
            program.slots[slot].gives = list(given)
            program.slots[slot].vetoes = list(vetoed)
            if vetoed.count > 2 * words { program.slots[slot].vetoRow = row(vetoed) }
        }
    }

    private mutating func row(_ rules: [Int32]) -> Int32 {
        let start = program.vetoRows.count
        program.vetoRows += [UInt64](repeating: 0, count: program.rowWords)
        for rule in rules { program.vetoRows.insert(bit: start * 64 + Int(rule)) }
        return Int32(start / program.rowWords)
    }

    private mutating func list(_ rules: [Int32]) -> TableRange {
        program.ruleLists += rules
        return TableRange(start: Int32(program.ruleLists.count - rules.count), count: Int32(rules.count))
    }
}

extension EventKind {
    static let highest = Int(allCases.map(\.rawValue).max() ?? 0)
}

extension [UInt64] {
    mutating func insert(bit: Int) { self[bit >> 6] |= 1 << UInt64(bit & 63) }
}
