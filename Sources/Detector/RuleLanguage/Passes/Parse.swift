// SPDX-License-Identifier: Apache-2.0

import SourceText

/// A condition that is not of the grammar.
struct ParseError: Error {
    var message: String
    var place: Place
}

/// Pass 3: a condition's text, its lists in place, becomes a tree.
///
///     Expr       ::= AndExpr ('or' AndExpr)*
///     AndExpr    ::= NotExpr ('and' NotExpr)*
///     NotExpr    ::= 'not'* ( '(' Expr ')' | Check )
///     Check      ::= Operand Cond | Identifier | '(' Expr ')'
///     Operand    ::= FieldName Argument? | Transformer '(' Operand (',' Operand)* ')'
///     Argument   ::= '[' (Quoted | Bare) ']'
///     Cond       ::= 'exists'
///                  | ('<='|'<'|'>='|'>') (Number | Right)
///                  | StrOp (Value | Right)
///                  | StrOp ('oneof'|'anyof'|'allof') List
///                  | ('in'|'intersects'|'pmatch') (List | Right)
///     Right      ::= 'val(' Field ')' | Transformer '(' ... ')'
///     List       ::= '(' (Value (',' Value)*)? ')' | Identifier
///
/// A blank or a parenthesis follows `and`, `or` and `not`; a blank follows an operator that is a word, but for `exists` and those
/// that take a list.
struct Parse {
    /// How deep parentheses may nest. Falco's limit of 1,000 counts five steps for each, and so comes to the same 199.
    static let depthLimit = 200

    private var cursor: Cursor
    private var depth = 0

    private init(_ text: PlacedText) { cursor = Cursor(text) }

    static func condition(_ text: PlacedText) throws(ParseError) -> ParsedCondition {
        var pass = Parse(text)
        let found = try pass.expression()
        pass.cursor.skipBlanks()
        guard pass.cursor.isAtEnd else { throw pass.error("expected 'and', 'or' or the end of the condition") }
        return found
    }

    private func error(_ message: String) -> ParseError { ParseError(message: message, place: cursor.place) }

    private mutating func expression() throws(ParseError) -> ParsedCondition {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw error("parentheses are nested deeper than \(Self.depthLimit)") }
        var parts = [try conjunction()]
        while try takeConnective("or") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func conjunction() throws(ParseError) -> ParsedCondition {
        var parts = [try negation()]
        while try takeConnective("and") { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func takeConnective(_ word: String) throws(ParseError) -> Bool {
        cursor.skipBlanks()
        let start = cursor.offset
        guard cursor.take(word) else { return false }
        guard cursor.next.map({ Lexicon.isBlank($0) || $0 == UInt8(ascii: "(") }) ?? true else {
            cursor.offset = start
            throw error("expected a blank or '(' after '\(word)'")
        }
        return true
    }

    private mutating func negation() throws(ParseError) -> ParsedCondition {
        var isNegated = false
        cursor.skipBlanks()
        while takeNot() {
            isNegated.toggle()
            cursor.skipBlanks()
        }
        let inner = try check()
        return isNegated ? .not(inner) : inner
    }

    private mutating func takeNot() -> Bool {
        let start = cursor.offset
        guard cursor.take("not") else { return false }
        if let byte = cursor.next, Lexicon.isBlank(byte) || byte == UInt8(ascii: "(") { return true }
        cursor.offset = start
        return false
    }

    private mutating func check() throws(ParseError) -> ParsedCondition {
        cursor.skipBlanks()
        let place = cursor.place
        if cursor.take("(") {
            let inner = try expression()
            cursor.skipBlanks()
            guard cursor.take(")") else { throw error("expected ')'") }
            return inner
        }
        var operands = OperandParser(cursor: cursor)
        if let left = try operands.operand() {
            cursor = operands.cursor
            return .check(try comparison(of: left, at: place))
        }
        if let name = cursor.takeIdentifier(), !["and", "or", "not"].contains(name) { return .macro(name, place) }
        throw ParseError(message: "expected '(', a field, a transformer or a macro", place: place)
    }

    private mutating func comparison(of left: ParsedOperand, at place: Place) throws(ParseError) -> ParsedCheck {
        cursor.skipBlanks()
        let comparisonPlace = cursor.place
        let found = try takeOperator()
        let isSpaced = cursor.skipBlanks() || found.isWord
        let takesModifier = isSpaced && !found.takesList && !found.isOrder && found != .exists
        let modifier = takesModifier ? takeModifier() : nil
        let right = try right(of: found, isList: found.takesList || modifier != nil)
        return ParsedCheck(
            left: left, comparison: found, modifier: modifier, right: right, place: place, comparisonPlace: comparisonPlace)
    }

    private mutating func takeOperator() throws(ParseError) -> ParsedOperator {
        if cursor.take("==") { return .equal }
        for candidate in ParsedOperator.allCases where takeOperator(candidate) { return candidate }
        let names = ParsedOperator.allCases.map(\.rawValue)
        let word = cursor.take { !Lexicon.endsBareValue($0) }
        cursor.offset -= word.utf8.count
        let hint = names.contains(word) ? "; a blank must follow '\(word)'" : nearest(word, names)
        throw error("expected an operator, one of \(names.joined(separator: " "))" + hint)
    }

    // An operator that is a word needs a blank behind it, but for those that a parenthesis can follow.
    private mutating func takeOperator(_ candidate: ParsedOperator) -> Bool {
        guard candidate.isWord else { return cursor.take(candidate.rawValue) }
        let isFree = candidate.takesList || candidate == .exists
        return isFree ? cursor.takeWhole(candidate.rawValue) : cursor.takeSpaced(candidate.rawValue)
    }

    // Where no list follows, the word is a value like any other.
    private mutating func takeModifier() -> ParsedModifier? {
        let start = cursor.offset
        for modifier in ParsedModifier.allCases where cursor.takeSpaced(modifier.rawValue) {
            if cursor.next == UInt8(ascii: "(") { return modifier }
            let list = cursor.offset
            let name = cursor.takeIdentifier()
            cursor.offset = list
            if let name, !["and", "or", "not"].contains(name) { return modifier }
            cursor.offset = start
        }
        return nil
    }

    private mutating func right(of comparison: ParsedOperator, isList: Bool) throws(ParseError) -> ParsedRight {
        guard comparison != .exists else { return .nothing }
        var operands = OperandParser(cursor: cursor)
        if let operand = try operands.right() {
            cursor = operands.cursor
            return .operand(operand)
        }
        var values = ValueParser(cursor: cursor)
        defer { cursor = values.cursor }
        if isList { return .list(try values.list()) }
        return .value(comparison.isOrder ? try values.number() : try values.value())
    }

    private func nearest(_ word: String, _ names: [String]) -> String {
        NearestName.hint(word, among: names)
    }
}
