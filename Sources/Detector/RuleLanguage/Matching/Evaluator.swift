// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Evaluates single comparisons of a program for an event. Whatever cannot be read makes its comparison false.
struct Evaluator {
    let program: Program
    var reader: FieldReader
    private var regexes: RegexThreads
    // Both sides of a comparison can be transformed.
    let left = TransformerBuffers()
    private let right = TransformerBuffers()

    init(_ program: Program, reader: FieldReader) {
        self.program = program
        self.reader = reader
        regexes = RegexThreads(largest: program.regexes.map(\.instructions.count).max() ?? 0)
    }

    mutating func holds(_ test: Test, _ event: Event) -> Bool {
        if test.paths != .one, reader.fileTexts(event) != nil, reader.hasOtherFile { return holdsOfPaths(test, event) }
        return holdsOfOne(test, event)
    }

    @inline(never)
    private mutating func holdsOfPaths(_ test: Test, _ event: Event) -> Bool {
        let first = holdsOfOne(test, event)
        guard first == (test.paths == .both) else { return first }
        reader.swapFiles()
        defer { reader.swapFiles() }
        return holdsOfOne(test, event)
    }

    private mutating func holdsOfOne(_ test: Test, _ event: Event) -> Bool {
        if case .every(let modifier) = test.operation { return every(modifier, test.constants, event) }
        if case .values = test.operation {
            return program.valueTests[Int(test.constants.start)].holds { fieldValue(of: $0, event) }
        }
        switch test.left.type {
        case .text, .bytes: return test.left.isAnyAncestor ? anyAncestorHolds(test, event) : textHolds(test, test.left, event)
        case .integer, .decimal, .port, .duration, .time: return numberHolds(test, event)
        case .boolean: return flagHolds(test, event)
        case .address, .network: return addressHolds(test, event)
        }
    }

    private mutating func every(_ modifier: ParsedModifier, _ range: TableRange, _ event: Event) -> Bool {
        var count = 0
        for index in range.indices where holds(program.subtests[index], event) { count += 1 }
        return modifier.holds(count, of: Int(range.count))
    }

    private mutating func anyAncestorHolds(_ test: Test, _ event: Event) -> Bool {
        // Each ancestor in the place of the process: looking up from the process again for each would take the square of their number.
        var place = event
        var operand = test.left
        operand.generation = 0
        while let parent = place.process?.parent {
            place.process = parent
            if textHolds(test, operand, place) { return true }
        }
        return false
    }

    mutating func isPath(_ text: ByteView, atOrBelowAnyOf paths: TableRange) -> Bool {
        for index in paths.indices where text.isPath(atOrBelow: program.text(program.slices[index])) { return true }
        return false
    }

    private mutating func textHolds(_ test: Test, _ operand: FlatOperand, _ event: Event) -> Bool {
        guard let text = text(of: operand, event, left) else { return false }
        switch test.operation {
        case .exists: return true
        case .text(.regex): return regexes.matches(text, program.regexes[Int(test.constants.start)])
        case .text(let kind): return kind.holds(text, program.text(test.constants))
        case .texts: return program.sets.contains(text, in: test.constants, program.texts.view)
        case .paths: return isPath(text, atOrBelowAnyOf: test.constants)
        case .operand(let relation):
            guard let other = self.text(of: program.operands[Int(test.constants.start)], event, right) else { return false }
            return text.holds(relation, other)
        case .operandText(let kind):
            guard let other = self.text(of: program.operands[Int(test.constants.start)], event, right) else { return false }
            return kind.holds(text, other)
        case .number, .numbers, .flag, .addresses, .every, .values: return false
        }
    }

    private mutating func numberHolds(_ test: Test, _ event: Event) -> Bool {
        if test.left.side == .either, test.left.type == .port { return eitherPortHolds(test, event) }
        guard let number = number(of: test.left, event) else { return false }
        switch test.operation {
        case .operand(let relation):
            guard let other = self.number(of: program.operands[Int(test.constants.start)], event) else { return false }
            return relation.holds(number, other)
        case .exists, .number, .numbers, .flag, .text, .texts, .paths, .addresses, .operandText, .every, .values: return holds(test, number)
        }
    }

