// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What the body of one POST holds: one alert in Falco's JSON, an array of them, or one after the other (NDJSON).
public struct AlertBody: Sendable {
    /// One alert of the body, or why it is none.
    public struct Item: Sendable {
        /// Where it begins, in bytes from the body's beginning.
        public let offset: Int
        /// The alert, or what is wrong with it.
        public let alert: Result<Alert, AlertProblem>
    }

    /// In the body's order; at least one.
    public let items: [Item]

    /// Reads a body. Throws when it is no JSON, holds nothing, or more than `limit` alerts: then nothing of it is to be used.
    public init(_ bytes: [UInt8], limit: Int) throws(AlertProblem) {
        let first = bytes.first { !" \t\r\n".utf8.contains($0) }
        guard let first else {
            throw AlertProblem("the body is empty; one alert in Falco's JSON, an array of them, or one a line is expected", offset: 0)
        }
        let placed: [JSONParser.Placed]
        do throws(JSONParser.Malformed) {
            let isArray = first == UInt8(ascii: "[")
            placed = isArray ? try JSONParser.elements(bytes, limit: limit) : try JSONParser.sequence(bytes, limit: limit)
        } catch {
            throw AlertProblem("the body is no JSON: \(error)", offset: error.offset)
        }
        guard !placed.isEmpty else { throw AlertProblem("the array holds no alert", offset: 0) }
        items = placed.map { Item(offset: $0.offset, alert: FalcoAlert.read($0.value, at: $0.offset)) }
    }
}

/// What is wrong with a body or with an alert in it.
public struct AlertProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what was expected.
    public let message: String
    /// Where, in bytes from the body's beginning.
    public let offset: Int

    /// States a problem.
    public init(_ message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }

    public var description: String { message }
}
