// SPDX-License-Identifier: Apache-2.0

import SourceText

/// A field with its argument, as it stands in conditions and outputs: `proc.aname[2]`.
public struct FieldReference: Sendable, Hashable, CustomStringConvertible {
    /// A text that names no field.
    public struct Unknown: Error, Sendable, Hashable {
        /// What is wrong, and the nearest right name.
        public let message: String
    }

    /// The field's name, without argument.
    public let name: String
    /// What stands in brackets behind it; empty for nothing.
    public let argument: String

    /// Whose events it is asked of.
    public let source: EventSource

    let operand: Operand

    public var description: String { operand.text }

    /// What the field means, for a person.
    public var meaning: String { operand.facts.meaning }

    /// False for a field that is known and that nothing reads in this version: no event has a value for it.
    public var isRead: Bool { operand.isRead(from: source) }

    /// Reads a field and its argument. Throws when events of the source have no such field, or it takes no such argument.
    public init(_ text: String, of source: EventSource = .syscall) throws(Unknown) {
        let start = SourceLocation(file: "", line: 1, column: 1)
        let scalar = Scalar(text: text, style: .plain, file: SourceFile(name: "", text: text), start: start)
        var parser = OperandParser(cursor: Cursor(PlacedText(scalar)))
        do throws(ParseError) {
            guard case .field(let name, let argument, let place)? = try parser.operand(), parser.cursor.isAtEnd else {
                throw ParseError(message: "'\(text)' is no name of a field", place: parser.cursor.place)
            }
            self.name = name
            self.argument = argument?.text ?? ""
            self.source = source
            operand = try Self.checked(.field(name: name, argument: argument, place: place), source)
        } catch {
            throw Unknown(message: error.message)
        }
    }

    private static func checked(_ parsed: ParsedOperand, _ source: EventSource) throws(ParseError) -> Operand {
        do throws(CheckError) {
            return try OperandCheck(source: source).operand(parsed)
        } catch {
            throw ParseError(message: error.message, place: error.place)
        }
    }
}
