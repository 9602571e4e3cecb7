// SPDX-License-Identifier: Apache-2.0

/// A rule's output, read once when the rule is loaded.
struct OutputFormat: Sendable {
    enum Piece: Sendable {
        case literal(String)
        /// A field; with a width, the value is cut or padded to that many characters.
        case field(Operand, width: Int?)
    }

    var pieces: [Piece] = []

    /// The fields of the output, in order, repeats among them.
    var operands: [Operand] {
        pieces.compactMap { piece in
            switch piece {
            case .literal: nil
            case .field(let operand, _): operand
            }
        }
    }
}

/// Reads an output: text with `%field`, `%field[argument]`, `%transformer(field)` and `%<width>field` in it.
struct OutputParser {
    // A field's value is padded to its width in each alert.
    private static let widest = 1_000

    private var cursor: Cursor
    private let source: EventSource
    private(set) var errors: [CheckError] = []

    init(_ text: PlacedText, _ source: EventSource = .syscall) {
        cursor = Cursor(text)
        self.source = source
    }

    mutating func parse() -> OutputFormat {
        var format = OutputFormat()
        while !cursor.isAtEnd, errors.count < Compiler.errorsShown {
            let literal = cursor.take { $0 != UInt8(ascii: "%") }
            if !literal.isEmpty { format.pieces.append(.literal(literal)) }
            guard cursor.take("%") else { break }
            if let piece = field() { format.pieces.append(piece) }
        }
        return format
    }

    private mutating func field() -> OutputFormat.Piece? {
        let place = Place(text: cursor.text, offset: cursor.offset - 1)
        let digits = cursor.take(while: Lexicon.isDigit)
        var operands = OutputOperands(cursor: cursor, check: OperandCheck(source: source))
        do throws(CheckError) {
            let operand = try operands.read(after: place)
            cursor = operands.cursor
            guard digits.isEmpty || Int(digits).map({ $0 <= Self.widest }) == true else {
                throw CheckError(message: "invalid formatting token: a width of \(digits) is more than \(Self.widest)", place: place)
            }
            return .field(operand, width: Int(digits))
        } catch {
            errors.append(error)
            return nil
        }
    }
}

/// Finds the longest field name, or the transformer, that an output goes on with.
private struct OutputOperands {
    var cursor: Cursor
    let check: OperandCheck

    mutating func read(after place: Place) throws(CheckError) -> Operand {
        var parser = OperandParser(cursor: cursor)
        let parsed: ParsedOperand?
        do throws(ParseError) {
            parsed = try parser.operand()
        } catch {
            throw CheckError(message: "invalid formatting token: \(error.message)", place: error.place, isUnknownName: true)
        }
        guard let parsed else {
            throw CheckError(
                message: "invalid formatting token: a field must follow '%', such as %proc.name", place: place, isUnknownName: true)
        }
        cursor = parser.cursor
        do throws(CheckError) {
            let found = try check.operand(shortened(parsed, place))
            guard !found.facts.limits.contains(.conditionOnly) else {
                throw CheckError(message: "\(found.facts.name) is for conditions only and cannot be printed", place: place)
            }
            return found
        } catch {
            throw CheckError(message: "invalid formatting token: \(error.message)", place: error.place, isUnknownName: error.isUnknownName)
        }
    }

    // "%proc.namex" is the field proc.name, and goes on with the text "x": the longest name wins.
    private mutating func shortened(_ parsed: ParsedOperand, _ place: Place) -> ParsedOperand {
        guard case .field(let name, _, let start) = parsed, FieldTable.field(named: name, of: check.source) == nil,
            let shorter = FieldTable.field(beginning: name, of: check.source), !shorter.isArgumentRequired
        else { return parsed }
        cursor.offset = start.offset + shorter.name.utf8.count
        return .field(name: shorter.name, argument: nil, place: place)
    }
}
