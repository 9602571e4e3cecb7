// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

/// Whether an event has what was given for it.
enum FieldComparison {
    static func agrees(_ given: GivenField, _ found: JSONValue) -> Bool {
        guard let wanted = given.value, let text = found.written else { return given.value == nil && found.written == nil }
        if wanted == text { return true }
        switch given.field.name {
        case "evt.time", "evt.time.iso8601": return found.int.map { Timestamp(nanoseconds: UInt64(clamping: $0)) } == Timestamp(wanted)
        // The long id says more than the field.
        case "container.id": return wanted.hasPrefix(text) && text.utf8.count == 12
        case "proc.cwd": return wanted + "/" == text
        case "evt.arg.flags": return words(wanted, "|") == words(text, "|")
        case "thread.cap_effective", "thread.cap_permitted": return words(wanted, " ") == words(text, " ")
        case _: return found.int != nil && Int64(wanted) == found.int
        }
    }

    /// Why it has not.
    static func explain(_ given: GivenField, _ found: JSONValue, _ kind: EventKind) -> String {
        let field = given.field.description
        guard let text = found.written else {
            return "\(field) has no value here: \(reason(given.field, kind))"
        }
        guard let wanted = given.value else { return "\(field) is '\(text)' here, and cannot be without a value" }
        if text.utf8.count == 15, wanted.hasPrefix(text), field.hasSuffix("name") || field.contains("name[") {
            return "\(field) is '\(text)': the kernel keeps 15 bytes of a program's name"
        }
        if field == "evt.type" { return "evt.type is '\(text)' here, not '\(wanted)': an \(wanted) that succeeds is called \(text)" }
        let follows = FieldSetter.named(given.field.name) == nil ? "it follows from other fields, and " : ""
        return "\(field) is '\(text)' here, not '\(wanted)': \(follows)what is given contradicts itself"
    }

    private static func reason(_ field: FieldReference, _ kind: EventKind) -> String {
        guard field.isRead else { return "nothing reads it in this version, so every comparison with it is false" }
        if field.name.hasPrefix("container.") || field.name.hasPrefix("k8s.") {
            return "it is about a container, and the process is on the host"
        }
        let others = "events of type \(kind.name) do not have it"
        return FieldSetter.named(field.name) == nil ? "it cannot be set, or \(others)" : others
    }

    private static func words(_ text: String, _ separator: Character) -> Set<Substring> { Set(text.split(separator: separator)) }
}
