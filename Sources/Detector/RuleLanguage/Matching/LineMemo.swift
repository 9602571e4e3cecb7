// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The rows of rules in a line's bits, which lie behind two bits for each comparison of its scope: its answer, and whether it is known.
struct LineRows {
    /// How many there are.
    static let count = 4

    /// Rules that cannot hold for the line.
    let dead: UnsafeMutablePointer<UInt64>
    /// Rules that a comparison gives.
    let given: UnsafeMutablePointer<UInt64>
    /// Rules whose part that depends on the line was walked.
    let decided: UnsafeMutablePointer<UInt64>
    /// Rules that are dead, or that no comparison gives although one must: what an event is asked for. Of a rule with a unit that has not
    /// been looked up it says nothing yet.
    let barred: UnsafeMutablePointer<UInt64>

    @inline(__always)
    init(_ bits: UnsafeMutablePointer<UInt64>, slotWords: Int, rowWords: Int) {
        dead = bits + 2 * slotWords
        given = dead + rowWords
        decided = given + rowWords
        barred = decided + rowWords
    }
}

/// What was learnt of lines: a line is the programs of a process and its ancestors, the generation of its session's leader, and its
/// container with what is known of it. Neither programs nor knowledge change once they are made, so as long as a process has the same
/// ones, whatever depends on them alone comes out the same; what it becomes (exec, another parent, facts that came late) is another line.
///
/// Holds a bounded number of lines, and the objects of each, so that no other object can take the address of one that is compared.
/// Processes are not held: their chains must be freed by the table that made them.
final class LineMemo {
    private struct Line {
        var count: Int32 = 0
        /// Which generation leads the session; -1 when none does or no rule asks.
        var leader: Int32 = -1
        var container: Unmanaged<Container>?
        var knowledge: Unmanaged<ContainerKnowledge>?
        /// The units that were looked up, a bit each.
        var looked: UInt64 = 0
    }

    /// A longer line is not kept: every look at one would walk it.
    static let longest = 24
    private static let ways = 4

    private let sets: Int
    private let depth: Int?
    private let asksLeader: Bool
    private let lines: UnsafeMutablePointer<Line>
    private let programs: UnsafeMutablePointer<Unmanaged<ImageFacts>?>
    private let words: UnsafeMutablePointer<UInt64>
    private let wordsPerLine: Int
    private var hand = 0
    /// The line that was found last: most events come from the process that the event before came from.
    @exclusivity(unchecked) private var recent = 0

    /// Room for `sets` (a power of two) times 4 lines with so many words of bits each; `depth` generations matter, nil for all.
    init(sets: Int, depth: Int?, asksLeader: Bool, words wordsPerLine: Int) {
        precondition(sets > 0 && sets & (sets - 1) == 0)
        self.sets = sets
        self.depth = depth
        self.asksLeader = asksLeader
        self.wordsPerLine = wordsPerLine
        let count = sets * Self.ways
        lines = .allocate(capacity: count)
        lines.initialize(repeating: Line(), count: count)
        programs = .allocate(capacity: count * Self.longest)
        programs.initialize(repeating: nil, count: count * Self.longest)
        words = .allocate(capacity: max(count * wordsPerLine, 1))
        words.initialize(repeating: 0, count: max(count * wordsPerLine, 1))
    }

    deinit {
        for index in 0..<sets * Self.ways { release(index) }
        lines.deallocate()
        programs.deallocate()
        words.deallocate()
    }

    /// The bits of a line.
    func bits(_ line: Int) -> UnsafeMutablePointer<UInt64> { words + line * wordsPerLine }

    /// The units that were looked up for a line, a bit each.
    func looked(_ line: Int) -> UInt64 { lines[line].looked }

    func note(looked units: UInt64, _ line: Int) { lines[line].looked |= units }

