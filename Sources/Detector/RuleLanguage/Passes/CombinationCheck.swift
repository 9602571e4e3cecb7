// SPDX-License-Identifier: Apache-2.0

/// The transformers that make one value of several: `join`, `concat` and `getopt`. They are checked as the dialect has it; nothing
/// computes them in this version, so they stand for a field that nothing reads.
struct CombinationCheck {
    let operands: OperandCheck

    /// What an argument is, when it is looked at alone.
    private struct Part {
        var text: String
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
            FieldFacts(text, .text, "one value of several", .combinations, list: isList, sources: [operands.source]))
    }

    private func part(_ argument: ParsedOperand) throws(CheckError) -> Part {
        switch argument {
        case .constant(let value): return Part(text: "\"\(value.text)\"", isText: true, isList: false)
        case .transformed(let name, let elements, _) where name.isEmpty:
            var texts: [String] = []
            for element in elements { texts.append(try part(element).text) }
            return Part(text: "(\(texts.joined(separator: ",")))", isText: true, isList: true)
        case .field, .transformed, .selected:
            let operand = try operands.operand(argument)
            return Part(text: operand.text, isText: operand.type == .text, isList: operand.isList)
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
