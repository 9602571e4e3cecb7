// SPDX-License-Identifier: Apache-2.0

/// All fields of the dialect: those whose values are read and those that are only known. The check of conditions, the listing for
/// users and the rendering of alerts read it from here.
public enum FieldTable {
    /// All fields, by family.
    public static let all: [FieldFacts] =
        EventFields.general + EventFields.syscalls + EventParameters.fields + DescriptorFields.all + ProcessFields.all
        + IdentityFields.all + AuditFields.all + TrailFields.all

    // Of the named parameters any one stands for all.
    static let facts = Dictionary(all.compactMap { facts in facts.field.map { ($0, facts) } }) { first, _ in first }

    /// The field of a fact of containers.
    static func fact(_ fact: ContainerFact) -> FieldFacts { byName[fact.rawValue]! }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
    private static let longestName = all.map(\.name.utf8.count).max() ?? 0

    /// The field of that name; with a source, only if its events have it.
    public static func field(named name: String, of source: EventSource? = nil) -> FieldFacts? {
        guard let found = byName[name], source.map({ found.sources.contains($0) }) ?? true else { return nil }
        return found
    }

    /// The names of the fields that events of a source have.
    static func names(of source: EventSource) -> [String] { all.filter { $0.sources.contains(source) }.map(\.name) }

    /// The field with the longest name that the text begins with: in an output, more text may follow a field at once.
    static func field(beginning text: String, of source: EventSource) -> FieldFacts? {
        var name = Substring(text.prefix(longestName))
        while !name.isEmpty {
            if let found = field(named: String(name), of: source) { return found }
            name.removeLast()
        }
        return nil
    }
}

extension Field {
    /// What the field is.
    public var facts: FieldFacts { FieldTable.facts[self]! }
}
