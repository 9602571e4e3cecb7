// SPDX-License-Identifier: Apache-2.0

public import SourceText

/// Test cases of rules, as a file holds them:
///
/// ```yaml
/// rules: [../execution.yaml]           # relative to this file; files and directories
/// base: {container.id: 0123456789ab}   # fields that each event has too, unless it says otherwise
/// cases:
///   - name: a shell in a pod
///     event: {evt.type: execve, proc.name: bash}
///     fires: [Shell started in a container]
///     quiet: all                       # no other rule; or names of rules that must not fire
///     output: the text of the alert    # with exactly one rule that fires
///     fields: {proc.name: bash}        # values that the alert must have
/// ```
public struct RuleTestFile: Sendable {
    /// The file's name.
    public let name: String
    /// The rule files and directories that it is about, as written.
    public let rules: [String]
    /// The cases, in order.
    public let cases: [RuleTestCase]

    /// Reads a file; what is wrong with it goes into the diagnostics, and what is right is kept.
    public init(_ file: SourceFile, into diagnostics: inout DiagnosticBag) {
        var reader = RuleTestReader(file)
        reader.read()
        name = file.name
        rules = reader.rules
        cases = reader.cases
        reader.diagnostics.all.forEach { diagnostics.add($0) }
    }
}

/// One case: an event, and what rules must make of it.
public struct RuleTestCase: Sendable {
    /// A rule by its name, and where that is written.
    public struct NamedRule: Sendable, Hashable {
        /// The name.
        public let name: String
        /// Its place.
        public let location: SourceLocation
    }

    /// The rules that must not fire.
    public enum Quiet: Sendable, Hashable {
        /// Those.
        case rules([NamedRule])
        /// All but those that must fire.
        case all
    }

    /// What it is about.
    public let name: String
    /// Where it begins.
    public let location: SourceLocation
    /// The event's fields.
    public let event: [GivenField]
    /// The rules that must fire.
    public let fires: [NamedRule]
    /// The rules that must not.
    public let quiet: Quiet
    /// The text of the alert, without time and priority; nil when it does not matter.
    public let output: String?
    /// Values that the alert's fields must have; nil for none.
    public let fields: [String: String?]
}
