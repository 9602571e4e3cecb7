// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A part of one of the program's tables.
struct TableRange: BitwiseCopyable {
    var start: Int32 = 0
    var count: Int32 = 0

    var indices: Range<Int> { Int(start)..<Int(start + count) }
}

/// An operand as the matcher reads it: plain numbers, no references.
struct FlatOperand {
    var field: Field
    /// How many generations up, or which one of several, or which named parameter; -1 for none given.
    var generation: Int32
    /// The variable's name, in the program's texts.
    var variable: TableRange
    /// What is done to the value, in the program's transformers.
    var transformers: TableRange
    var type: FieldFacts.ValueType
    var side: ConnectionSide
    /// True for a field that stands for all ancestors at once.
    var isAnyAncestor: Bool
    /// True for a field that an opened file's paths give, each its own.
    var hasPaths: Bool

    /// What stands on the left of a comparison of copies, which reads its operands by itself.
    static let none = FlatOperand(.eventType, Operand(Field.eventType.facts), variable: TableRange(), transformers: TableRange())

    init(_ field: Field, _ operand: Operand, variable: TableRange, transformers: TableRange) {
        self.field = field
        self.variable = variable
        self.transformers = transformers
        type = operand.type
        side = ConnectionSide(of: field)
        isAnyAncestor = operand.isAnyAncestor
        hasPaths = field.hasPaths
        switch operand.argument {
        case .none, .variable, .name: generation = operand.facts.number
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
        /// A comparison of copies, in the program's tests of values.
        case values
    }

    var operation: Operation
    var left: FlatOperand
    /// Where the constants are: in the table that the operation reads.
    var constants = TableRange()
    var number: Int64 = 0
    /// Which paths of an opened file must satisfy it.
    var paths = Paths.one

    enum Paths {
        /// There is none in it, or only one is read.
        case one
        case either
        /// Both, since it says that something differs.
        case both
    }
}

/// One step of the walk through a condition: which comparison to make, and where to go on.
struct Step: Hashable, BitwiseCopyable {
    /// Where a walk ends: the condition holds.
    static let holds: Int32 = -1
    /// Where a walk ends: the condition does not hold.
    static let fails: Int32 = -2

    var slot: Int32
    var whenTrue: Int32
    var whenFalse: Int32
}

/// Where the walks through the parts of a rule's condition begin.
struct RuleWalks {
    /// What depends on the event's shape alone.
    var shape = Step.holds
    /// What depends on the process's line alone.
    var line = Step.holds
    /// The rest.
    var rest = Step.holds
    /// The line's part and the rest, for an event whose process has no line.
    var lineAndRest = Step.holds
}

/// What there is to know of a comparison's slot.
struct SlotFacts {
    var scope: Scope
    /// Its bit among those of its scope.
    var bit: Int32
    /// The unit that answers it; -1 for none.
    var unit: Int32 = -1
    /// The rules that can hold only if it, or another that gives them, is true.
    var gives = TableRange()
    /// The rules that cannot hold if it is true.
    var vetoes = TableRange()
    /// The row of these rules, where they are so many that a word of them at a time is faster; -1 where they are few.
    var vetoRow: Int32 = -1
}

/// The conditions of all rules, compiled: one slot a distinct comparison, the constants in tables, and for each rule the walks
/// through the parts of its condition. Rows of bits have one bit a rule. Nothing in it changes after it was made.
struct Program: Sendable {
    /// What the tables of the units stand in.
    var memory = TableMemory()
    var tests: [Test] = []
    var predicates: [Predicate] = []
    var slots: [SlotFacts] = []
    var shapeSlots: [Int32] = []
    var lineSlotCount = 0
    var units: [TextUnit] = []
    /// The ways out of each lead to earlier ones.
    var steps: [Step] = []
    var walks: [RuleWalks] = []
    var ruleLists: [Int32] = []
    /// How many words a row has.
    var rowWords = 0
    /// A row a kind, by its raw value: the rules that are run for it.
    var kindRows: [UInt64] = []
    /// The kinds that rules are run for, a bit each by the kind's raw value.
    var runKinds = [UInt64](repeating: 0, count: 4)
    /// Rows of rules that one comparison rules out.
    var vetoRows: [UInt64] = []
    /// A row a unit: the rules that it gives or, of a process's line, vetoes.
    var unitRows: [UInt64] = []
    /// The rules that a comparison of that scope must give.
    var givenByLine: [UInt64] = []
    var givenByEvent: [UInt64] = []
    /// The rules whose line part is decided by units alone.
    var decidedByUnits: [UInt64] = []
    /// How many generations of a line matter; nil for all.
    var lineDepth: Int? = 1
    var asksSessionLeader = false

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
    var valueTests: [ValueTest] = []

    var lineSlotWords: Int { (lineSlotCount + 63) / 64 }
    var shapeSlotWords: Int { (shapeSlots.count + 63) / 64 }

    /// True when a rule is run for the kind.
    func isRun(_ kind: EventKind) -> Bool { runKinds[Int(kind.rawValue >> 6)] >> UInt64(kind.rawValue & 63) & 1 == 1 }

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
