// SPDX-License-Identifier: Apache-2.0

import SourceText

/// Fits an operator and constants to the type of what they are compared with.
struct ComparisonCheck {
    let left: Operand
    let parsed: ParsedCheck
    let operands: OperandCheck

    private var type: FieldFacts.ValueType { left.type }

    func comparison() throws(CheckError) -> Comparison {
        if parsed.comparison == .exists { return .exists }
        try checkOperator()
        let found: Comparison =
            switch parsed.right {
            case .nothing: .exists
            case .operand(let operand): try comparison(with: operand)
            case .value(let value): try comparison(with: value)
            case .list(let values): try comparison(with: values)
            }
        guard left.isList else { return found }
        return .elements(parsed.comparison == .within ? .all : .any, found)
    }

    private func checkOperator() throws(CheckError) {
        let allowed = ParsedOperator.allowed(type, isList: left.isList, limits: left.facts.limits)
        guard !allowed.contains(parsed.comparison) else { return }
        let words = allowed.map(\.rawValue).filter { $0 != "exists" } + ["exists"]
        throw CheckError(
            message: "'\(parsed.comparison.rawValue)' cannot compare \(left.text), which is of type \(left.typeName); it takes "
                + words.joined(separator: " "), place: parsed.comparisonPlace)
    }

    private func comparison(with operand: ParsedOperand) throws(CheckError) -> Comparison {
        let right = try operands.operand(operand)
        for side in [left, right] where side.facts.limits.contains(.constantsOnly) {
            throw CheckError(message: "\(side.text) can be compared with constants only, not with a field", place: operand.place)
        }
        guard right.type == type, right.isList == left.isList else {
            throw CheckError(
                message: "\(left.text) (\(left.typeName)) cannot be compared with \(right.text) (\(right.typeName)): "
                    + "the types must be the same", place: operand.place)
        }
        switch parsed.comparison {
        case .pmatch, .regex:
            throw CheckError(
                message: "'\(parsed.comparison.rawValue)' takes constants, not a field", place: parsed.comparisonPlace)
        case .exists, .lessOrEqual, .less, .greaterOrEqual, .greater, .equal, .notEqual, .contains, .icontains, .bcontains,
            .startswith, .bstartswith, .endswith, .glob, .iglob, .within, .intersects:
            break
        }
        if let relation = parsed.comparison.relation { return .operand(relation, right) }
        guard let test = parsed.comparison.textTest else { return .operand(.equal, right) }
        return .operandText(test, right)
    }

    private func comparison(with values: [ParsedValue]) throws(CheckError) -> Comparison {
        if let modifier = parsed.modifier {
            var each: [Comparison] = []
            for value in values { each.append(try comparison(with: value)) }
            return .every(modifier, each)
        }
        switch type {
        case .text where parsed.comparison == .pmatch: return .paths(values.map(\.bytes))
        case .text, .bytes:
            for value in values { try checkEventType(value) }
            return .texts(values.map(\.bytes))
        case .integer, .decimal, .port, .duration, .time: return .numbers(try numbers(values))
        case .boolean: return try flags(values)
        case .address, .network:
            let blocks = try blocks(values)
            return .addresses(left.field == .descriptorNetwork ? Array(blocks.prefix(1)) : blocks)
        }
    }

    private func comparison(with value: ParsedValue) throws(CheckError) -> Comparison {
        switch type {
        case .text:
            let test = parsed.comparison.textTest ?? .relation(.equal)
            if case .relation = test { try checkEventType(value) }
            if test == .regex { try checkRegex(value) }
            return .text(test, value.bytes)
        case .bytes:
            let isHexadecimal = parsed.comparison == .bcontains || parsed.comparison == .bstartswith
            let bytes = isHexadecimal ? try ConstantCheck.hexadecimal(value) : value.bytes
            return .text(parsed.comparison.textTest ?? .relation(.equal), bytes)
        case .integer, .decimal, .port, .duration, .time:
            return .number(parsed.comparison.relation ?? .equal, try ConstantCheck.number(value, isPort: type == .port))
        case .boolean:
            let wanted = try ConstantCheck.flag(value) == (parsed.comparison != .notEqual)
            return .flag(whenTrue: wanted, whenFalse: !wanted)
        case .address, .network:
            return .address(
                isEqual: parsed.comparison != .notEqual, try ConstantCheck.block(value, isNetwork: type == .network))
        }
    }

    private func numbers(_ values: [ParsedValue]) throws(CheckError) -> [Int64] {
        var found: [Int64] = []
        for value in values { found.append(try ConstantCheck.number(value, isPort: type == .port)) }
        return found
    }

    private func flags(_ values: [ParsedValue]) throws(CheckError) -> Comparison {
        var whenTrue = false, whenFalse = false
        for value in values {
            if try ConstantCheck.flag(value) { whenTrue = true } else { whenFalse = true }
        }
        return .flag(whenTrue: whenTrue, whenFalse: whenFalse)
    }

    private func blocks(_ values: [ParsedValue]) throws(CheckError) -> [AddressBlock] {
        var found: [AddressBlock] = []
        for value in values { found.append(try ConstantCheck.block(value, isNetwork: type == .network)) }
        return found
    }

    private func checkEventType(_ value: ParsedValue) throws(CheckError) {
        guard left.field == .eventType, left.transformers.isEmpty, EventTypeNames.index[value.text] == nil else { return }
        let hint = NearestName.hint(value.text, among: EventTypeNames.all)
        throw CheckError(message: "unknown event type \(value.text)\(hint)", place: value.place, isUnknownName: true)
    }

    private func checkRegex(_ value: ParsedValue) throws(CheckError) {
        do throws(RegexError) {
            _ = try RegexCompiler.compile(value.bytes)
        } catch {
            throw CheckError(message: "'\(value.text)' is no regular expression: \(error.message)", place: value.place)
        }
    }
}

extension Operand {
    /// True for a field that stands for all ancestors at once.
    var isAnyAncestor: Bool { facts.argument == .generations && argument == .none }
}

extension ParsedOperator {
    var relation: Relation? {
        switch self {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .exists, .contains, .icontains, .bcontains, .startswith, .bstartswith, .endswith, .glob, .iglob, .regex, .within,
            .intersects, .pmatch:
            nil
        }
    }

    var textTest: TextTest? {
        if let relation { return .relation(relation) }
        return switch self {
        case .contains, .bcontains: .contains
        case .icontains: .containsFolded
        case .startswith, .bstartswith: .startsWith
        case .endswith: .endsWith
        case .glob: .glob
        case .iglob: .globFolded
        case .regex: .regex
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .exists, .within, .intersects, .pmatch: nil
        }
    }
}
