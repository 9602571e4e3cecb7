// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A condition, and the event types that it is run for; nil when it is not run.
struct PlannedRule {
    var condition: CheckedCondition
    var types: EventTypes?
}

/// Pass 7: checked conditions become a program. Equal predicates of all rules share a slot, and for each kind of event the rules run
/// for it become one walk from slot to slot, in definition order; what the kind itself decides is decided here.
struct Plan {
    private var program = Program()
    private var slots: [Predicate: Int32] = [:]
    private var bytes: [UInt8] = []
    private var places: [[UInt8]: TableRange] = [:]
    private var pendingSets: [(test: Int, isSubtest: Bool, texts: [TableRange])] = []
    private var steps: [Step: Int32] = [:]

    static func program(of rules: [PlannedRule]) -> Program {
        var pass = Plan()
        for rule in rules {
            for predicate in rule.condition.predicates where predicate.isComputed { _ = pass.slot(of: predicate) }
        }
        for kind in EventKind.allCases { pass.walk(rules, for: kind) }
        pass.finish()
        return pass.program
    }

    // From the last rule to the first, since each step must know where those after it are.
    private mutating func walk(_ rules: [PlannedRule], for kind: EventKind) {
        var next = Step.end
        for (index, rule) in rules.enumerated().reversed() where rule.types.map({ $0.accepts(kind) }) ?? false {
            let found = place(of: Step(slot: ~Int32(index), whenTrue: next, whenFalse: next))
            next = entry(of: rule.condition, kind, whenTrue: found, whenFalse: next)
        }
        program.entries[Int(kind.rawValue)] = next
    }

    private mutating func entry(
        of condition: CheckedCondition, _ kind: EventKind, whenTrue: Int32, whenFalse: Int32
    ) -> Int32 {
        switch condition {
        case .and(let parts):
            parts.reversed().reduce(whenTrue) { next, part in entry(of: part, kind, whenTrue: next, whenFalse: whenFalse) }
        case .or(let parts):
            parts.reversed().reduce(whenFalse) { next, part in entry(of: part, kind, whenTrue: whenTrue, whenFalse: next) }
        case .not(let inner): entry(of: inner, kind, whenTrue: whenFalse, whenFalse: whenTrue)
        case .test(let predicate):
            switch Classify.truth(of: predicate, for: kind) {
            case true?: whenTrue
            case false?: whenFalse
            case nil: place(of: step(slot(of: predicate), whenTrue, whenFalse))
            }
        case .failed: preconditionFailure("a condition with an error is never planned")
        }
    }

    /// A step whose way out leads past further questions of the same comparison.
    private func step(_ slot: Int32, _ whenTrue: Int32, _ whenFalse: Int32) -> Step {
        var step = Step(slot: slot, whenTrue: whenTrue, whenFalse: whenFalse)
        while step.whenTrue >= 0, program.steps[Int(step.whenTrue)].slot == slot {
            step.whenTrue = program.steps[Int(step.whenTrue)].whenTrue
        }
        while step.whenFalse >= 0, program.steps[Int(step.whenFalse)].slot == slot {
            step.whenFalse = program.steps[Int(step.whenFalse)].whenFalse
        }
        return step
    }

    private mutating func place(of step: Step) -> Int32 {
        if step.slot >= 0, step.whenTrue == step.whenFalse { return step.whenTrue }
        if let known = steps[step] { return known }
        program.steps.append(step)
        steps[step] = Int32(program.steps.count - 1)
        return Int32(program.steps.count - 1)
    }

    private mutating func finish() {
        program.texts = ByteString(bytes)
        for pending in pendingSets {
            let set = program.sets.add(pending.texts, in: program.texts.view)
            if pending.isSubtest {
                program.subtests[pending.test].constants = set
            } else {
                program.tests[pending.test].constants = set
            }
        }
    }

