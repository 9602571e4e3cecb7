// SPDX-License-Identifier: Apache-2.0

/// Compiles the documented subset of regular expressions: literals, `.`, classes, `* + ? {m,n}`, `|`, groups, `^ $` and
/// `\d \w \s` with their negations. Back references, look-around and lazy quantifiers are refused: what remains runs in linear
/// time. `.` and a negated class take one UTF-8 character, or one byte that is not UTF-8.
struct RegexCompiler {
    private static let sizeLimit = 20_000
    private static let depthLimit = 100

    private indirect enum Node {
        case empty
        case set(RegexProgram.ByteSet)
        case character(RegexProgram.ByteSet)
        case sequence([Node])
        case choice([Node])
        case repeated(Node, Int, Int?)
        case atStart, atEnd
    }

    private let pattern: [UInt8]
    private var index = 0
    private var depth = 0
    private var program = RegexProgram()

    static func compile(_ pattern: [UInt8]) throws(RegexError) -> RegexProgram {
        var compiler = RegexCompiler(pattern: pattern)
        let tree = try compiler.choice()
        guard compiler.index == pattern.count else { throw RegexError(message: "a ')' has no '('") }
        try compiler.emit(tree)
        compiler.program.instructions.append(.accept)
        return compiler.program
    }

    private init(pattern: [UInt8]) { self.pattern = pattern }

    private var next: UInt8? { index < pattern.count ? pattern[index] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func choice() throws(RegexError) -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw RegexError(message: "groups are nested deeper than \(Self.depthLimit)") }
        var parts = [try sequence()]
        while take("|") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence() throws(RegexError) -> Node {
        var parts: [Node] = []
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") { parts.append(try quantified()) }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func quantified() throws(RegexError) -> Node {
        let atom = try self.atom()
        let bounds: (Int, Int?)
        if take("*") {
            bounds = (0, nil)
        } else if take("+") {
            bounds = (1, nil)
        } else if take("?") {
            bounds = (0, 1)
        } else if next == UInt8(ascii: "{") {
            bounds = try counts()
        } else {
            return atom
        }
        if let byte = next, Array("*+?{".utf8).contains(byte) {
            throw RegexError(message: "a quantifier follows a quantifier; lazy and possessive ones are not supported")
        }
        return .repeated(atom, bounds.0, bounds.1)
    }

    private mutating func counts() throws(RegexError) -> (Int, Int?) {
        index += 1
        let low = number()
        var high = low
        if take(",") { high = next == UInt8(ascii: "}") ? nil : number() ?? -1 }
        guard let low, take("}"), high.map({ $0 >= low && $0 <= 1000 }) ?? true, low <= 1000 else {
            throw RegexError(message: "expected {m}, {m,} or {m,n} with m <= n <= 1000")
        }
        return (low, high)
    }

    private mutating func number() -> Int? {
        let start = index
        while let byte = next, Lexicon.isDigit(byte), index - start < 6 { index += 1 }
        return Int(String(decoding: pattern[start..<index], as: UTF8.self))
    }

    private mutating func atom() throws(RegexError) -> Node {
        guard let byte = next else { return .empty }
        index += 1
        switch byte {
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return try RegexClass.read(pattern, &index).node { $0 ? .character($1) : .set($1) }
        case UInt8(ascii: "."): return .character(Self.ascii { $0 != 0x0A })
        case UInt8(ascii: "^"): return .atStart
        case UInt8(ascii: "$"): return .atEnd
        case UInt8(ascii: "\\"): return try escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
            throw RegexError(message: "a quantifier has nothing to repeat")
        case 0xC2...0xF4: return character(startingWith: byte)
        case _: return Self.one(byte)
        }
    }

    // A character of several bytes is one atom: what follows repeats the whole of it.
    private mutating func character(startingWith byte: UInt8) -> Node {
        var bytes = [Self.one(byte)]
        while let tail = next, (0x80...0xBF).contains(tail) {
            bytes.append(Self.one(tail))
            index += 1
        }
        return .sequence(bytes)
    }

    private mutating func group() throws(RegexError) -> Node {
        if take("?") {
            guard take(":") else { throw RegexError(message: "look-around, names and flags of groups are not supported") }
        }
        let inner = try choice()
        guard take(")") else { throw RegexError(message: "a '(' has no ')'") }
        return inner
    }

    private mutating func escape() throws(RegexError) -> Node {
        guard let byte = next else { throw RegexError(message: "a backslash ends the pattern") }
        index += 1
        if let shorthand = RegexClass.shorthand(byte) {
            return RegexClass.isNegatedShorthand(byte) ? .character(shorthand) : .set(shorthand)
        }
        return Self.one(try RegexClass.literal(escaped: byte))
    }

    private static func one(_ byte: UInt8) -> Node {
        var set = RegexProgram.ByteSet()
        set.insert(byte)
        return .set(set)
    }

    private static func ascii(_ accepted: (UInt8) -> Bool) -> RegexProgram.ByteSet {
        var set = RegexProgram.ByteSet()
        for byte in UInt8(0)...0x7F where accepted(byte) { set.insert(byte) }
        return set
    }

    private mutating func emit(_ node: Node) throws(RegexError) {
        guard program.instructions.count < Self.sizeLimit else { throw RegexError(message: "the pattern is too large") }
        switch node {
        case .empty: break
        case .atStart: program.instructions.append(.atStart)
        case .atEnd: program.instructions.append(.atEnd)
        case .set(let set): emit(set)
        case .character(let ascii): try emit(Self.characters(ascii))
        case .sequence(let parts): for part in parts { try emit(part) }
        case .choice(let parts): try emit(choice: parts)
        case .repeated(let inner, let low, let high): try emit(inner, low, high)
        }
    }

    private mutating func emit(_ set: RegexProgram.ByteSet) {
        if let byte = set.onlyByte { return program.instructions.append(.byte(byte)) }
        let known = program.sets.firstIndex(of: set)
        if known == nil { program.sets.append(set) }
        program.instructions.append(.set(Int32(known ?? program.sets.count - 1)))
    }

    // One character: an ASCII byte of the set, a well-formed UTF-8 sequence, or a byte that begins none.
    private static func characters(_ ascii: RegexProgram.ByteSet) -> Node {
        func range(_ bytes: ClosedRange<UInt8>) -> Node {
            var set = RegexProgram.ByteSet()
            set.insert(bytes)
            return .set(set)
        }
        let tail = range(0x80...0xBF)
        return .choice([
            .set(ascii), .sequence([range(0xC2...0xDF), tail]), .sequence([range(0xE0...0xEF), tail, tail]),
            .sequence([range(0xF0...0xF4), tail, tail, tail]), range(0x80...0xFF),
        ])
    }

    private mutating func emit(choice parts: [Node]) throws(RegexError) {
        var ends: [Int] = []
        for (place, part) in parts.enumerated() {
            guard place < parts.count - 1 else {
                try emit(part)
                break
            }
            let split = reserve()
            try emit(part)
            ends.append(reserve())
            program.instructions[split] = .split(Int32(split + 1), Int32(program.instructions.count))
        }
        for end in ends { program.instructions[end] = .jump(Int32(program.instructions.count)) }
    }

    private mutating func emit(_ inner: Node, _ low: Int, _ high: Int?) throws(RegexError) {
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
