// SPDX-License-Identifier: Apache-2.0

/// A set of conditions on labels, all of which must hold; without conditions it selects everything.
struct LabelSelector: Hashable, Sendable {
    enum Condition: Hashable, Sendable {
        case isOneOf(Set<String>)
        case isNoneOf(Set<String>)
        case exists
        case isAbsent
    }

    struct Requirement: Hashable, Sendable {
        var key: String
        var condition: Condition
    }

    var requirements: [Requirement] = []

    func selects(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            let value = labels[requirement.key]
            return switch requirement.condition {
            case .isOneOf(let values): value.map(values.contains) ?? false
            case .isNoneOf(let values): value.map { !values.contains($0) } ?? true
            case .exists: value != nil
            case .isAbsent: value == nil
            }
        }
    }

    /// The selector as kubectl writes it; empty when it selects everything.
    var text: String {
        requirements.map { requirement in
            switch requirement.condition {
            case .isOneOf(let values) where values.count == 1: "\(requirement.key)=\(values.sorted()[0])"
            case .isOneOf(let values): "\(requirement.key) in (\(values.sorted().joined(separator: ",")))"
            case .isNoneOf(let values): "\(requirement.key) notin (\(values.sorted().joined(separator: ",")))"
            case .exists: requirement.key
            case .isAbsent: "!" + requirement.key
            }
        }.joined(separator: ",")
    }
}

// The form inside objects: matchLabels and matchExpressions.
extension LabelSelector {
    init(object: JSON) {
        requirements = (object["matchLabels"]?.strings ?? [:]).sorted { $0.key < $1.key }
            .map { Requirement(key: $0.key, condition: .isOneOf([$0.value])) }
        requirements += (object["matchExpressions"]?.elements ?? []).map(LabelSelector.requirement)
    }

    // An operator that Kubernetes would have refused selects nothing, which is the safe reading for a policy that allows traffic.
    private static func requirement(_ expression: JSON) -> Requirement {
        let values = Set((expression["values"]?.elements ?? []).compactMap(\.string))
        let condition: Condition =
            switch expression["operator"]?.string {
            case "In": .isOneOf(values)
            case "NotIn": .isNoneOf(values)
            case "Exists": .exists
            case "DoesNotExist": .isAbsent
            case _: .isOneOf([])
            }
        return Requirement(key: expression["key"]?.string ?? "", condition: condition)
    }
}

// The form in a query: `a=b,c!=d,e in (f,g),h,!i`.
extension LabelSelector {
    init(query: String) throws(APIStatus) {
        for term in LabelSelector.terms(of: query) {
            requirements.append(try LabelSelector.requirement(term))
        }
    }

    /// The parts between the commas that stand outside parentheses.
    private static func terms(of query: String) -> [String] {
        var terms = [""]
        var depth = 0
        for character in query {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == "," && depth == 0 {
                terms.append("")
            } else {
                terms[terms.count - 1].append(character)
            }
        }
        return terms.map(trimmed).filter { !$0.isEmpty }
    }

    private static func requirement(_ term: String) throws(APIStatus) -> Requirement {
        if term.hasPrefix("!") {
            return Requirement(key: trimmed(String(term.dropFirst())), condition: .isAbsent)
        }
        for (sign, isEqual) in [("!=", false), ("==", true), ("=", true)] {
            guard let place = term.firstRange(of: sign) else { continue }
            let value: Set = [trimmed(String(term[place.upperBound...]))]
            return Requirement(
                key: trimmed(String(term[..<place.lowerBound])), condition: isEqual ? .isOneOf(value) : .isNoneOf(value))
        }
        return try setRequirement(term)
    }

    private static func setRequirement(_ term: String) throws(APIStatus) -> Requirement {
        let words = term.split(whereSeparator: { $0.isWhitespace || $0 == "(" })
        guard let key = words.first else { throw unreadable(term) }
        if words.count == 1 && !term.contains("(") { return Requirement(key: String(key), condition: .exists) }
        guard let open = term.firstIndex(of: "("), term.last == ")", words.count >= 2 else { throw unreadable(term) }
        let values = Set(
            term[term.index(after: open)...].dropLast().split(separator: ",", omittingEmptySubsequences: false)
                .map { trimmed(String($0)) })
        if words[1] == "in" { return Requirement(key: String(key), condition: .isOneOf(values)) }
        if words[1] == "notin" { return Requirement(key: String(key), condition: .isNoneOf(values)) }
        throw unreadable(term)
    }

    private static func unreadable(_ term: String) -> APIStatus {
        .badRequest("unable to parse requirement: found '\(term)', expected: in, notin, =, ==, !=")
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
