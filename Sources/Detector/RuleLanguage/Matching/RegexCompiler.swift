// SPDX-License-Identifier: Apache-2.0

/// Compiles regular expressions to programs of bounded size.
struct RegexCompiler {
    private static let sizeLimit = 20_000

    private var program = RegexProgram()

    static func compile(_ pattern: [UInt8]) throws(RegexError) -> RegexProgram {
        var compiler = RegexCompiler()
        try compiler.emit(try RegexParser.parse(pattern))
        compiler.program.instructions.append(.accept)
        return compiler.program
    }

    private mutating func emit(_ node: RegexNode) throws(RegexError) {
        guard program.instructions.count < Self.sizeLimit else { throw RegexError(message: "the pattern is too large") }
        switch node {
        case .empty: break
        case .lineStart: program.instructions.append(.lineStart)
        case .lineEnd: program.instructions.append(.lineEnd)
        case .byte(let byte): program.instructions.append(.byte(byte))
        case .characters(let ranges): emit(ranges)
        case .sequence(let parts): for part in parts { try emit(part) }
        case .choice(let parts):
            try emit(choiceOf: parts.count) { (compiler: inout RegexCompiler, place) throws(RegexError) in try compiler.emit(parts[place]) }
        case .repeated(let inner, let low, let high): try emit(inner, low, high)
        }
    }

    // ASCII as one set of bytes, and each other part of the characters as bytes one after the other.
    private mutating func emit(_ ranges: CharacterRanges) {
        let ascii = ranges.ascii, sequences = ranges.sequences
        let hasASCII = ascii.words != .zero || sequences.isEmpty
        let count = sequences.count + (hasASCII ? 1 : 0)
        emit(choiceOf: count) { compiler, place in
            guard place > 0 || !hasASCII else { return compiler.emit(ascii) }
            for range in sequences[hasASCII ? place - 1 : place] {
                var set = RegexProgram.ByteSet()
                set.insert(range)
                compiler.emit(set)
            }
        }
    }

    private mutating func emit(_ set: RegexProgram.ByteSet) {
        if let byte = set.onlyByte { return program.instructions.append(.byte(byte)) }
        let known = program.sets.firstIndex(of: set)
        if known == nil { program.sets.append(set) }
        program.instructions.append(.set(Int32(known ?? program.sets.count - 1)))
    }

    private mutating func emit<Failure>(
        choiceOf count: Int, _ part: (inout RegexCompiler, Int) throws(Failure) -> Void
    ) throws(Failure) {
        var ends: [Int] = []
        for place in 0..<count {
            guard place < count - 1 else {
                try part(&self, place)
                break
            }
            let split = reserve()
            try part(&self, place)
            ends.append(reserve())
            program.instructions[split] = .split(Int32(split + 1), Int32(program.instructions.count))
        }
        for end in ends { program.instructions[end] = .jump(Int32(program.instructions.count)) }
    }

    private mutating func emit(_ inner: RegexNode, _ low: Int, _ high: Int?) throws(RegexError) {
        for _ in 0..<low { try emit(inner) }
        guard let high else {
            let split = reserve()
            try emit(inner)
            program.instructions.append(.jump(Int32(split)))
            program.instructions[split] = .split(Int32(split + 1), Int32(program.instructions.count))
            return
        }
        var splits: [Int] = []
        for _ in low..<max(low, high) {
            splits.append(reserve())
            try emit(inner)
        }
        for split in splits { program.instructions[split] = .split(Int32(split + 1), Int32(program.instructions.count)) }
    }

    private mutating func reserve() -> Int {
        program.instructions.append(.accept)
        return program.instructions.count - 1
    }
}
