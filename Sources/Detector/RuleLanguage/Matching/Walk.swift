// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Takes events through a program. First the rules that may hold are narrowed down, a word of rules at a time: by the event's shape, by
/// the process's line, by what its texts are; then the conditions of those that are left are walked.
struct Walk {
    let program: Program
    var evaluator: Evaluator
    private let memory = TableMemory()
    private let kindRows: BitRows
    private let unitRows: BitRows
    private let givenByLine: BitRows
    private let givenByEvent: BitRows
    private let decidedByUnits: BitRows
    private let lines: LineMemo
    private let shapes: ShapeMemo
    private let found: FoundSlots
    /// What each slot came to, and for which event: the event's own number shifted by one, and the result in the last bit.
    private let answers: BitWords
    /// A row of the rules that may hold, and one of those that a comparison of this event gives.
    private let candidates: BitWords
    private let given: BitWords

    private var epoch: UInt64 = 0
    /// The units that were looked up for this event.
    private var looked: UInt64 = 0
    private var shape: UnsafeMutablePointer<UInt64>
    private var line: Int?
    /// Where the look through the candidates is: a word of the row, and what is left of it.
    private var word = 0
    private var left: UInt64 = 0

    /// How many lines are kept is 4 times `lineSets`.
    init(_ program: Program, reader: FieldReader, lineSets: Int = 128) {
        self.program = program
        evaluator = Evaluator(program, reader: reader)
        let words = program.rowWords
        kindRows = memory.rows(program.kindRows, words: words)
        unitRows = memory.rows(program.unitRows, words: words)
        givenByLine = memory.rows(program.givenByLine, words: words)
        givenByEvent = memory.rows(program.givenByEvent, words: words)
        decidedByUnits = memory.rows(program.decidedByUnits, words: words)
        lines = LineMemo(
            sets: lineSets, depth: program.lineDepth, asksLeader: program.asksSessionLeader,
            words: 2 * program.lineSlotWords + 3 * words)
        shapes = ShapeMemo(count: 512, words: program.shapeSlotWords + words)
        found = FoundSlots(capacity: program.tests.count)
        answers = BitWords(count: program.tests.count)
        candidates = BitWords(count: words)
        given = BitWords(count: words)
        shape = candidates.words
    }

    /// Begins with an event; `next` then gives the rules that hold for it.
    mutating func begin<M: Meter>(_ event: Event, _ meter: inout M) {
        left = 0
        word = narrow(event, &meter) ? -1 : program.rowWords
    }

    /// The index of the next rule that holds, in definition order; nil when there is none left.
    mutating func next<M: Meter>(_ event: Event, _ meter: inout M) -> Int? {
        while true {
            while left == 0 {
                word += 1
                guard word < program.rowWords else { return nil }
                left = candidates.words[word]
            }
            let rule = word * 64 + left.trailingZeroBitCount
            left &= left - 1
            let start = meter.now()
            let result = holds(rule: rule, event, &meter)
            meter.walked(rule: rule, result, since: start)
            if result { return rule }
        }
    }

    // MARK: Narrowing

    private mutating func narrow<M: Meter>(_ event: Event, _ meter: inout M) -> Bool {
        let kind = Int(event.kind.rawValue)
        epoch += 1
        looked = 0
        line = nil
        evaluator.reader.begin()
        guard narrowByShape(event, kind, &meter) else { return false }
        if let process = event.process, let line = lines.find(process) {
            self.line = line
            guard narrow(byLine: line, event, kind, &meter) else { return false }
        }
        return narrowByTexts(event, kind, &meter)
    }

    private mutating func narrowByShape<M: Meter>(_ event: Event, _ kind: Int, _ meter: inout M) -> Bool {
        let words = program.rowWords
        let ran = kindRows.row(kind)
        var isRun: UInt64 = 0
        for word in 0..<words { isRun |= ran[word] }
        guard isRun != 0 else { return false }
        let (bits, isNew) = shapes.find(Shape(event))
        shape = bits
        if isNew { learnShape(event, kind, &meter) }
        let row = bits + program.shapeSlotWords
        var any: UInt64 = 0
        for word in 0..<words {
            candidates.words[word] = row[word]
            any |= row[word]
        }
        return any != 0
    }

    private mutating func learnShape<M: Meter>(_ event: Event, _ kind: Int, _ meter: inout M) {
        for (bit, slot) in program.shapeSlots.enumerated() where evaluate(Int(slot), event, &meter) { shape.insert(bit: bit) }
        let row = shape + program.shapeSlotWords, ran = kindRows.row(kind)
        for rule in program.walks.indices where ran[rule >> 6] >> UInt64(rule & 63) & 1 == 1 {
            if walk(from: program.walks[rule].shape, event, &meter) { row.insert(bit: rule) }
        }
    }

    private mutating func narrow<M: Meter>(byLine line: Int, _ event: Event, _ kind: Int, _ meter: inout M) -> Bool {
        let words = program.rowWords
        let dead = lines.bits(line) + 2 * program.lineSlotWords, given = dead + words
        for word in 0..<words { candidates.words[word] &= ~dead[word] }
        var missing = program.kindLineUnits[kind] & ~lines.looked(line)
        while missing != 0 {
            let unit = missing.trailingZeroBitCount
            missing &= missing - 1
            if concerns(unit) { look(unit: unit, ofLine: line, event, &meter) }
        }
        let mustBeGiven = givenByLine.row(0)
        var any: UInt64 = 0
        for word in 0..<words {
            // All units that concern these rules have been looked up, so what is not given by now never will be.
            let left = candidates.words[word] & ~dead[word], refused = left & mustBeGiven[word] & ~given[word]
            dead[word] |= refused
            candidates.words[word] = left & ~refused
            any |= left & ~refused
        }
        return any != 0
    }

