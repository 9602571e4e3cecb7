// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Which labels an object must have; empty selects everything.
public struct LabelSelector: Sendable, Hashable {
    /// Labels that must be there with just that value.
    public let matchLabels: [String: String]
    /// Further demands; all must hold.
    public let matchExpressions: [Requirement]

    /// One demand on one label.
    public struct Requirement: Sendable, Hashable {
        /// How the label's value is judged.
        public enum Operator: String, Sendable, Hashable {
            case isIn = "In", isNotIn = "NotIn", exists = "Exists", doesNotExist = "DoesNotExist"
        }

        /// The label's name.
        public let key: String
        /// How its value is judged.
        public let judgement: Operator
        /// The values that `isIn` and `isNotIn` compare with.
        public let values: [String]

        /// True when the labels meet the demand; a label that is absent is not in any list, as Kubernetes has it.
        public func matches(_ labels: [String: String]) -> Bool {
            switch judgement {
            case .isIn: labels[key].map(values.contains) ?? false
            case .isNotIn: !(labels[key].map(values.contains) ?? false)
            case .exists: labels[key] != nil
            case .doesNotExist: labels[key] == nil
            }
        }
    }

    /// True when an object with these labels is selected.
    public func matches(_ labels: [String: String]) -> Bool {
        matchLabels.allSatisfy { labels[$0.key] == $0.value } && matchExpressions.allSatisfy { $0.matches(labels) }
    }

    /// Reads a selector as `spec.podSelector` holds it. Throws `decode` on an operator that Kubernetes does not have.
    public init(json: JSONValue) throws(KubeError) { try self.init(FieldReader(json, "selector")) }

    init(matchLabels: [String: String], matchExpressions: [Requirement]) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    init(_ fields: FieldReader) throws(KubeError) {
        matchLabels = try fields.strings("matchLabels")
        var requirements: [Requirement] = []
        for entry in try fields.objects("matchExpressions") ?? [] {
            let word = try entry.required("operator")
            guard let judgement = Requirement.Operator(rawValue: word) else {
                throw KubeError(.decode, "\(entry.path).operator is '\(word)': expected In, NotIn, Exists or DoesNotExist.")
            }
            requirements.append(
                Requirement(key: try entry.required("key"), judgement: judgement, values: try entry.texts("values") ?? []))
        }
        matchExpressions = requirements
    }
}
