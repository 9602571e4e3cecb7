// SPDX-License-Identifier: Apache-2.0

@testable import RuleLanguage

/// What is put together of several values, made naively: each value as a list of texts, one for what is no list, none for a null.
extension NaiveComparison {
    func combined(_ combination: Combination) -> [[UInt8]]? {
        switch combination {
        case .join(let separator, let list):
            guard let separator = values(separator)?.first, let list = values(list) else { return nil }
            return [list.dropFirst().reduce(list.first ?? []) { $0 + separator + $1 }]
        case .concat(let parts):
            let values = parts.map(values)
            return values.contains { $0 == nil } ? nil : [values.flatMap { $0! }.flatMap { $0 }]
        case .getopt(let arguments, let options, let letter):
            guard let words = values(arguments), let letters = values(options)?.first else { return nil }
            let found = Self.options(words, letters)
            guard let letter else { return found.flatMap { [$0.name] + ($0.value.map { [$0] } ?? []) } }
            return found.last { $0.letter == letter }.map { [$0.value ?? $0.name] }
        }
    }

    private func values(_ part: Combination.Part) -> [[UInt8]]? {
        switch part {
        case .constant(let bytes): return [bytes]
        case .list(let parts):
            var found: [[UInt8]] = []
            for part in parts {
                guard let values = values(part) else { return nil }
                found += values
            }
            return found
        case .operand(let operand):
            if operand.combination == nil, operand.type != .text {
                return numbers(operand).first.map { [Array(String($0).utf8)] }
            }
            return texts(operand).first.map { [$0] }
        }
    }

    private struct Option {
        var letter: UInt8
        /// What a list has for it: nothing but an empty text when it lacks its value, `?` when it is not known.
        var name: [UInt8]
        var value: [UInt8]?
    }

    private static func options(_ arguments: [[UInt8]], _ letters: [UInt8]) -> [Option] {
        var found: [Option] = [], rest = arguments[...]
        while let word = rest.popFirst(), word.starts(with: [45]), word.count > 1, word != [45, 45] {
            guard word[1] != 45 else { continue }
            var cluster = word.dropFirst()
            while let letter = cluster.popFirst() {
                let takesValue = zip(letters, letters.dropFirst()).contains { $0 == letter && $1 == 58 }
                if letter == 58 || !letters.contains(letter) {
                    found.append(Option(letter: 0, name: [63]))
                } else if !takesValue {
                    found.append(Option(letter: letter, name: [letter]))
                } else if let value = cluster.isEmpty ? rest.popFirst() : Array(cluster) {
                    found.append(Option(letter: letter, name: [letter], value: value))
                    cluster = []
                } else {
                    found.append(Option(letter: letter, name: []))
                }
            }
        }
        return found
    }
}