    private mutating func slot(of predicate: Predicate) -> Int32 {
        if let known = slots[predicate] { return known }
        let test = test(predicate.comparison, of: flat(predicate.left))
        program.tests.append(test.test)
        let slot = program.tests.count - 1
        if let texts = test.set { pendingSets.append((slot, false, texts)) }
        slots[predicate] = Int32(slot)
        return Int32(slot)
    }

    private mutating func flat(_ operand: Operand) -> FlatOperand {
        guard let field = operand.field else { preconditionFailure("a field that nothing computes is never read") }
        let start = program.transformers.count
        program.transformers += operand.transformers
        var variable = TableRange()
        if case .variable(let name) = operand.argument { variable = place(Array(name.utf8)) }
        let range = TableRange(start: Int32(start), count: Int32(operand.transformers.count))
        return FlatOperand(field, operand, variable: variable, transformers: range)
    }

    private mutating func place(_ text: [UInt8]) -> TableRange {
        if let known = places[text] { return known }
        let range = TableRange(start: Int32(bytes.count), count: Int32(text.count))
        bytes += text
        places[text] = range
        return range
    }

    // A set of texts is made only at the end, when all bytes are at their final address.
    private mutating func test(_ comparison: Comparison, of left: FlatOperand) -> (test: Test, set: [TableRange]?) {
        var test = Test(operation: .exists, left: left)
        switch comparison {
        case .exists: break
        case .number(let relation, let number): (test.operation, test.number) = (.number(relation), number)
        case .numbers(let numbers):
            test.operation = .numbers
            test.constants = TableRange(start: Int32(program.numbers.count), count: Int32(numbers.count))
            program.numbers += numbers
        case .flag(let whenTrue, let whenFalse): test.operation = .flag(whenTrue: whenTrue, whenFalse: whenFalse)
        case .text(.regex, let pattern):
            test.operation = .text(.regex)
            test.constants = regex(pattern)
        case .text(let kind, let text): (test.operation, test.constants) = (.text(kind), place(text))
        case .texts(let texts):
            test.operation = .texts
            return (test, texts.map { place($0) })
        case .paths(let paths): (test.operation, test.constants) = (.paths, slices(paths))
        case .address(let isEqual, let block): (test.operation, test.constants) = (.addresses(isEqual: isEqual), blocks([block]))
        case .addresses(let all): (test.operation, test.constants) = (.addresses(isEqual: true), blocks(all))
        case .operand(let relation, let right): (test.operation, test.constants) = (.operand(relation), operandPlace(right))
        case .operandText(let kind, let right): (test.operation, test.constants) = (.operandText(kind), operandPlace(right))
        case .elements: preconditionFailure("no field that is read has several values")
        case .every(let modifier, let each): (test.operation, test.constants) = (.every(modifier), subtests(each, of: left))
        }
        return (test, nil)
    }

    private mutating func regex(_ pattern: [UInt8]) -> TableRange {
        guard let compiled = try? RegexCompiler.compile(pattern) else {
            preconditionFailure("a pattern with an error is never planned")
        }
        program.regexes.append(compiled)
        return TableRange(start: Int32(program.regexes.count - 1), count: 1)
    }

    private mutating func slices(_ texts: [[UInt8]]) -> TableRange {
        let start = program.slices.count
        for text in texts { program.slices.append(place(text)) }
        return TableRange(start: Int32(start), count: Int32(texts.count))
    }

    private mutating func blocks(_ all: [AddressBlock]) -> TableRange {
        program.blocks += all
        return TableRange(start: Int32(program.blocks.count - all.count), count: Int32(all.count))
    }

    private mutating func operandPlace(_ operand: Operand) -> TableRange {
        program.operands.append(flat(operand))
        return TableRange(start: Int32(program.operands.count - 1), count: 1)
    }

    private mutating func subtests(_ each: [Comparison], of left: FlatOperand) -> TableRange {
        let made = each.map { test($0, of: left) }
        let start = program.subtests.count
        for (index, part) in made.enumerated() {
            program.subtests.append(part.test)
            if let texts = part.set { pendingSets.append((start + index, true, texts)) }
        }
        return TableRange(start: Int32(start), count: Int32(each.count))
    }
}
