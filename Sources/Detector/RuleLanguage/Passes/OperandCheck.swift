// SPDX-License-Identifier: Apache-2.0

import SourceText

/// Looks up fields, their arguments and transformers.
struct OperandCheck {
    let source: EventSource

    func operand(_ parsed: ParsedOperand) throws(CheckError) -> Operand {
        switch parsed {
        case .field(let name, let argument, let place): return try field(name, argument, place)
        case .transformed(let name, let arguments, let place): return try transformed(name, arguments, place)
        case .selected(let inner, let option): return try selected(inner, option)
        case .constant(let value):
            throw CheckError(message: "a constant cannot stand here; compare a field with it", place: value.place)
        }
    }

    private func field(_ name: String, _ argument: ParsedValue?, _ place: Place) throws(CheckError) -> Operand {
        guard let facts = FieldTable.field(named: name, of: source) else { throw unknown(name, place) }
        return Operand(facts, argument: try self.argument(of: facts, argument, place))
    }

    // The dialect leaves a rule out for an unknown field, and not for an unknown argument of an event.
    private func unknown(_ name: String, _ place: Place) -> CheckError {
        for family in ["evt.arg.", "evt.rawarg."] where source == .syscall && name.hasPrefix(family) {
            let argument = String(name.dropFirst(family.count))
            guard !EventParameters.types.keys.contains(where: { argument.hasPrefix($0) }) else { continue }
            let hint = NearestName.hint(argument, among: EventParameters.types.keys)
            return CheckError(message: "unknown event argument \(argument)\(hint)", place: place)
        }
        if let elsewhere = FieldTable.field(named: name) {
            let sources = elsewhere.sources.map(\.rawValue).sorted().joined(separator: " and ")
            let message = "nonexistent field '\(name)': it is a field of \(sources), and the rule's source is \(source.rawValue)"
            return CheckError(message: message, place: place, isUnknownName: true)
        }
        let hint = NearestName.hint(name, among: FieldTable.names(of: source))
        return CheckError(message: "nonexistent field '\(name)'\(hint)", place: place, isUnknownName: true)
    }

    private func argument(of facts: FieldFacts, _ given: ParsedValue?, _ place: Place) throws(CheckError) -> Operand.Argument {
        guard let given else {
            guard !facts.isArgumentRequired else {
                throw CheckError(message: "\(facts.name) needs an argument, such as \(facts.name)[\(facts.example)]", place: place)
            }
            return .none
        }
        switch facts.argument {
        case .none: throw CheckError(message: "\(facts.name) takes no argument in brackets", place: given.place)
        case .variable: return .variable(given.text)
        case .name, .place: return .name(given.text)
        case .pointer: return .name(given.text)
        case .generations: return .generation(try number(given, facts, "a number of generations", upTo: 64))
        case .index: return .index(try number(given, facts, "a number", upTo: 4096))
        }
    }

    private func number(_ given: ParsedValue, _ facts: FieldFacts, _ what: String, upTo limit: Int) throws(CheckError) -> Int {
        guard let number = Int(given.text), (0...limit).contains(number) else {
            throw CheckError(message: "\(facts.name) takes \(what) from 0 to \(limit), not '\(given.text)'", place: given.place)
        }
        return number
    }

    private func selected(_ inner: ParsedOperand, _ option: ParsedValue) throws(CheckError) -> Operand {
        guard case .transformed(let name, let arguments, let place) = inner, name == TransformerName.getopt.rawValue else {
            throw CheckError(message: "only getopt() takes an option in brackets", place: option.place)
        }
        guard option.bytes.count == 1 else {
            throw CheckError(message: "getopt() takes one letter in brackets, not '\(option.text)'", place: option.place)
        }
        return try CombinationCheck(operands: self).combined(name, arguments, place, option: option.text)
    }

    private func transformed(_ name: String, _ arguments: [ParsedOperand], _ place: Place) throws(CheckError) -> Operand {
        let transformer: Operand.Transformer
        switch TransformerName(rawValue: name) {
        case .tolower: transformer = .lower
        case .toupper: transformer = .upper
        case .b64: transformer = .decodeBase64
        case .basename: transformer = .basename
        case .len: transformer = .length
        case .join?, .concat?, .getopt?: return try CombinationCheck(operands: self).combined(name, arguments, place)
        case nil: throw CheckError(message: "a list cannot stand here", place: place)
        }
        guard arguments.count == 1 else { throw CheckError(message: "\(name)() takes one field", place: place) }
        var inner = try operand(arguments[0])
        guard !inner.facts.limits.contains(.noTransformer) else {
            throw CheckError(message: "\(inner.text) cannot stand in a transformer", place: place)
        }
        guard transformer.takes(inner) else {
            throw CheckError(message: "\(name)() takes \(transformer.taken), but \(inner.text) is of type \(inner.typeName)", place: place)
        }
        inner.transformers.append(transformer)
        return inner
    }
}

extension Operand {
    /// The type as messages name it.
    var typeName: String { isList ? "list of \(type.rawValue)" : type.rawValue }
}

extension Operand.Transformer {
    /// What it can be applied to, in words.
    var taken: String {
        switch self {
        case .lower, .upper, .basename: "a text"
        case .decodeBase64: "a text or bytes"
        case .length: "a text, bytes or a list"
        }
    }

    /// True when it can be applied to the operand.
    func takes(_ operand: Operand) -> Bool {
        switch self {
        case .lower, .upper, .basename: operand.type == .text
        case .decodeBase64: operand.type == .text || operand.type == .bytes
        case .length: operand.isList || operand.type == .text || operand.type == .bytes
        }
    }
}

extension FieldFacts {
    /// An argument that it takes, for messages.
    var example: String {
        switch argument {
        case .none, .index, .place: "0"
        case .generations: "2"
        case .variable: "PATH"
        case .pointer: "/stage"
        case .name: "app"
        }
    }
}
