// SPDX-License-Identifier: Apache-2.0

import EventModel

/// All files merged: what each name means now, in definition order.
struct Collected {
    var lists: [CollectedList] = []
    var macros: [CollectedMacro] = []
    var rules: [CollectedRule] = []
}

/// A list after all appends. `visibility` counts the lists that stood before its last definition: only they may be its items.
struct CollectedList: Definition {
    var name: Scalar
    var items: [Scalar]
    var visibility: Int
}

/// A macro after all appends. `visibility` counts the macros that stood before its last definition: it may use only those.
struct CollectedMacro: Definition {
    var name: Scalar
    var condition: AppendedText
    var visibility: Int
}

/// A rule after all appends, its exceptions not yet folded in.
struct CollectedRule {
    var name: Scalar
    var condition: AppendedText
    var output: AppendedText
    var description: String
    var priority: Priority
    var source: Scalar?
    var enabled: Bool
    var tags: [String]
    var exceptions: [CollectedException]
    var warnEventTypes: Bool
    var skipIfUnknownFilter: Bool

    var item: String { "rule \"\(name.text)\"" }
    var sourceName: String { source?.text ?? EventSource.syscall.rawValue }
    /// False for a rule that will be left out, because nothing here makes events of its source.
    var hasKnownSource: Bool { Collect.sources.contains(sourceName) }
}

/// An exception after all appends.
struct CollectedException {
    var name: Scalar
    var fields: [Scalar]
    var comparisons: [Scalar]
    /// True for a scalar `fields`: the values are one flat list of that field.
    var isFlat: Bool
    var values: [SourceTree]
}
