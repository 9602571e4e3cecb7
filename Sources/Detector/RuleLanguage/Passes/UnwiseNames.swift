// SPDX-License-Identifier: Apache-2.0

/// Finds what a rule names that is right but will not do what its author thinks: fields that are never computed any more, and
/// comparisons with the text that stands for "no value".
struct UnwiseNames {
    /// The first place of each deprecated field in the condition.
    private(set) var deprecated: [String: Place] = [:]
    /// The comparisons of an audit field with `<NA>`.
    private(set) var notAvailable: [Place] = []

    /// The events that these describe are no longer taken apart into an entry and an exit.
    private static let deprecatedFields: Set<String> = [
        "evt.dir", "evt.latency", "evt.latency.s", "evt.latency.ns", "evt.latency.human", "evt.wait_latency",
    ]

    init(_ condition: ResolvedCondition) { walk(condition) }

    private mutating func walk(_ condition: ResolvedCondition) {
        switch condition {
        case .and(let parts), .or(let parts):
            for part in parts { walk(part) }
        case .not(let inner): walk(inner)
        case .check(let check): look(check)
        case .failed: break
        }
    }

    private mutating func look(_ check: ParsedCheck) {
        guard case .field(let name, _, let place) = check.left else { return }
        if Self.deprecatedFields.contains(name), deprecated[name] == nil { deprecated[name] = place }
        guard name.hasPrefix("ka.") || name.hasPrefix("jevt."), check.comparison == .equal || check.comparison == .notEqual
            || check.comparison.takesList
        else { return }
        let values: [ParsedValue]
        switch check.right {
        case .value(let value): values = [value]
        case .list(let list): values = list
        case .nothing, .operand: values = []
        }
        if let value = values.first(where: { $0.text == "<NA>" }) { notAvailable.append(value.place) }
    }

    /// The deprecated fields in an output, in order, with the places of their names.
    static func deprecated(in output: PlacedText) -> [(name: String, place: Place)] {
        var cursor = Cursor(output)
        var found: [(String, Place)] = []
        while !cursor.isAtEnd {
            _ = cursor.take { $0 != UInt8(ascii: "%") }
            guard cursor.take("%") else { break }
            let place = cursor.place
            if let name = cursor.takeFieldName(), deprecatedFields.contains(name) { found.append((name, place)) }
        }
        return found
    }
}

extension PlacedText {
    /// This without `%container.info`, which once stood for fields that outputs name themselves; nil when it is not there.
    var withoutContainerInfo: (text: PlacedText, place: Place)? {
        let word = Array("%container.info".utf8)
        var builder = PlacedTextBuilder(pieces: pieces)
        var index = 0
        var first: Int?
        while index < bytes.count {
            if bytes[index...].starts(with: word) {
                first = first ?? index
                index += word.count
            } else {
                builder.append(self, index..<(index + 1))
                index += 1
            }
        }
        return first.map { (builder.built, Place(text: self, offset: $0)) }
    }
}
