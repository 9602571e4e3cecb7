// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Takes events through a program. First the rules that may hold are narrowed down, a word of rules at a time: by the event's shape, by
/// the process's line, by what its texts are; then the conditions of those that are left are walked.
///
/// Events are handed on by their address, and what is read for each one lies in tables: copies and counted references would cost more
/// than the looks themselves.
struct Walk {
    let program: Program
    var evaluator: Evaluator
    private let memory = TableMemory()
    private let slots: Table<SlotFacts>
    private let steps: Table<Step>
    private let walks: Table<RuleWalks>
    private let ruleLists: Table<Int32>
    private let units: Table<TextUnit>
    private let kindRows: BitRows
    private let unitRows: BitRows
    private let vetoRows: BitRows
    private let givenByLine: UnsafePointer<UInt64>
    private let givenByEvent: UnsafePointer<UInt64>
    private let decidedByUnits: UnsafePointer<UInt64>
    private let runKinds: UnsafePointer<UInt64>
    private let rowWords: Int
    private let shapeSlotWords: Int
    private let lineSlotWords: Int
    private let lines: LineMemo
    private let shapes: ShapeMemo
    private let found: FoundSlots
    private let files: TextMemo
    /// The units that look at texts of files alone, a bit each.
    private let fileUnits: UInt64
    /// What each slot came to, and for which event: the event's own number shifted by one, and the result in the last bit.
    private let answers: BitWords
    /// A row of the rules that may hold, and one of those that a comparison of this event gives.
    private let candidates: BitWords
    private let given: BitWords
    /// The steps that a look ahead has come to.
    private let reached: BitWords

    private var epoch: UInt64 = 0
    /// The units that were looked up for this event.
    private var looked: UInt64 = 0
    private var shape: ShapeBits
    private var line: Int?
    /// Where the look through the candidates is: a word of the row, and what is left of it.
    private var word = 0
    private var left: UInt64 = 0

    /// How many lines are kept is 4 times `lineSets`.
    init(_ program: Program, reader: FieldReader, lineSets: Int = 128) {
        self.program = program
        evaluator = Evaluator(program, reader: reader)
        let words = program.rowWords
        rowWords = words
        shapeSlotWords = program.shapeSlotWords
        lineSlotWords = program.lineSlotWords
        runKinds = memory.table(program.runKinds).part(from: 0, count: program.runKinds.count)
        slots = memory.table(program.slots)
        steps = memory.table(program.steps)
        walks = memory.table(program.walks)
        ruleLists = memory.table(program.ruleLists)
        units = memory.table(program.units)
        kindRows = memory.rows(program.kindRows, words: words)
        unitRows = memory.rows(program.unitRows, words: words)
        vetoRows = memory.rows(program.vetoRows, words: words)
        givenByLine = memory.rows(program.givenByLine, words: words).row(0)
        givenByEvent = memory.rows(program.givenByEvent, words: words).row(0)
        decidedByUnits = memory.rows(program.decidedByUnits, words: words).row(0)
        lines = LineMemo(
            sets: lineSets, depth: program.lineDepth, asksLeader: program.asksSessionLeader,
            words: 2 * program.lineSlotWords + LineRows.count * words)
        shapes = ShapeMemo(count: 512, words: ShapeBits.words(of: program))
        found = FoundSlots(capacity: program.tests.count)
        files = TextMemo(count: 1024, rowWords: words)
        fileUnits = program.units.enumerated().reduce(0) { $0 | ($1.element.source.isFile ? 1 << UInt64($1.offset) : 0) }
        answers = BitWords(count: program.tests.count)
        candidates = BitWords(count: words)
        given = BitWords(count: words)
        reached = BitWords(count: (program.steps.count + 63) / 64)
        shape = ShapeBits(candidates.words, slotWords: 0, rowWords: 0)
    }

    /// Begins with an event; `next` then gives the rules that hold for it.
    mutating func begin<M: Meter>(_ event: UnsafePointer<Event>, _ meter: inout M) {
        left = 0
        word = narrow(event, &meter) ? -1 : rowWords
    }

    /// The index of the next rule that holds, in definition order; nil when there is none left.
    mutating func next<M: Meter>(_ event: UnsafePointer<Event>, _ meter: inout M) -> Int? {
        while true {
            while left == 0 {
                word += 1
                guard word < rowWords else { return nil }
                left = candidates.words[word]
            }
            let rule = word * 64 + left.trailingZeroBitCount
            left &= left - 1
            let start = meter.beginWalk()
            let result = holds(rule: rule, event, &meter)
            meter.walked(rule: rule, result, since: start)
            if result { return rule }
        }
    }

    // MARK: Narrowing

    private mutating func narrow<M: Meter>(_ event: UnsafePointer<Event>, _ meter: inout M) -> Bool {
        guard runKinds.has(bit: Int(event.pointee.kind.rawValue)) else { return false }
        epoch += 1
        looked = 0
        line = nil
        evaluator.reader.begin()
        let (bits, isNew) = shapes.find(Shape(event) { evaluator.reader.keep($0) })
        shape = ShapeBits(bits, slotWords: shapeSlotWords, rowWords: rowWords)
        if isNew { learnShape(event, &meter) }
        guard shape.hasRules.pointee != 0 else { return false }
        if let process = event.pointee.unretainedProcess, let line = lines.find(process) {
            self.line = line
            guard narrow(byLine: line, event, &meter) else { return false }
        } else {
            candidates.words.update(from: shape.row, count: rowWords)
        }
        return shape.eventUnits.pointee == 0 || narrowByTexts(event, &meter)
    }