    private mutating func narrowByTexts<M: Meter>(_ event: Event, _ kind: Int, _ meter: inout M) -> Bool {
        var units = program.kindEventUnits[kind]
        guard units != 0 else { return true }
        given.clear()
        while units != 0 {
            let unit = units.trailingZeroBitCount
            units &= units - 1
            if concerns(unit) { look(unit: unit, event, &meter) }
        }
        let mustBeGiven = givenByEvent.row(0)
        var any: UInt64 = 0
        for word in 0..<program.rowWords {
            candidates.words[word] &= ~mustBeGiven[word] | given.words[word]
            any |= candidates.words[word]
        }
        return any != 0
    }

    private func concerns(_ unit: Int) -> Bool {
        let row = unitRows.row(unit), words = candidates.words
        var any: UInt64 = 0
        // Without a way out, so that several words are compared at once.
        for word in 0..<program.rowWords { any |= row[word] & words[word] }
        return any != 0
    }

    private mutating func look<M: Meter>(unit: Int, ofLine line: Int, _ event: Event, _ meter: inout M) {
        let start = meter.now()
        evaluator.look(program.units[unit], event, found)
        lines.note(looked: 1 << UInt64(unit), line)
        let values = lines.bits(line), dead = values + 2 * program.lineSlotWords, given = dead + program.rowWords
        for index in 0..<found.count {
            let facts = program.slots[found[index]]
            values.insert(bit: Int(facts.bit))
            for rule in facts.gives.indices { given.insert(bit: Int(program.ruleLists[rule])) }
            for rule in facts.vetoes.indices { dead.insert(bit: Int(program.ruleLists[rule])) }
        }
        meter.looked(unit: unit, since: start)
    }

    private mutating func look<M: Meter>(unit: Int, _ event: Event, _ meter: inout M) {
        let start = meter.now()
        evaluator.look(program.units[unit], event, found)
        looked |= 1 << UInt64(unit)
        for index in 0..<found.count {
            let slot = found[index]
            let facts = program.slots[slot]
            answers.words[slot] = epoch << 1 | 1
            for rule in facts.gives.indices { given.words.insert(bit: Int(program.ruleLists[rule])) }
            for rule in facts.vetoes.indices { candidates.words.remove(bit: Int(program.ruleLists[rule])) }
        }
        meter.looked(unit: unit, since: start)
    }

    // MARK: Walking

    private mutating func holds<M: Meter>(rule: Int, _ event: Event, _ meter: inout M) -> Bool {
        let walks = program.walks[rule]
        guard let line else { return walk(from: walks.lineAndRest, event, &meter) }
        let dead = lines.bits(line) + 2 * program.lineSlotWords, decided = dead + 2 * program.rowWords
        if decidedByUnits.row(0)[rule >> 6] >> UInt64(rule & 63) & 1 == 0, !decided.has(bit: rule) {
            let result = walk(from: walks.line, event, &meter)
            decided.insert(bit: rule)
            if !result { dead.insert(bit: rule) }
            guard result else { return false }
        }
        return walk(from: walks.rest, event, &meter)
    }

    private mutating func walk<M: Meter>(from entry: Int32, _ event: Event, _ meter: inout M) -> Bool {
        var place = entry
        while place >= 0 {
            let step = program.steps[Int(place)]
            place = answer(Int(step.slot), event, &meter) ? step.whenTrue : step.whenFalse
        }
        return place == Step.holds
    }

    private mutating func answer<M: Meter>(_ slot: Int, _ event: Event, _ meter: inout M) -> Bool {
        meter.asked(slot: slot)
        let facts = program.slots[slot]
        switch facts.scope {
        case .shape: return shape.has(bit: Int(facts.bit))
        case .line:
            if let line { return answer(slot, facts, ofLine: line, event, &meter) }
        case .event:
            guard facts.unit < 0 else {
                if looked >> UInt64(facts.unit) & 1 == 0 { look(unit: Int(facts.unit), event, &meter) }
                return answers.words[slot] == epoch << 1 | 1
            }
        }
        if answers.words[slot] >> 1 == epoch { return answers.words[slot] & 1 == 1 }
        let result = evaluate(slot, event, &meter)
        answers.words[slot] = epoch << 1 | (result ? 1 : 0)
        return result
    }

    private mutating func answer<M: Meter>(
        _ slot: Int, _ facts: SlotFacts, ofLine line: Int, _ event: Event, _ meter: inout M
    ) -> Bool {
        let values = lines.bits(line), known = values + program.lineSlotWords
        let bit = Int(facts.bit)
        if facts.unit >= 0 {
            if lines.looked(line) >> UInt64(facts.unit) & 1 == 0 { look(unit: Int(facts.unit), ofLine: line, event, &meter) }
        } else if !known.has(bit: bit) {
            known.insert(bit: bit)
            if evaluate(slot, event, &meter) { values.insert(bit: bit) }
        }
        return values.has(bit: bit)
    }

    private mutating func evaluate<M: Meter>(_ slot: Int, _ event: Event, _ meter: inout M) -> Bool {
        let start = meter.now()
        let result = evaluator.holds(program.tests[slot], event)
        meter.evaluated(slot: slot, result, since: start)
        return result
    }
}
