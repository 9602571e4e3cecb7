// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A part of one of the program's tables.
struct TableRange {
    var start: Int32 = 0
    var count: Int32 = 0

    var indices: Range<Int> { Int(start)..<Int(start + count) }
}

/// An operand as the matcher reads it: plain numbers, no references.
struct FlatOperand {
    var field: Field
    /// How many generations up, or which one of several; -1 for none given.
    var generation: Int32
    /// The variable's name, in the program's texts.
    var variable: TableRange
    /// What is done to the value, in the program's transformers.
    var transformers: TableRange
    var type: FieldFacts.ValueType
    var side: ConnectionSide
    /// True for a field that stands for all ancestors at once.
    var isAnyAncestor: Bool

    init(_ field: Field, _ operand: Operand, variable: TableRange, transformers: TableRange) {
        self.field = field
        self.variable = variable
        self.transformers = transformers
        type = operand.type
        side = ConnectionSide(of: field)
        isAnyAncestor = operand.isAnyAncestor
        switch operand.argument {
        case .none, .variable, .name: generation = -1
        case .generation(let number), .index(let number): generation = Int32(number)
        }
    }
}

/// One comparison as the matcher reads it.
struct Test {
    enum Operation {
        case exists
        case number(Relation)
        case numbers
        case flag(whenTrue: Bool, whenFalse: Bool)
        case text(TextTest)
        case texts
        case paths
        case addresses(isEqual: Bool)
        case operand(Relation)
        case operandText(TextTest)
        case every(ParsedModifier)
    }

    var operation: Operation
    var left: FlatOperand
    /// Where the constants are: in the table that the operation reads.
    var constants = TableRange()
    var number: Int64 = 0
}

/// One step of the walk through the rules of an event type: which comparison to make, and where to go on.
struct Step: Hashable {
    /// Where the walk ends: no rule is left.
    static let end: Int32 = -1

    /// The comparison's slot; for the find of a rule `~` of the rule's index, which goes on at `whenTrue`.
    var slot: Int32
    var whenTrue: Int32
    var whenFalse: Int32
}

/// The conditions of all rules, compiled: one slot a distinct comparison, one walk over the slots for each kind of event, and the
/// constants in tables. Nothing in it changes after it was made.
struct Program: Sendable {
    var tests: [Test] = []
    var steps: [Step] = []
    /// Where the walk of a kind begins, by the kind's raw value.
    var entries = [Int32](repeating: Step.end, count: Int(EventKind.allCases.map(\.rawValue).max() ?? 0) + 1)

    /// All constant bytes, one after another.
    var texts: ByteString = ByteString([])
    var slices: [TableRange] = []
    var numbers: [Int64] = []
    var blocks: [AddressBlock] = []
    var operands: [FlatOperand] = []
    var subtests: [Test] = []
    var transformers: [Operand.Transformer] = []
    var sets = ByteSets()
    var regexes: [RegexProgram] = []

    func text(_ range: TableRange) -> ByteView { texts.view.slice(Int(range.start), Int(range.start + range.count)) }
}

/// Sets of byte texts for `in`: open addressing in one array for all sets; a slot holds the place of a text.
struct ByteSets: Sendable {
    private var slots: [TableRange] = []

    /// Adds a set; what it returns names it in `contains`. The texts are places in `bytes`.
    mutating func add(_ texts: [TableRange], in bytes: ByteView) -> TableRange {
        var capacity = 4
        while capacity < texts.count * 2 { capacity *= 2 }
        let start = slots.count
        slots += repeatElement(TableRange(start: -1, count: 0), count: capacity)
        let set = TableRange(start: Int32(start), count: Int32(capacity))
        for text in texts {
            let view = bytes.slice(Int(text.start), Int(text.start + text.count))
            let slot = self.slot(of: view, in: set, bytes)
            slots[slot] = text
        }
        return set
    }

    /// True when the set holds the text.
    func contains(_ text: ByteView, in set: TableRange, _ bytes: ByteView) -> Bool {
        slots[slot(of: text, in: set, bytes)].start >= 0
    }

    private func slot(of text: ByteView, in set: TableRange, _ bytes: ByteView) -> Int {
        let mask = Int(set.count) - 1
        var place = Int(truncatingIfNeeded: text.hash64) & mask
        while true {
            let slot = slots[Int(set.start) + place]
            guard slot.start >= 0 else { break }
            if bytes.slice(Int(slot.start), Int(slot.start + slot.count)).equals(text) { break }
            place = (place + 1) & mask
        }
        return Int(set.start) + place
    }
}
