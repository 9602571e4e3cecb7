// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Gives each distinct comparison a slot, and writes what the matcher reads of it into the program's tables.
struct SlotTable {
    private var program = Program()
    private var slots: [Predicate: Int32] = [:]
    private var bytes: [UInt8] = []
    private var places: [[UInt8]: TableRange] = [:]
    private var pendingSets: [(test: Int, isSubtest: Bool, texts: [TableRange])] = []

    /// The tables with all bytes at their final address.
    var finished: Program {
        var program = program
        program.texts = ByteString(bytes)
        for pending in pendingSets {
            let set = program.sets.add(pending.texts, in: program.texts.view)
            if pending.isSubtest {
                program.subtests[pending.test].constants = set
            } else {
                program.tests[pending.test].constants = set
            }
        }
        return program
    }

    var predicates: [Predicate] { program.predicates }

    mutating func slot(of predicate: Predicate) -> Int32 {
        if let known = slots[predicate] { return known }
        var test = predicate.isOfValues ? (test: valueTest(predicate), set: nil) : test(predicate.comparison, of: flat(predicate.left))
        test.test.paths = Test.Paths(predicate)
        program.tests.append(test.test)
        program.predicates.append(predicate)
        let slot = program.tests.count - 1
        if let texts = test.set { pendingSets.append((slot, false, texts)) }
        slots[predicate] = Int32(slot)
        return Int32(slot)
    }

    mutating func flat(_ operand: Operand) -> FlatOperand {
        guard let field = operand.field else { preconditionFailure("a field that nothing computes is never read") }
        let start = program.transformers.count
        program.transformers += operand.transformers
        var variable = TableRange()
        switch operand.argument {
        case .variable(let name), .name(let name): variable = place(Array(name.utf8))
        case .none, .generation, .index: break
        }
        let range = TableRange(start: Int32(start), count: Int32(operand.transformers.count))
        return FlatOperand(field, operand, variable: variable, transformers: range)
    }

    private mutating func valueTest(_ predicate: Predicate) -> Test {
        program.valueTests.append(ValueTest(predicate))
        let place = TableRange(start: Int32(program.valueTests.count - 1), count: 1)
        return Test(operation: .values, left: .none, constants: place)
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
        case .elements: preconditionFailure("only a combination has several values, and it is compared as a copy")
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
            program.subtests[start + index].paths = left.hasPaths ? Test.Paths(each[index]) : .one
            if let texts = part.set { pendingSets.append((start + index, true, texts)) }
        }
        return TableRange(start: Int32(start), count: Int32(each.count))
    }
}

extension Test.Paths {
    fileprivate init(_ predicate: Predicate) {
        let hasPaths = predicate.operands.flatMap(\.fields).contains { $0.field?.hasPaths ?? false }
        guard hasPaths else {
            self = .one
            return
        }
        self = predicate.isOfValues ? .either : Self(predicate.comparison)
    }

    // Each of several comparisons has its own answer.
    fileprivate init(_ comparison: Comparison) {
        switch comparison {
        case .text(.relation(.notEqual), _), .number(.notEqual, _), .operand(.notEqual, _), .operandText(.relation(.notEqual), _):
            self = .both
        case .every: self = .one
        case .exists, .number, .numbers, .flag, .text, .texts, .paths, .address, .addresses, .operand, .operandText, .elements:
            self = .either
        }
    }
}

extension Field {
    /// True for what an opened file's paths give, each its own.
    var hasPaths: Bool {
        self == .descriptorName || self == .descriptorDirectory || self == .descriptorFilename || self == .pathName
    }
}
