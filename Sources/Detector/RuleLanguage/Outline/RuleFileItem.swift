// SPDX-License-Identifier: Apache-2.0

/// A kind of item that rule files hold, as the loader reads it.
public struct RuleFileItem: Sendable, Hashable {
    /// The key that makes an item one of this kind, such as `rule`.
    public let name: String
    /// All keys that such an item can have; the loader warns of others.
    public let keys: [String]
    /// The keys that an override can append to, and those that it can replace.
    public let appendable: [String], replaceable: [String]

    /// All kinds, in the order in which the loader looks for them.
    public static let all = ItemReader.Kind.allCases.map { kind in
        let (appendable, replaceable) = ItemReader.overridable(kind)
        return RuleFileItem(name: kind.rawValue, keys: kind.keys, appendable: appendable, replaceable: replaceable)
    }
}
