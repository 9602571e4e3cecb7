// SPDX-License-Identifier: Apache-2.0

internal import SourceText

/// The stable words that end each finding about a playbook file.
enum FindingCode: String {
    /// The file is no YAML.
    case yaml = "PLAYBOOK_ERR_YAML"
    /// A list, a mapping or a scalar stands where another is needed.
    case type = "PLAYBOOK_ERR_TYPE"
    /// A value that is not among those allowed.
    case value = "PLAYBOOK_ERR_VALUE"
    /// Something required is not there.
    case missing = "PLAYBOOK_ERR_MISSING"
    /// No such actionner.
    case unknownActionner = "PLAYBOOK_ERR_UNKNOWN_ACTIONNER"
    /// A parameter is missing or has a wrong value.
    case parameter = "PLAYBOOK_ERR_PARAMETER"
    /// A key or a parameter that nobody reads.
    case unknownKey = "PLAYBOOK_WARN_UNKNOWN_KEY"
    /// Something that is read and has no effect.
    case ignored = "PLAYBOOK_WARN_IGNORED"
    /// Something that Talon would take otherwise.
    case differs = "PLAYBOOK_WARN_DIFFERS_FROM_TALON"
}

extension DiagnosticBag {
    mutating func error(_ code: FindingCode, _ message: String, at place: SourceLocation?, item: String = "") {
        error(code.rawValue, message, at: place, item: item)
    }

    mutating func warning(_ code: FindingCode, _ message: String, at place: SourceLocation?, item: String = "") {
        warning(code.rawValue, message, at: place, item: item)
    }
}

/// What was expected, for a name that is not known: the nearest one, or else all.
func expectation(_ word: String, among known: [String]) -> String {
    guard let near = NearestName.of(word, among: known) else { return "; known are \(known.joined(separator: ", "))" }
    return " (did you mean '\(near)'?)"
}
