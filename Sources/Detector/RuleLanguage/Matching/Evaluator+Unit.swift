// SPDX-License-Identifier: Apache-2.0

import EventModel

/// All comparisons of a unit at once.
extension Evaluator {
    /// Adds the slots of a unit that are true.
    mutating func look(_ unit: UnsafePointer<TextUnit>, _ event: UnsafePointer<Event>, _ found: FoundSlots) {
        found.begin()
        switch unit.pointee.source {
        case .file(let part):
            // Of other events, that part must be put together as that of any field.
            guard let file = reader.fileTexts(at: event) else { return lookAtOperand(unit, event, found) }
            if let text = file.pointee.text(part) { look(for: text, unit, found) }
            if reader.hasOtherFile, let text = reader.file.otherTexts.pointee.text(part) { look(for: text, unit, found) }
        case .ancestors: lookAtAncestors(unit, event, found)
        case .operand: lookAtOperand(unit, event, found)
        }
    }

    // Apart, so that only those events are copied whose texts are not at hand.
    @inline(never)
    private mutating func lookAtOperand(_ unit: UnsafePointer<TextUnit>, _ event: UnsafePointer<Event>, _ found: FoundSlots) {
        let operand = unit.pointee.operand[0]
        if let text = text(of: operand, event.pointee, left) { look(for: text, unit, found) }
        guard operand.hasPaths, reader.fileTexts(at: event) != nil, reader.hasOtherFile else { return }
        reader.swapFiles()
        if let text = text(of: operand, event.pointee, left) { look(for: text, unit, found) }
        reader.swapFiles()
    }

    @inline(never)
    private mutating func lookAtAncestors(_ unit: UnsafePointer<TextUnit>, _ event: UnsafePointer<Event>, _ found: FoundSlots) {
        var place = event.pointee
        var operand = unit.pointee.operand[0]
        operand.generation = 0
        while let parent = place.process?.parent {
            place.process = parent
            if let text = text(of: operand, place, left) { look(for: text, unit, found) }
        }
    }

    // Mutating, since a call of one that is not would first copy the evaluator.
    @inline(__always)
    private mutating func look(for text: ByteView, _ unit: UnsafePointer<TextUnit>, _ found: FoundSlots) {
        switch unit.pointee.texts {
        case .trie(let trie): trie.find(in: text, found)
        case .search(let search): search.find(in: text, found)
        case .each: lookForEach(unit.pointee.slots, in: text, found)
        }
        guard unit.pointee.pathSlots.count > 0, text.contains(ByteView("//")) else { return }
        let slots = unit.pointee.pathSlots
        for index in slots.indices where isPath(text, atOrBelowAnyOf: program.tests[Int(slots[index])].constants) {
            found.add(slots[index])
        }
    }

    private mutating func lookForEach(_ slots: Table<Int32>, in text: ByteView, _ found: FoundSlots) {
        for index in slots.indices where text.contains(program.text(program.tests[Int(slots[index])].constants)) {
            found.add(slots[index])
        }
    }
}
