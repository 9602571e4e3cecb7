// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Which environment variables comparisons ask for. No other is copied out of a process, since an environment is long and secret.
enum EnvironmentNames {
    /// The names that an operand and a comparison name: `proc.env[NAME]`, or NAME as in `proc.env contains NAME=1`.
    static func names(in predicate: Predicate) -> Set<String> {
        var found = names(of: predicate.operands)
        if isWhole(predicate) { found.formUnion(names(in: predicate.comparison)) }
        return found
    }

    /// The names that operands have in brackets.
    static func names(of operands: [Operand]) -> Set<String> {
        Set(operands.flatMap(\.fields).compactMap { operand in
            guard operand.field == .processEnvironment, case .variable(let name) = operand.argument else { return nil }
            return name
        })
    }

    /// True when the whole environment is compared.
    static func isWhole(_ predicate: Predicate) -> Bool {
        predicate.operands.flatMap(\.fields).contains { $0.field == .processEnvironment && $0.argument == .none }
    }

    private static func names(in comparison: Comparison) -> Set<String> {
        switch comparison {
        case .text(.containsFolded, let text), .text(.globFolded, let text):
            let names = name(in: text)
            return Set(names + names.map { $0.uppercased() } + names.map { $0.lowercased() })
        case .text(_, let text): return Set(name(in: text))
        case .texts(let texts), .paths(let texts): return Set(texts.flatMap { name(in: $0) })
        case .every(_, let each): return Set(each.flatMap { names(in: $0) })
        case .elements(_, let inner): return names(in: inner)
        case .exists, .number, .numbers, .flag, .address, .addresses, .operand, .operandText: return []
        }
    }

    private static func name(in text: [UInt8]) -> [String] {
        let name = String(decoding: text.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
        let isName = name.utf8.allSatisfy(Lexicon.isWord) && !name.isEmpty && name.utf8.count <= EnvironmentLimit.nameBytes
        return isName && name.utf8.first.map(Lexicon.isDigit) == false ? [name] : []
    }
}
