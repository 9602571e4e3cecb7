// SPDX-License-Identifier: Apache-2.0

public import EventModel
import RuleLanguage

/// A JSON Schema (2020-12) of rule files, for editors: it knows the keys that the loader reads, what each may hold and what it means.
/// It is stricter than the loader in one thing: what the loader ignores with a warning, an unknown key or item, does not validate.
public enum RuleFileSchema {
    /// The schema.
    public static var json: JSONValue {
        let kinds = RuleFileItem.all
        var definitions = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, item($0)) })
        let references = kinds.map { JSONValue.object(["$ref": .string("#/$defs/\($0.name)")]) }
        definitions["exception"] = exception
        definitions["plugin"] = plugin(["alternatives": list(of: plugin([:]))])
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Rule files in Falco's format, as Saker reads them",
            "type": ["array", "null"],
            "items": ["anyOf": .array([["type": "null"]] + references)],
            "$defs": .object(definitions),
        ]
    }

    private static func item(_ kind: RuleFileItem) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for key in kind.keys { properties[key] = property(key, of: kind) }
        return [
            "type": "object", "required": [.string(kind.name)], "properties": .object(properties), "additionalProperties": false,
        ]
    }

    /// What a key of an item may hold; nil for a key that has no entry here, which a test does not let pass.
    static func property(_ key: String, of kind: RuleFileItem) -> JSONValue? {
        guard let fact = facts[key] else { return nil }
        guard key == "override" else { return fact.value.described(fact.meaning) }
        let ways = kind.replaceable.map { key in
            (key, JSONValue.object(["enum": kind.appendable.contains(key) ? ["append", "replace"] : ["replace"]]))
        }
        let map: JSONValue = [
            "type": "object", "properties": .object(Dictionary(uniqueKeysWithValues: ways)), "additionalProperties": false,
        ]
        return map.described(fact.meaning)
    }

    // Scalars are kept as text, so that a number or a word for a boolean can stand wherever a text can.
    private static let text: JSONValue = ["type": ["string", "number", "boolean"]]
    private static let flag: JSONValue = [
        "anyOf": [["type": "boolean"], ["enum": ["true", "false", "yes", "no", "on", "off"]]]
    ]

    private static func list(of element: JSONValue) -> JSONValue { ["type": "array", "items": element] }

    private static var priority: JSONValue {
        let names = Priority.allCases.map(\.name) + ["Info"]
        let spellings = names.map { $0.uppercased() } + names + names.map { $0.lowercased() }
        return ["enum": .array(spellings.map { .string($0) })]
    }

    private static var exception: JSONValue {
        let texts: JSONValue = ["anyOf": [text, list(of: text)]]
        return [
            "type": "object", "required": ["name"], "additionalProperties": false,
            "properties": [
                "name": text.described("The exception's name; values can be appended to it by this name."),
                "fields": texts.described("The fields that are compared: several with a tuple of values, or one with a flat list."),
                "comps": texts.described("How each is compared; = for several fields and in for one, when it is left out."),
                "values": (["type": "array"] as JSONValue).described("What is let through: tuples in the order of fields, or texts."),
            ],
        ]
    }

    private static func plugin(_ more: [String: JSONValue]) -> JSONValue {
        [
            "type": "object", "required": ["name", "version"], "additionalProperties": false,
            "properties": .object(["name": text, "version": text].merging(more) { first, _ in first }),
        ]
    }

    private struct Fact {
        let value: JSONValue
        let meaning: String
    }

    private static var facts: [String: Fact] {
        [
            "required_engine_version": Fact(value: text, meaning: "The version of Falco's engine that the rules need: x.y.z or a number."),
            "required_plugin_versions": Fact(
                value: list(of: ["$ref": "#/$defs/plugin"]), meaning: "The plugins that the rules need, each with its version."),
            "list": Fact(value: text, meaning: "The list's name. Conditions name it where its items are to stand."),
            "items": Fact(value: list(of: text), meaning: "The list's items; other lists among them by their names."),
            "macro": Fact(value: text, meaning: "The macro's name: a letter, then letters, digits or _."),
            "condition": Fact(value: text, meaning: "What must hold, such as: evt.type = execve and proc.name in (sh, bash)"),
            "rule": Fact(value: text, meaning: "The rule's name, which its alerts carry and playbooks match."),
            "output": Fact(value: text, meaning: "The text of the alert, with %field where a value is to stand."),
            "desc": Fact(value: text, meaning: "What the rule is for."),
            "priority": Fact(value: priority, meaning: "How grave an alert is."),
            "source": Fact(
                value: ["enum": .array(EventSource.allCases.map { .string($0.rawValue) })],
                meaning: "Where the events come from; syscall when it is left out."),
            "enabled": Fact(value: flag, meaning: "False for a rule that is loaded and never run."),
            "tags": Fact(value: list(of: text), meaning: "Words by which rules are chosen and alerts are sorted."),
            "exceptions": Fact(value: list(of: ["$ref": "#/$defs/exception"]), meaning: "What the rule lets through."),
            "warn_evttypes": Fact(value: flag, meaning: "False when the rule is meant to be run for nearly every event."),
            "skip-if-unknown-filter": Fact(
                value: flag, meaning: "True when the rule is to be left out where a field or event type is not known."),
            "capture": Fact(value: flag, meaning: "True when Falco is to record events; Saker does not."),
            "capture_duration": Fact(value: text, meaning: "For how many milliseconds Falco is to record."),
            "append": Fact(value: flag, meaning: "Deprecated: adds to the earlier item of this name; write override."),
            "override": Fact(value: true, meaning: "Says for each key whether it is appended to the earlier item or replaces it there."),
        ]
    }
}

extension JSONValue {
    fileprivate func described(_ text: String) -> JSONValue {
        guard case .object(var members) = self else { return self }
        members["description"] = .string(text)
        return .object(members)
    }
}
