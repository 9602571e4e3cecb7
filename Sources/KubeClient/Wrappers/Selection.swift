// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// The selectors of a list, evaluated here as the server would.
struct Selection {
    private let labels: LabelSelector?
    private let fields: [(path: [String], value: String, isEqual: Bool)]

    init(_ options: ListOptions) throws(KubeError) {
        var selector: LabelSelector?
        if let text = options.labelSelector { selector = try LabelSelector(text: text) }
        labels = selector
        var fields: [(path: [String], value: String, isEqual: Bool)] = []
        for term in (options.fieldSelector ?? "").split(separator: ",") {
            let isEqual = !term.contains("!=")
            let sides = term.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { throw KubeError(.invalid, "The field selector '\(term)' has no '='.") }
            let path = sides[0].drop { $0 == " " }.prefix { $0 != "!" && $0 != " " }.split(separator: ".").map(String.init)
            fields.append((path, String(sides[1].drop { $0 == "=" || $0 == " " }), isEqual))
        }
        self.fields = fields
    }

    func matches(_ object: JSONValue) -> Bool {
        let own = (object["metadata"]?["labels"]?.object ?? [:]).compactMapValues(\.string)
        guard labels?.matches(own) ?? true else { return false }
        return fields.allSatisfy { field in
            let found = field.path.reduce(Optional(object)) { value, key in value?[key] }
            return ((found?.string ?? "") == field.value) == field.isEqual
        }
    }
}

extension LabelSelector {
    /// Reads the text form, such as `app=web,tier!=db,env in (a, b),!legacy`. Throws `invalid` on what it cannot read.
    init(text: String) throws(KubeError) {
        var equal: [String: String] = [:]
        var others: [Requirement] = []
        for term in Self.terms(text) {
            if term.hasSuffix(")"), let open = term.firstIndex(of: "(") {
                let words = term[..<open].split(separator: " ").map(String.init)
                guard words.count == 2, words[1] == "in" || words[1] == "notin" else { throw Self.unreadable(term) }
                let values = term[term.index(after: open)...].dropLast().split(separator: ",").map(Self.trimmed)
                others.append(Requirement(key: words[0], judgement: words[1] == "in" ? .isIn : .isNotIn, values: values))
            } else if let range = term.firstRange(of: "!=") {
                others.append(
                    Requirement(
                        key: Self.trimmed(term[..<range.lowerBound]), judgement: .isNotIn,
                        values: [Self.trimmed(term[range.upperBound...])]))
            } else if let sign = term.firstIndex(of: "=") {
                equal[Self.trimmed(term[..<sign])] = Self.trimmed(term[sign...].drop { $0 == "=" })
            } else if term.hasPrefix("!") {
                others.append(Requirement(key: Self.trimmed(term.dropFirst()), judgement: .doesNotExist, values: []))
            } else if term.contains(" ") || term.isEmpty {
                throw Self.unreadable(term)
            } else {
                others.append(Requirement(key: term, judgement: .exists, values: []))
            }
        }
        self.init(matchLabels: equal, matchExpressions: others)
    }

    /// Splits at commas outside of parentheses.
    private static func terms(_ text: String) -> [String] {
        var terms = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 { terms.append("") } else { terms[terms.count - 1].append(character) }
        }
        return trimmed(text[...]).isEmpty ? [] : terms.map { trimmed($0[...]) }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private static func unreadable(_ term: String) -> KubeError {
        KubeError(.invalid, "The label selector's term '\(term)' cannot be read: write key=value, key!=value, key in (a,b), key or !key.")
    }
}