    private mutating func learnShape<M: Meter>(_ event: UnsafePointer<Event>, _ meter: inout M) {
        for (bit, slot) in program.shapeSlots.enumerated() where evaluate(Int(slot), event, &meter) { shape.slots.insert(bit: bit) }
        let ran = kindRows.row(Int(event.pointee.kind.rawValue))
        for rule in walks.indices where ran[rule >> 6] >> UInt64(rule & 63) & 1 == 1 {
            guard walk(from: walks[rule].shape, event, &meter), mayHold(from: walks[rule].rest) else { continue }
            shape.row.insert(bit: rule)
            shape.hasRules.pointee = 1
        }
        for unit in units.indices where concerns(unit, shape.row) {
            let mask = units.at(unit).pointee.scope == .line ? shape.lineUnits : shape.eventUnits
            mask.pointee |= 1 << UInt64(unit)
        }
    }

    /// False when each way through the steps that this shape leaves open ends badly.
    private func mayHold(from entry: Int32) -> Bool {
        guard entry >= 0 else { return entry == Step.holds }
        reached.clear()
        reached.words.insert(bit: Int(entry))
        // Steps lead to earlier ones only, so one way down comes past all that can be reached.
        for word in (0...Int(entry) >> 6).reversed() {
            while reached.words[word] != 0 {
                let place = word * 64 + 63 - reached.words[word].leadingZeroBitCount
                reached.words.remove(bit: place)
                let step = steps[place], facts = slots[Int(step.slot)]
                let isKnown = facts.scope == .shape, isTrue = isKnown && shape.slots.has(bit: Int(facts.bit))
                if !isKnown || isTrue, reach(step.whenTrue) { return true }
                if !isTrue, reach(step.whenFalse) { return true }
            }
        }
        return false
    }

    // True when that is the good end.
    private func reach(_ place: Int32) -> Bool {
        if place >= 0 { reached.words.insert(bit: Int(place)) }
        return place == Step.holds
    }

    private mutating func narrow<M: Meter>(byLine line: Int, _ event: UnsafePointer<Event>, _ meter: inout M) -> Bool {
        // All of them, so that the next event of this line finds nothing to be looked up.
        var missing = shape.lineUnits.pointee & ~lines.looked(line)
        while missing != 0 {
            look(unit: missing.trailingZeroBitCount, ofLine: line, event, &meter)
            missing &= missing - 1
        }
        let barred = LineRows(lines.bits(line), slotWords: lineSlotWords, rowWords: rowWords).barred
        return candidates.words.fill(from: shape.row, count: rowWords) { $0 & ~barred[$1] }
    }

    private mutating func narrowByTexts<M: Meter>(_ event: UnsafePointer<Event>, _ meter: inout M) -> Bool {
        given.clear()
        // What is measured must be done.
        var place = M.self == RuleCosts.self ? nil : remembered(event)
        if let place { recall(place) }
        var left = shape.eventUnits.pointee & ~looked
        while left != 0 {
            let unit = left.trailingZeroBitCount
            left &= left - 1
            guard concerns(unit, candidates.words) else { continue }
            look(unit: unit, event, &meter)
            if let known = place, fileUnits >> UInt64(unit) & 1 == 1, !remember(unit, known) { place = nil }
        }
        return candidates.words.fill(from: candidates.words, count: rowWords) { $0 & (~givenByEvent[$1] | given.words[$1]) }
    }

    /// Where it is kept what the texts of the event's file came to; nil for another event, and for a file of two names.
    @inline(__always)
    private mutating func remembered(_ event: UnsafePointer<Event>) -> Int? {
        guard shape.eventUnits.pointee & fileUnits != 0, let file = evaluator.reader.fileTexts(at: event) else { return nil }
        return evaluator.reader.hasOtherFile ? nil : files.find(file)
    }

    @inline(__always)
    private mutating func recall(_ place: Int) {
        looked |= files.known(place)
        for slot in files.found(place) { answers.words[Int(slot)] = epoch << 1 | 1 }
        let gives = files.given(place), vetoes = files.vetoed(place)
        for word in 0..<rowWords {
            given.words[word] |= gives[word]
            candidates.words[word] &= ~vetoes[word]
        }
    }

    /// Keeps what the unit that was just looked up came to; false when there is no room.
    private func remember(_ unit: Int, _ place: Int) -> Bool {
        guard files.note(unit: unit, found, place) else { return false }
        let gives = files.given(place), vetoes = files.vetoed(place)
        for index in 0..<found.count {
            let facts = slots[found[index]]
            for rule in facts.gives.indices { gives.insert(bit: Int(ruleLists[rule])) }
            for rule in facts.vetoes.indices { vetoes.insert(bit: Int(ruleLists[rule])) }
        }
        return true
    }

