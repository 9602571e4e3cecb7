// SPDX-License-Identifier: Apache-2.0

import SourceText

/// Fits an operator and constants to the type of what they are compared with.
struct ComparisonCheck {
    let left: Operand
    let parsed: ParsedCheck

    private var type: FieldFacts.ValueType { left.type }

    func comparison() throws(CheckError) -> Comparison {
        if parsed.comparison == .exists { return .exists }
        try checkOperator()
        switch parsed.right {
        case .nothing: return .exists
        case .operand(let operand): return try comparison(with: operand)
        case .value(let value): return try comparison(with: value)
        case .list(let values): return try comparison(with: values)
        }
    }

    private func checkOperator() throws(CheckError) {
        let allowed: [ParsedOperator]
        switch type {
        case .integer, .port, .duration, .time:
            allowed = [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .within, .intersects]
        case .boolean, .address, .network: allowed = [.equal, .notEqual, .within, .intersects]
        case .text: allowed = ParsedOperator.allCases.filter { $0 != .bcontains && $0 != .bstartswith }
        }
        guard !allowed.contains(parsed.comparison) else { return }
        let words = allowed.map(\.rawValue).filter { $0 != "exists" } + ["exists"]
        throw CheckError(
            message: "'\(parsed.comparison.rawValue)' cannot compare \(left.text), which is of type \(type.rawValue); it takes "
                + words.joined(separator: " "), place: parsed.comparisonPlace)
    }

    private func comparison(with operand: ParsedOperand) throws(CheckError) -> Comparison {
        let right = try OperandCheck.operand(operand)
        let excluded: Set<Field> = [.descriptorIP, .descriptorPort, .descriptorNetwork]
        let isAny = { (side: Operand) in excluded.contains(side.field) || side.isAnyAncestor }
        guard right.type == type, type != .network, !isAny(left), !isAny(right) else {
            throw CheckError(
                message: "\(left.text) (\(type.rawValue)) cannot be compared with \(right.text) (\(right.type.rawValue))",
                place: operand.place)
        }
        switch parsed.comparison {
        case .pmatch, .regex, .glob, .iglob:
            throw CheckError(
                message: "'\(parsed.comparison.rawValue)' takes constants, not a field", place: parsed.comparisonPlace)
        case .exists, .lessOrEqual, .less, .greaterOrEqual, .greater, .equal, .notEqual, .contains, .icontains, .bcontains,
            .startswith, .bstartswith, .endswith, .within, .intersects:
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
        case .text:
            for value in values { try checkEventType(value) }
            return .texts(values.map(\.bytes))
        case .integer, .port, .duration, .time: return .numbers(try numbers(values))
        case .boolean: return try flags(values)
        case .address, .network: return .addresses(try blocks(values))
        }
    }

    private func comparison(with value: ParsedValue) throws(CheckError) -> Comparison {
        switch type {
        case .text:
            let test = parsed.comparison.textTest ?? .relation(.equal)
            if case .relation = test { try checkEventType(value) }
            if test == .regex { try checkRegex(value) }
            return .text(test, value.bytes)
        case .integer, .port, .duration, .time:
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
    var isAnyAncestor: Bool { field.facts.argument == .generations && argument == .none }
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
        case .contains: .contains
        case .icontains: .containsFolded
        case .startswith: .startsWith
        case .endswith: .endsWith
        case .glob: .glob
        case .iglob: .globFolded
        case .regex: .regex
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .exists, .bcontains, .bstartswith, .within,
            .intersects, .pmatch:
            nil
        }
    }
}
