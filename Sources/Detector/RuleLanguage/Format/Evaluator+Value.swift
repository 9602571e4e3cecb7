// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The value of an operand for printing: here, and nowhere before a rule has matched, Strings are made.
extension Evaluator {
    mutating func value(of operand: Operand, _ event: Event) -> JSONValue? {
        guard let field = operand.field else { return nil }
        var variable = ByteString([])
        if case .variable(let name) = operand.argument { variable = ByteString(name) }
        if operand.isAnyAncestor { return ancestors(field, event) }
        switch operand.facts.type {
        case .text, .bytes: return text(of: operand, field, variable, event)
        case .integer, .decimal, .port, .duration, .time: return reader.number(field, event).map { .int($0) }
        case .boolean: return reader.flag(field, event).map { .bool($0) }
        case .address, .network: return address(field, event)
        }
    }

    private mutating func text(of operand: Operand, _ field: Field, _ variable: ByteString, _ event: Event) -> JSONValue? {
        let generation: Int32 =
            switch operand.argument {
            case .generation(let number), .index(let number): Int32(number)
            case .none, .variable, .name: operand.facts.parameter.map { Int32($0.index) } ?? -1
            }
        let found = withExtendedLifetime(variable) {
            reader.text(field, generation: generation, variable: variable.view, event).map { Array($0.raw) }
        }
        guard var bytes = found else { return nil }
        for transformer in operand.transformers {
            guard transformer != .length else { return .int(Int64(bytes.count)) }
            let source = ByteBuffer(capacity: bytes.count + 1), target = ByteBuffer(capacity: bytes.count + 1)
            for byte in bytes { source.append(byte) }
            let applied = withExtendedLifetime((source, target)) {
                transformer.apply(to: source.view, into: target) ? Array(target.view.raw) : nil
            }
            guard let applied else { return nil }
            bytes = applied
        }
        return .string(String(decoding: bytes, as: UTF8.self))
    }

    // All ancestors, the parent first, joined with blanks.
    private mutating func ancestors(_ field: Field, _ event: Event) -> JSONValue? {
        var parts: [String] = []
        var generation: Int32 = 1
        while let view = reader.text(field, generation: generation, variable: .empty, event) {
            parts.append(view.string)
            generation += 1
        }
        return parts.isEmpty ? nil : .string(parts.joined(separator: " "))
    }

    private func address(_ field: Field, _ event: Event) -> JSONValue? {
        guard let connect = event.connectDetail else { return nil }
        return ConnectionSide(of: field).address(connect, isServer: event.isServerSide).map { .string($0.description) }
    }
}