    private func eitherPortHolds(_ test: Test, _ event: Event) -> Bool {
        guard let ports = reader.ports(event) else { return false }
        if case .number(.notEqual) = test.operation { return ports.local != test.number && ports.remote != test.number }
        return holds(test, ports.local) || holds(test, ports.remote)
    }

    private func holds(_ test: Test, _ number: Int64) -> Bool {
        switch test.operation {
        case .exists: return true
        case .number(let relation): return relation.holds(number, test.number)
        case .numbers:
            for index in test.constants.indices where program.numbers[index] == number { return true }
            return false
        case .flag, .text, .texts, .paths, .addresses, .operand, .operandText, .every, .values: return false
        }
    }

    private func flagHolds(_ test: Test, _ event: Event) -> Bool {
        guard let value = reader.flag(test.left.field, event) else { return false }
        switch test.operation {
        case .exists: return true
        case .flag(let whenTrue, let whenFalse): return value ? whenTrue : whenFalse
        case .operand(let relation):
            guard let other = reader.flag(program.operands[Int(test.constants.start)].field, event) else { return false }
            return relation.holds(value ? 1 : 0, other ? 1 : 0)
        case .number, .numbers, .text, .texts, .paths, .addresses, .operandText, .every, .values: return false
        }
    }

    private func addressHolds(_ test: Test, _ event: Event) -> Bool {
        guard let connect = event.connectDetail else { return false }
        let isServer = event.isServerSide
        guard test.left.side == .either else {
            return holds(test, test.left.side.address(connect, isServer: isServer), connect, isServer)
        }
        // Not equal is true only when both sides differ, so equality is asked and turned round.
        if case .addresses(isEqual: false) = test.operation {
            guard connect.local != nil || connect.remote != nil else { return false }
            return !isAny(test, connect.local) && !isAny(test, connect.remote)
        }
        return holds(test, connect.local, connect, isServer) || holds(test, connect.remote, connect, isServer)
    }

    private func holds(_ test: Test, _ address: IPAddress?, _ connect: Event.Connect, _ isServer: Bool) -> Bool {
        guard let address else { return false }
        switch test.operation {
        case .exists: return true
        case .addresses(let isEqual): return isAny(test, address) == isEqual
        case .operand(let relation):
            let side = program.operands[Int(test.constants.start)].side
            guard let other = side.address(connect, isServer: isServer) else { return false }
            return (address == other) == (relation == .equal)
        case .number, .numbers, .flag, .text, .texts, .paths, .operandText, .every, .values: return false
        }
    }

    private func isAny(_ test: Test, _ address: IPAddress?) -> Bool {
        guard let address else { return false }
        for index in test.constants.indices {
            let block = program.blocks[index]
            if address.isIn(block.address, prefix: block.prefix) { return true }
        }
        return false
    }

    private mutating func number(of operand: FlatOperand, _ event: Event) -> Int64? {
        guard operand.transformers.count > 0 else { return reader.number(operand.field, event) }
        var inner = operand
        inner.transformers.count -= 1
        return text(of: inner, event, left).map { Int64($0.count) }
    }

    mutating func text(of operand: FlatOperand, _ event: Event, _ buffers: TransformerBuffers) -> ByteView? {
        let variable = operand.variable.count == 0 ? ByteView.empty : program.text(operand.variable)
        let found = reader.text(operand.field, generation: operand.generation, variable: variable, event)
        guard operand.transformers.count > 0, var text = found else { return found }
        var (target, other) = (buffers.first, buffers.second)
        for index in operand.transformers.indices {
            guard program.transformers[index].apply(to: text, into: target) else { return nil }
            text = target.view
            swap(&target, &other)
        }
        return text
    }
}

/// A pair, so that a chain of transformers can go from one to the other.
final class TransformerBuffers {
    let first = ByteBuffer(capacity: 4096), second = ByteBuffer(capacity: 4096)
}
