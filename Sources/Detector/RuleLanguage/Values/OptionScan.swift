// SPDX-License-Identifier: Apache-2.0

/// Walks over the arguments of a program as getopt(3) does, up to the first that is no option: letters, clusters of them, and values
/// in the same argument or the next one. Long options are passed over.
struct OptionScan {
    private enum Found {
        case unknown
        case plain(UInt8)
        case valued(UInt8, [UInt8])
        case withoutValue(UInt8)
    }

    private static let dash = UInt8(ascii: "-")
    private static let colon = UInt8(ascii: ":")

    private var known: Set<UInt8> = []
    private var valued: Set<UInt8> = []

    /// Takes the letters, such as `ab:c`: one with a colon behind it takes a value.
    init(_ letters: [UInt8]) {
        for (index, letter) in letters.enumerated() where letter != Self.colon {
            known.insert(letter)
            if index + 1 < letters.count, letters[index + 1] == Self.colon { valued.insert(letter) }
        }
    }

    /// Each option that is found, with its value behind it: `?` stands for one that is not known, an empty text for one that lacks its
    /// value.
    func list(_ arguments: [[UInt8]]) -> [[UInt8]] {
        scan(arguments).flatMap { found -> [[UInt8]] in
            switch found {
            case .unknown: [[UInt8(ascii: "?")]]
            case .plain(let letter): [[letter]]
            case .valued(let letter, let value): [[letter], value]
            case .withoutValue: [[]]
            }
        }
    }

    /// The value of the last option of that letter: the letter itself for one that takes none, nil when it is not there.
    func last(_ letter: UInt8, in arguments: [[UInt8]]) -> [UInt8]? {
        scan(arguments).compactMap { found -> [UInt8]? in
            switch found {
            case .plain(letter): [letter]
            case .valued(letter, let value): value
            case .withoutValue(letter): []
            case .unknown, .plain, .valued, .withoutValue: nil
            }
        }.last
    }

    private func scan(_ arguments: [[UInt8]]) -> [Found] {
        var found: [Found] = []
        var index = 0
        while index < arguments.count {
            let word = arguments[index]
            index += 1
            guard word.count > 1, word[0] == Self.dash, word != [Self.dash, Self.dash] else { break }
            if word[1] != Self.dash { read(cluster: word, arguments, &index, &found) }
        }
        return found
    }

    private func read(cluster word: [UInt8], _ arguments: [[UInt8]], _ index: inout Int, _ found: inout [Found]) {
        for (place, letter) in word.enumerated().dropFirst() {
            guard known.contains(letter) else {
                found.append(.unknown)
                continue
            }
            guard valued.contains(letter) else {
                found.append(.plain(letter))
                continue
            }
            if place + 1 < word.count {
                found.append(.valued(letter, Array(word[(place + 1)...])))
            } else if index < arguments.count {
                found.append(.valued(letter, arguments[index]))
                index += 1
            } else {
                found.append(.withoutValue(letter))
            }
            return
        }
    }
}
