// SPDX-License-Identifier: Apache-2.0

import SourceText

/// One entry of a rule file, its shape checked, not yet merged with the others.
enum SourceItem {
    case engineVersion(Scalar)
    case pluginVersions([PluginRequirement], SourceLocation)
    case list(ListItem)
    case macro(MacroItem)
    case rule(RuleItem)
}

/// What an item of an earlier name is to become.
enum Merge {
    /// The item defines; an earlier one of that name is replaced at its place.
    case define
    /// `append: true`.
    case append
    /// `override:` with the keys it names.
    case override([String: OverrideMode])
}

/// A value of the `override` map.
enum OverrideMode: String {
    case append, replace
}

/// Any one of these plugins satisfies.
struct PluginRequirement {
    var alternatives: [(name: Scalar, version: Scalar)]
}

/// A `list` item.
struct ListItem {
    var name: Scalar
    var items: [Scalar]?
    var merge: Merge
}

/// A `macro` item.
struct MacroItem {
    var name: Scalar
    var condition: Scalar?
    var merge: Merge
}

/// A `rule` item; nil is a key that is not there.
struct RuleItem {
    var name: Scalar
    var condition: Scalar?
    var output: Scalar?
    var description: Scalar?
    var priority: Scalar?
    var source: Scalar?
    var enabled: Bool?
    var tags: [Scalar]?
    var exceptions: [ExceptionItem]?
    var warnEventTypes: Bool?
    var skipIfUnknownFilter: Bool?
    /// The value of `capture`, when that is true.
    var captures: Scalar?
    var merge: Merge
}

/// One entry of a rule's `exceptions`.
struct ExceptionItem {
    var name: Scalar
    var fields: SourceTree?
    var comparisons: SourceTree?
    var values: SourceTree?
}
