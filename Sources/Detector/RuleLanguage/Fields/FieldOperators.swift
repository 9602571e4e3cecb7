// SPDX-License-Identifier: Apache-2.0

extension FieldFacts {
    /// The operators that the field can be compared with, as written in conditions.
    public var operators: [String] {
        ParsedOperator.allowed(type, isList: isList, limits: limits).map(\.rawValue) + [ParsedOperator.exists.rawValue]
    }

    /// True when the dialect keeps it for old rules only.
    public var isDeprecated: Bool { limits.contains(.deprecated) }

    /// True when an output cannot name it.
    public var isConditionOnly: Bool { limits.contains(.conditionOnly) }

    /// True when it can be compared with another field of its type.
    public var takesFields: Bool { !limits.contains(.constantsOnly) }

    /// True when it can stand in a transformer.
    public var takesTransformers: Bool { !limits.contains(.noTransformer) }
}

extension ParsedOperator {
    /// The operators that values of a type can be compared with, beside `exists`.
    static func allowed(_ type: FieldFacts.ValueType, isList: Bool, limits: FieldFacts.Limits) -> [ParsedOperator] {
        guard !isList else { return [.within, .intersects] }
        if limits.contains(.equalityOnly) { return [.equal, .notEqual, .within] }
        switch type {
        case .integer, .decimal, .port, .duration, .time:
            return [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .within, .intersects]
        case .boolean, .address, .network: return [.equal, .notEqual, .within, .intersects]
        case .text: return allCases.filter { $0 != .bcontains && $0 != .bstartswith && $0 != .exists }
        case .bytes:
            return [.equal, .notEqual, .contains, .startswith, .endswith, .bcontains, .bstartswith, .within, .intersects]
        }
    }
}