    /// The line of a process, its bits all 0 when it was just made; nil for one that is too long to be kept.
    func find(_ node: Unmanaged<ProcessNode>) -> Int? {
        if isSame(recent, node) { return recent }
        let program = Self.program(node)
        let set = Self.spread(program, Self.parent(node).map(Self.program)) & (sets - 1)
        for line in set * Self.ways..<(set + 1) * Self.ways where programs[line * Self.longest]?.toOpaque() == program.toOpaque() {
            if isSame(line, node) {
                recent = line
                return line
            }
        }
        guard let line = add(node, to: set) else { return nil }
        recent = line
        return line
    }

    private static func spread(_ program: Unmanaged<ImageFacts>, _ parent: Unmanaged<ImageFacts>?) -> Int {
        let own = UInt64(UInt(bitPattern: program.toOpaque())), other = UInt64(parent.map { UInt(bitPattern: $0.toOpaque()) } ?? 0)
        return Int(((own ^ other &* 0x9e37_79b9_7f4a_7c15) &* 0x9e37_79b9_7f4a_7c15) >> 40)
    }

    // These look at objects that the event keeps alive; counting references would cost more than the look.
    @inline(__always)
    private static func program(_ node: Unmanaged<ProcessNode>) -> Unmanaged<ImageFacts> {
        node._withUnsafeGuaranteedRef { $0.unretainedImage }
    }

    @inline(__always)
    private static func parent(_ node: Unmanaged<ProcessNode>) -> Unmanaged<ProcessNode>? {
        node._withUnsafeGuaranteedRef { $0.unretainedParent }
    }

    private static func place(
        _ node: Unmanaged<ProcessNode>
    ) -> (container: Unmanaged<Container>?, knowledge: Unmanaged<ContainerKnowledge>?) {
        guard let container = node._withUnsafeGuaranteedRef({ $0.unretainedContainer }) else { return (nil, nil) }
        return (container, container._withUnsafeGuaranteedRef { $0.unretainedKnowledge })
    }

    private func isSame(_ line: Int, _ process: Unmanaged<ProcessNode>) -> Bool {
        let place = Self.place(process)
        guard lines[line].container?.toOpaque() == place.container?.toOpaque(),
            lines[line].knowledge?.toOpaque() == place.knowledge?.toOpaque()
        else { return false }
        let kept = programs + line * Self.longest
        let count = Int(lines[line].count)
        var node = process
        var generation = 0
        while true {
            guard kept[generation]?.toOpaque() == Self.program(node).toOpaque() else { return false }
            generation += 1
            guard generation < count else { break }
            guard let parent = Self.parent(node) else { return false }
            node = parent
        }
        guard count == depth || Self.parent(node) == nil else { return false }
        return !asksLeader || leader(of: process) == lines[line].leader
    }

    private func leader(of process: Unmanaged<ProcessNode>) -> Int32 {
        let session = process._withUnsafeGuaranteedRef { $0.uncheckedSession }
        var node: Unmanaged<ProcessNode>? = process
        var generation: Int32 = 0
        while let current = node {
            if current._withUnsafeGuaranteedRef({ $0.pid }) == session { return generation }
            node = Self.parent(current)
            generation += 1
        }
        return -1
    }

    private func add(_ process: Unmanaged<ProcessNode>, to set: Int) -> Int? {
        var count = 0
        var node: Unmanaged<ProcessNode>? = process
        while let current = node, count != depth {
            guard count < Self.longest else { return nil }
            count += 1
            node = Self.parent(current)
        }
        hand = (hand + 1) % Self.ways
        let line = set * Self.ways + hand
        release(line)
        let place = Self.place(process)
        lines[line] = Line(
            count: Int32(count), leader: asksLeader ? leader(of: process) : -1, container: place.container?.retain(),
            knowledge: place.knowledge?.retain())
        node = process
        for generation in 0..<count {
            guard let current = node else { break }
            programs[line * Self.longest + generation] = Self.program(current).retain()
            node = Self.parent(current)
        }
        bits(line).update(repeating: 0, count: wordsPerLine)
        return line
    }

    private func release(_ line: Int) {
        lines[line].container?.release()
        lines[line].knowledge?.release()
        for generation in 0..<Int(lines[line].count) {
            programs[line * Self.longest + generation]?.release()
            programs[line * Self.longest + generation] = nil
        }
        lines[line] = Line()
    }
}
