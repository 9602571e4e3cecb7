// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// How an action sees the fields that it changes: read from an object, written by a merge patch, and said in words.
struct FieldLens: Sendable {
    /// What one of the fields is called, such as `label`.
    let noun: String
    /// What all of them are called in a proof, such as `labels`.
    let name: String
    /// The fields of an object, under names of their own.
    let read: @Sendable (JSONValue) -> [String: JSONValue]
    /// The merge patch that makes the change, for an object as it is now.
    let write: @Sendable (FieldChange, JSONValue) -> JSONValue
    /// What a field's new value means; null says that there is none any more.
    let words: @Sendable (String, JSONValue) -> String
    /// The part of the object that is read and written, such as `scale`; nil for the object itself.
    var part: String?
    /// True when the patch replaces what others may have changed meanwhile, so that it must meet the version it was made for.
    var isWhole = false

    /// What the change makes of the object, such as `label suspicious=true is set, label old is removed`.
    func sentence(_ change: FieldChange) -> String {
        change.after.sorted { $0.key < $1.key }.map(words).joined(separator: ", ")
    }
}

extension FieldLens {
    /// The texts of a map in the metadata, `labels` or `annotations`.
    static func texts(_ name: String, _ noun: String) -> FieldLens {
        FieldLens(
            noun: noun, name: name,
            read: { $0["metadata"]?[name]?.object ?? [:] },
            write: { change, _ in ["metadata": [name: .object(change.after)]] },
            words: { key, value in value.string.map { "\(noun) \(key)=\($0) is set" } ?? "\(noun) \(key) is removed" })
    }

    /// A flag of the spec, which is off where it is absent.
    static func flag(_ key: String, on: String, off: String) -> FieldLens {
        FieldLens(
            noun: "field", name: "settings",
            read: { [key: .bool($0["spec"]?[key]?.bool ?? false)] },
            write: { change, _ in ["spec": .object(change.after)] },
            words: { _, value in value.bool == true ? on : off })
    }
}
