// SPDX-License-Identifier: Apache-2.0

/// A condition as written: nothing is known yet of the names in it.
indirect enum ParsedCondition {
    case and([ParsedCondition])
    case or([ParsedCondition])
    case not(ParsedCondition)
    case macro(String, Place)
    case check(ParsedCheck)
}

/// One comparison as written.
struct ParsedCheck {
    var left: ParsedOperand
    var comparison: ParsedOperator
    var modifier: ParsedModifier?
    var right: ParsedRight
    var place: Place
    var comparisonPlace: Place
}

/// What a comparison is made with.
enum ParsedRight {
    /// `exists` has nothing on its right.
    case nothing
    case value(ParsedValue)
    case list([ParsedValue])
    case operand(ParsedOperand)
}

/// A constant as written, its quotes taken off and its escapes undone.
struct ParsedValue {
    var bytes: [UInt8]
    var place: Place

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// A field, or a transformer round operands.
indirect enum ParsedOperand {
    case field(name: String, argument: ParsedValue?, place: Place)
    case transformed(name: String, arguments: [ParsedOperand], place: Place)
    /// A transformer with a choice in brackets behind it: `getopt(...)[o]`.
    case selected(ParsedOperand, ParsedValue)
    case constant(ParsedValue)

    var place: Place {
        switch self {
        case .selected(let inner, _): inner.place
        case .field(_, _, let place), .transformed(_, _, let place): place
        case .constant(let value): value.place
        }
    }
}

/// The comparison operators.
enum ParsedOperator: String, CaseIterable {
    case exists
    case lessOrEqual = "<="
    case less = "<"
    case greaterOrEqual = ">="
    case greater = ">"
    case equal = "="
    case notEqual = "!="
    case contains, icontains, bcontains, startswith, bstartswith, endswith, glob, iglob, regex
    case within = "in"
    case intersects, pmatch

    init?(spelling: String) {
        guard let found = spelling == "==" ? .equal : ParsedOperator(rawValue: spelling) else { return nil }
        self = found
    }

    var takesList: Bool {
        switch self {
        case .within, .intersects, .pmatch: true
        case .exists, .lessOrEqual, .less, .greaterOrEqual, .greater, .equal, .notEqual, .contains, .icontains, .bcontains,
            .startswith, .bstartswith, .endswith, .glob, .iglob, .regex:
            false
        }
    }

    var isOrder: Bool {
        switch self {
        case .lessOrEqual, .less, .greaterOrEqual, .greater: true
        case .exists, .equal, .notEqual, .contains, .icontains, .bcontains, .startswith, .bstartswith, .endswith, .glob, .iglob,
            .regex, .within, .intersects, .pmatch:
            false
        }
    }

    /// Spelled with letters: then a blank, or the end of the word, must follow.
    var isWord: Bool { Lexicon.isIdentifier(rawValue) }
}

/// How a comparison runs over a list of constants.
enum ParsedModifier: String, CaseIterable {
    case oneof, anyof, allof
}

/// The names that stand in front of a parenthesis and change a value.
enum TransformerName: String, CaseIterable {
    case tolower, toupper, b64, basename, len, join, concat, getopt
}
