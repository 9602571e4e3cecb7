// SPDX-License-Identifier: Apache-2.0

/// Reads fields and transformers: the operands of pass 3.
struct OperandParser {
    var cursor: Cursor
    private var depth = 0

    init(cursor: Cursor) { self.cursor = cursor }

    /// A field or a transformer; nil, with nothing taken, when neither stands here.
    mutating func operand() throws(ParseError) -> ParsedOperand? {
        if let field = try field() { return field }
        return try transformer()
    }

    /// `val(field)` or a transformer, as stands on the right of an operator.
    mutating func right() throws(ParseError) -> ParsedOperand? {
        guard cursor.take("val(") else { return try transformer() }
        cursor.skipBlanks()
        guard let inner = try field() else { throw error("expected a field in val()") }
        cursor.skipBlanks()
        guard cursor.take(")") else { throw error("expected ')' after the field in val()") }
        return inner
    }

    private func error(_ message: String) -> ParseError { ParseError(message: message, place: cursor.place) }

    private mutating func field() throws(ParseError) -> ParsedOperand? {
        let place = cursor.place
        guard let name = cursor.takeFieldName() else { return nil }
        return .field(name: name, argument: try argument(), place: place)
    }

    private mutating func argument() throws(ParseError) -> ParsedValue? {
        guard cursor.take("[") else { return nil }
        let place = cursor.place
        var values = ValueParser(cursor: cursor)
        let quoted = try values.quoted()
        cursor = values.cursor
        let value = quoted ?? ParsedValue(bytes: Array(cursor.take { !Lexicon.endsBareArgument($0) }.utf8), place: place)
        guard quoted != nil || !value.bytes.isEmpty else { throw error("expected an argument between '[' and ']'") }
        guard cursor.take("]") else { throw error("expected ']' after the field's argument") }
        return value
    }

    private mutating func transformer() throws(ParseError) -> ParsedOperand? {
        let place = cursor.place
        guard let name = TransformerName.allCases.first(where: { cursor.take($0.rawValue + "(") }) else { return nil }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Parse.depthLimit else { throw error("transformers are nested deeper than \(Parse.depthLimit)") }
        var arguments: [ParsedOperand] = []
        repeat {
            cursor.skipBlanks()
            arguments.append(try transformerArgument())
            cursor.skipBlanks()
        } while cursor.take(",")
        guard cursor.take(")") else { throw error("expected ')' after the arguments of \(name.rawValue)") }
        let found = ParsedOperand.transformed(name: name.rawValue, arguments: arguments, place: place)
        return try argument().map { .selected(found, $0) } ?? found
    }

    private mutating func transformerArgument() throws(ParseError) -> ParsedOperand {
        let place = cursor.place
        guard cursor.take("(") else { return try element() }
        var elements: [ParsedOperand] = []
        cursor.skipBlanks()
        if cursor.take(")") { return .transformed(name: "", arguments: elements, place: place) }
        repeat {
            cursor.skipBlanks()
            elements.append(try element())
            cursor.skipBlanks()
        } while cursor.take(",")
        guard cursor.take(")") else { throw error("expected ',' or ')' in a list") }
        return .transformed(name: "", arguments: elements, place: place)
    }

    private mutating func element() throws(ParseError) -> ParsedOperand {
        if let operand = try operand() { return operand }
        var values = ValueParser(cursor: cursor)
        defer { cursor = values.cursor }
        if let quoted = try values.quoted() { return .constant(quoted) }
        guard let next = cursor.next, Lexicon.isDigit(next) || next == UInt8(ascii: "+") || next == UInt8(ascii: "-") else {
            throw error("expected a field, a transformer, a quoted text or a number")
        }
        return .constant(try values.number())
    }
}
