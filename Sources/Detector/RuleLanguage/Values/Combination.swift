// SPDX-License-Identifier: Apache-2.0

/// One value made of several, by the transformers that take more than one. A null among them makes it null.
indirect enum Combination: Hashable, Sendable {
    /// What a combination is made of.
    enum Part: Hashable {
        case constant([UInt8])
        case operand(Operand)
        case list([Part])
    }

    /// The values of a list as one text, with a separator between them.
    case join(separator: Part, Part)
    /// Texts one after the other.
    case concat([Part])
    /// The options among the arguments of a program; with a letter, the last value of that option alone.
    case getopt(Part, options: Part, letter: UInt8?)

    /// Its parts, in order.
    var parts: [Part] {
        switch self {
        case .join(let separator, let list): [separator, list]
        case .concat(let parts): parts
        case .getopt(let arguments, let options, _): [arguments, options]
        }
    }

    /// The value; `read` gives that of a field before anything is done to it.
    func value(_ read: (Operand) -> FieldValue?) -> FieldValue? {
        switch self {
        case .join(let separator, let list):
            guard let separator = separator.value(read), let list = list.value(read) else { return nil }
            return .text(Array(list.elements.map(\.bytes).joined(separator: separator.bytes)))
        case .concat(let parts):
            guard let values = Part.list(parts).value(read) else { return nil }
            return .text(values.bytes)
        case .getopt(let arguments, let options, let letter):
            guard let arguments = arguments.value(read), let options = options.value(read) else { return nil }
            let scan = OptionScan(options.bytes), words = arguments.elements.map(\.bytes)
            guard let letter else { return .list(scan.list(words).map { .text($0) }) }
            return scan.last(letter, in: words).map { .text($0) }
        }
    }
}

extension Combination.Part {
    /// The operands in it, in order.
    var operands: [Operand] {
        switch self {
        case .constant: []
        case .operand(let operand): [operand]
        case .list(let parts): parts.flatMap(\.operands)
        }
    }

    // A list within a list is its values: lists do not nest.
    func value(_ read: (Operand) -> FieldValue?) -> FieldValue? {
        switch self {
        case .constant(let bytes): return .text(bytes)
        case .operand(let operand): return operand.value(read)
        case .list(let parts):
            var values: [FieldValue] = []
            for part in parts {
                guard let value = part.value(read) else { return nil }
                values += value.elements
            }
            return .list(values)
        }
    }
}
