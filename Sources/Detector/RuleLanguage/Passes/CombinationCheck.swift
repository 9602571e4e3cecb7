// SPDX-License-Identifier: Apache-2.0

/// Checks the transformers that make one value of several: `join`, `concat` and `getopt`.
struct CombinationCheck {
    let operands: OperandCheck

    /// What an argument is, when it is looked at alone.
    private struct Part {
        var text: String
        var part: Combination.Part
        var isText: Bool
        var isList: Bool
    }

    func combined(
        _ name: String, _ arguments: [ParsedOperand], _ place: Place, option: String? = nil
    ) throws(CheckError) -> Operand {
        var parts: [Part] = []
        for argument in arguments { parts.append(try part(argument)) }
        if let wrong = Self.mistake(name, parts) { throw CheckError(message: "\(name)() \(wrong)", place: place) }
        let text = "\(name)(\(parts.map(\.text).joined(separator: ",")))" + (option.map { "[\($0)]" } ?? "")
        let isList = name == TransformerName.getopt.rawValue && option == nil
        return Operand(
            FieldFacts(text, .text, "one value of several", .event, list: isList, sources: [operands.source]),
            combination: Self.combination(name, parts.map(\.part), letter: option?.utf8.first))
    }

    private static func combination(_ name: String, _ parts: [Combination.Part], letter: UInt8?) -> Combination {
        switch TransformerName(rawValue: name) {
        case .join?: .join(separator: parts[0], parts[1])
        case .getopt?: .getopt(parts[0], options: parts[1], letter: letter)
        case .concat?, .tolower?, .toupper?, .b64?, .basename?, .len?, nil: .concat(parts)
        }
    }

    private func part(_ argument: ParsedOperand) throws(CheckError) -> Part {
        switch argument {
        case .constant(let value):
            return Part(text: "\"\(value.text)\"", part: .constant(value.bytes), isText: true, isList: false)
        case .transformed(let name, let elements, _) where name.isEmpty:
            var found: [Part] = []
            for element in elements { found.append(try part(element)) }
            let text = "(\(found.map(\.text).joined(separator: ",")))"
            return Part(text: text, part: .list(found.map(\.part)), isText: true, isList: true)
        case .field, .transformed, .selected:
            let operand = try operands.operand(argument)
            return Part(text: operand.text, part: .operand(operand), isText: operand.type == .text, isList: operand.isList)
        }
    }

    private static func mistake(_ name: String, _ parts: [Part]) -> String? {
        switch TransformerName(rawValue: name) {
        case .join?:
            let isRight = parts.count == 2 && !parts[0].isList && parts[1].isList
            return isRight ? nil : "takes a separator and a list, such as join(\",\", (proc.name, proc.pname))"
        case .concat?:
            let isRight = parts.count >= 2 && parts.allSatisfy { $0.isText && !$0.isList }
            return isRight ? nil : "takes two or more texts, such as concat(proc.name, \":\", proc.pname)"
        case .getopt?:
            let isRight = parts.count == 2 && parts[0].isList && !parts[1].isList && parts.allSatisfy(\.isText)
            return isRight ? nil : "takes a list of texts and the options, such as getopt((proc.args[0], proc.args[1]), \"ab:\")"
        case .tolower?, .toupper?, .b64?, .basename?, .len?, nil: return nil
        }
    }
}
