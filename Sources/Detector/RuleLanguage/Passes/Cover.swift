// SPDX-License-Identifier: Apache-2.0

/// Comparisons of which one must be true for a formula to hold: a rule is looked at only when one of them is.
struct Cover {
    var slots: [Int32]
    /// How often one of them is likely to be true, in no unit.
    var weight: Int
    /// True when the formula holds as soon as one of them is true.
    var isWhole: Bool

    /// The lightest cover by comparisons that have a weight; nil when there is none.
    init?(_ formula: Formula, weight: (Int32) -> Int?) {
        switch formula {
        case .constant, .test(_, isNegated: true): return nil
        case .test(let slot, isNegated: false):
            guard let own = weight(slot) else { return nil }
            self.init(slots: [slot], weight: own, isWhole: true)
        case .all(let parts):
            guard let best = parts.compactMap({ Cover($0, weight: weight) }).min(by: { $0.weight < $1.weight }) else { return nil }
            self.init(slots: best.slots, weight: best.weight, isWhole: false)
        case .any(let parts):
            let covers = parts.compactMap { Cover($0, weight: weight) }
            guard covers.count == parts.count else { return nil }
            self.init(
                slots: covers.flatMap(\.slots), weight: covers.reduce(0) { $0 + $1.weight }, isWhole: covers.allSatisfy(\.isWhole))
        }
    }

    private init(slots: [Int32], weight: Int, isWhole: Bool) {
        self.slots = slots
        self.weight = weight
        self.isWhole = isWhole
    }

    /// How likely a comparison is to be true: whole texts are rare, short parts of texts are common, and any ancestor is many texts.
    static func weight(of predicate: Predicate) -> Int {
        let own: Int
        switch predicate.comparison {
        case .text(.relation(.equal), _): own = 2
        case .texts(let texts): own = 2 + texts.count / 8
        // To search a whole text costs more than to walk down a tree.
        case .text(.contains, let text), .text(.containsFolded, let text): own = part(text) + 40
        case .text(_, let text): own = part(text)
        case .paths(let paths): own = paths.reduce(0) { $0 + part($1) }
        case .exists, .number, .numbers, .flag, .address, .addresses, .operand, .operandText, .elements, .every: own = 1_000
        }
        return predicate.left.isAnyAncestor ? own * 4 : own
    }

    private static func part(_ text: [UInt8]) -> Int { text.count <= 1 ? 1_000 : text.count <= 5 ? 60 : text.count <= 8 ? 20 : 8 }
}
