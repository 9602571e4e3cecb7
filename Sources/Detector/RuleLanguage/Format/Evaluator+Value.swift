// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The values of operands as copies: for printing, after a rule has matched, and for what is put together of several fields.
extension Evaluator {
    mutating func value(of operand: Operand, _ event: Event) -> JSONValue? {
        operand.value { fieldValue(of: $0, event) }?.json
    }

    /// The value of a field before anything is done to it.
    mutating func fieldValue(of operand: Operand, _ event: Event) -> FieldValue? {
        guard let field = operand.field else { return nil }
        if operand.isAnyAncestor { return ancestors(field, event) }
        switch operand.facts.type {
        case .text, .bytes: return text(of: operand, field, event)
        case .integer, .decimal, .port, .duration, .time: return reader.number(field, event).map { .number($0) }
        case .boolean: return reader.flag(field, event).map { .flag($0) }
        case .address, .network: return address(field, event)
        }
    }

    private mutating func text(of operand: Operand, _ field: Field, _ event: Event) -> FieldValue? {
        var generation = operand.facts.number, variable = ByteString([])
        switch operand.argument {
        case .generation(let number), .index(let number): generation = Int32(number)
        case .variable(let name), .name(let name): variable = ByteString(name)
        case .none: break
        }
        return withExtendedLifetime(variable) {
            reader.text(field, generation: generation, variable: variable.view, event).map { .text(Array($0.raw)) }
        }
    }

    // All ancestors, the parent first, joined with blanks.
    private mutating func ancestors(_ field: Field, _ event: Event) -> FieldValue? {
        var parts: [[UInt8]] = []
        var generation: Int32 = 1
        while let view = reader.text(field, generation: generation, variable: .empty, event) {
            parts.append(Array(view.raw))
            generation += 1
        }
        return parts.isEmpty ? nil : .text(Array(parts.joined(separator: [UInt8(ascii: " ")])))
    }

    private func address(_ field: Field, _ event: Event) -> FieldValue? {
        guard let connect = event.connectDetail else { return nil }
        return ConnectionSide(of: field).address(connect, isServer: event.isServerSide).map { .address($0) }
    }
}
