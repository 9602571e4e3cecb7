// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Asks single comparisons and fields of a document, through the same code that rules are run by.
public struct DocumentProbe {
    private let tests: [TestOutline]

    /// Takes the comparisons.
    public init(tests: [TestOutline]) { self.tests = tests }

    /// Whether each comparison holds, in order.
    public func answers(_ document: Document) -> [Bool] {
        tests.map { test in ValueTest(test.predicate).holds { DocumentFields.value(of: $0, in: document) } }
    }

    /// The values of what the comparisons read, by their names with argument and what is done to them; null for what the document does
    /// not have.
    public func values(_ document: Document) -> [String: JSONValue] {
        let operands = tests.flatMap { $0.predicate.operands }
        return Dictionary(
            operands.map { operand in
                (operand.text, operand.value { DocumentFields.value(of: $0, in: document) }?.json ?? .null)
            }, uniquingKeysWith: { first, _ in first })
    }
}