    @inline(__always)
    private func concerns(_ unit: Int, _ rules: UnsafeMutablePointer<UInt64>) -> Bool {
        let row = unitRows.row(unit)
        return rowWords == 1 ? row[0] & rules[0] != 0 : Self.meet(row, rules, rowWords)
    }

    // Without a way out, so that several words are compared at once.
    private static func meet(_ row: UnsafePointer<UInt64>, _ rules: UnsafeMutablePointer<UInt64>, _ count: Int) -> Bool {
        var any: UInt64 = 0
        for word in 0..<count { any |= row[word] & rules[word] }
        return any != 0
    }

    private mutating func look<M: Meter>(unit: Int, ofLine line: Int, _ event: UnsafePointer<Event>, _ meter: inout M) {
        let start = meter.now()
        evaluator.look(units.at(unit), event, found)
        lines.note(looked: 1 << UInt64(unit), line)
        let values = lines.bits(line), rows = LineRows(values, slotWords: lineSlotWords, rowWords: rowWords)
        for index in 0..<found.count {
            let facts = slots[found[index]]
            values.insert(bit: Int(facts.bit))
            for rule in facts.gives.indices { rows.given.insert(bit: Int(ruleLists[rule])) }
            for rule in facts.vetoes.indices { rows.dead.insert(bit: Int(ruleLists[rule])) }
        }
        for word in 0..<rowWords { rows.barred[word] = rows.dead[word] | (givenByLine[word] & ~rows.given[word]) }
        meter.looked(unit: unit, since: start)
    }

    private mutating func look<M: Meter>(unit: Int, _ event: UnsafePointer<Event>, _ meter: inout M) {
        let start = meter.now()
        evaluator.look(units.at(unit), event, found)
        looked |= 1 << UInt64(unit)
        for index in 0..<found.count {
            let slot = found[index], facts = slots[slot]
            answers.words[slot] = epoch << 1 | 1
            for rule in facts.gives.indices { given.words.insert(bit: Int(ruleLists[rule])) }
            veto(facts)
        }
        meter.looked(unit: unit, since: start)
    }

    @inline(__always)
    private func veto(_ facts: SlotFacts) {
        guard facts.vetoRow >= 0 else {
            for rule in facts.vetoes.indices { candidates.words.remove(bit: Int(ruleLists[rule])) }
            return
        }
        let row = vetoRows.row(Int(facts.vetoRow))
        for word in 0..<rowWords { candidates.words[word] &= ~row[word] }
    }

    // MARK: Walking

    private mutating func holds<M: Meter>(rule: Int, _ event: UnsafePointer<Event>, _ meter: inout M) -> Bool {
        let walks = walks[rule]
        guard let line else { return walk(from: walks.lineAndRest, event, &meter) }
        let rows = LineRows(lines.bits(line), slotWords: lineSlotWords, rowWords: rowWords)
        if decidedByUnits[rule >> 6] >> UInt64(rule & 63) & 1 == 0, !rows.decided.has(bit: rule) {
            let result = walk(from: walks.line, event, &meter)
            rows.decided.insert(bit: rule)
            guard result else {
                rows.dead.insert(bit: rule)
                rows.barred.insert(bit: rule)
                return false
            }
        }
        return walk(from: walks.rest, event, &meter)
    }

    private mutating func walk<M: Meter>(from entry: Int32, _ event: UnsafePointer<Event>, _ meter: inout M) -> Bool {
        var place = entry
        while place >= 0 {
            let step = steps[Int(place)]
            let isTrue = answer(Int(step.slot), event, &meter)
            meter.answered(slot: Int(step.slot), isTrue)
            place = isTrue ? step.whenTrue : step.whenFalse
        }
        return place == Step.holds
    }

    private mutating func answer<M: Meter>(_ slot: Int, _ event: UnsafePointer<Event>, _ meter: inout M) -> Bool {
        let facts = slots[slot]
        switch facts.scope {
        case .shape: return shape.slots.has(bit: Int(facts.bit))
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
        _ slot: Int, _ facts: SlotFacts, ofLine line: Int, _ event: UnsafePointer<Event>, _ meter: inout M
    ) -> Bool {
        let values = lines.bits(line), known = values + lineSlotWords
        let bit = Int(facts.bit)
        if facts.unit >= 0 {
            if lines.looked(line) >> UInt64(facts.unit) & 1 == 0 { look(unit: Int(facts.unit), ofLine: line, event, &meter) }
        } else if !known.has(bit: bit) {
            known.insert(bit: bit)
            if evaluate(slot, event, &meter) { values.insert(bit: bit) }
        }
        return values.has(bit: bit)
    }

    // Apart, so that only those events are copied that are asked what no unit answers.
    @inline(never)
    private mutating func evaluate<M: Meter>(_ slot: Int, _ event: UnsafePointer<Event>, _ meter: inout M) -> Bool {
        let start = meter.now()
        let result = evaluator.holds(program.tests[slot], event.pointee)
        meter.evaluated(slot: slot, result, since: start)
        return result
    }
}
