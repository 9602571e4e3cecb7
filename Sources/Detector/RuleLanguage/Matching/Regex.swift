// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A pattern that is not of the subset.
struct RegexError: Error {
    var message: String
}

/// A compiled pattern: a machine whose threads all walk the text together, so that the time is bounded by text times pattern and
/// no input can make it blow up.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        case byte(UInt8)
        /// A byte of one of `sets`.
        case set(Int32)
        case split(Int32, Int32)
        case jump(Int32)
        case lineStart
        case lineEnd
        case accept
    }

    var instructions: [Instruction] = []
    var sets: [ByteSet] = []

    /// Any set of byte values.
    struct ByteSet: Sendable, Hashable {
        var words: SIMD4<UInt64> = .zero

        func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }
        mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

        /// The byte of a set of one.
        var onlyByte: UInt8? {
            let counts = (0..<4).map { words[$0].nonzeroBitCount }
            guard counts.reduce(0, +) == 1, let word = counts.firstIndex(of: 1) else { return nil }
            return UInt8(word * 64 + words[word].trailingZeroBitCount)
        }

        mutating func insert(_ range: ClosedRange<UInt8>) {
            for byte in range { insert(byte) }
        }
    }
}

/// The threads of a run; kept and used again, so that matching allocates nothing once it is as large as the largest pattern.
struct RegexThreads {
    private var current: [Int32] = []
    private var next: [Int32] = []
    private var stack: [Int32] = []
    private var seen: [UInt32] = []
    private var step: UInt32 = 0
    /// How many instructions the last run looked at: at most those of the pattern for each place of the text.
    private(set) var looks = 0

    init(largest: Int) {
        current.reserveCapacity(largest + 1)
        next.reserveCapacity(largest + 1)
        // A thread is followed once a step, and each pushes at most two.
        stack.reserveCapacity(2 * largest + 2)
        seen = [UInt32](repeating: 0, count: largest)
    }

    /// True when the whole text matches. What is not UTF-8 in it counts as U+FFFD.
    mutating func matches(_ text: ByteView, _ program: borrowing RegexProgram) -> Bool {
        guard text.raw.contains(where: { $0 >= 0x80 }) else { return run(text, program) }
        let repaired = ByteString(text.string)
        return withExtendedLifetime(repaired) { run(repaired.view, program) }
    }

    private mutating func run(_ text: ByteView, _ program: borrowing RegexProgram) -> Bool {
        for index in seen.indices { seen[index] = 0 }
        step = 1
        looks = 0
        current.removeAll(keepingCapacity: true)
        follow(0, at: 0, in: text, program, toNext: false)
        for index in 0..<text.count {
            guard !current.isEmpty else { return false }
            advance(over: text, at: index, program)
        }
        return current.contains { if case .accept = program.instructions[Int($0)] { true } else { false } }
    }

    private mutating func advance(over text: ByteView, at index: Int, _ program: borrowing RegexProgram) {
        step += 1
        next.removeAll(keepingCapacity: true)
        let byte = text[index]
        for place in 0..<current.count {
            let thread = current[place]
            switch program.instructions[Int(thread)] {
            case .byte(let wanted) where wanted == byte: follow(thread + 1, at: index + 1, in: text, program, toNext: true)
            case .set(let set) where program.sets[Int(set)].contains(byte):
                follow(thread + 1, at: index + 1, in: text, program, toNext: true)
            case .byte, .set, .split, .jump, .lineStart, .lineEnd, .accept: break
            }
        }
        swap(&current, &next)
    }

    private mutating func follow(
        _ start: Int32, at index: Int, in text: ByteView, _ program: borrowing RegexProgram, toNext: Bool
    ) {
        stack.removeAll(keepingCapacity: true)
        stack.append(start)
        while let thread = stack.popLast() {
            guard seen[Int(thread)] != step else { continue }
            seen[Int(thread)] = step
            looks += 1
            switch program.instructions[Int(thread)] {
            case .jump(let target): stack.append(target)
            case .split(let first, let second):
                stack.append(second)
                stack.append(first)
            case .lineStart: if index == 0 || text[index - 1] == 0x0A { stack.append(thread + 1) }
            case .lineEnd: if index == text.count || text[index] == 0x0A { stack.append(thread + 1) }
            case .byte, .set, .accept: if toNext { next.append(thread) } else { current.append(thread) }
            }
        }
    }
}
