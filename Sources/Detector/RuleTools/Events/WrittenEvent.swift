// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import RuleLanguage
public import SourceText

/// An event that a person wrote as values of fields. It is judged by the same compiled code as an event of the kernel.
///
/// Fields that nobody gave have sober defaults: the process is `program`, of user root without a terminal, on the host, with no parent
/// that is known and no capability; an open succeeds and reads `/some/file`; a connect succeeds over TCP, to no address that is known.
/// Names and paths follow from each other (`proc.name` gives `proc.exepath`, `fd.name` gives `fd.filename`); a field of a pod puts
/// the process into a container.
public final class WrittenEvent {
    /// The event.
    public let owned: OwnedEvent
    /// The host that saw it.
    public let hostname: String
    /// The fields that were given.
    public let given: [GivenField]
    /// What was given and could not be taken; empty for an event of which every field was given rightly.
    public let faults: [EventFault]

    private let names: [UInt32: String]

    /// Makes the event of the fields that can be taken, and notes the others as faults. Throws when it is not even clear what kind of
    /// event it is; `kind` stands in for an `evt.type` that is not given.
    public init(_ fields: [GivenField], kind: EventKind? = nil, at location: SourceLocation? = nil) throws(EventFault) {
        var draft = EventDraft(kind: try Self.kind(fields, or: kind, at: location))
        var faults: [EventFault] = []
        var unfit: Set<FieldReference> = []
        // An error's name and the descriptor tell of the result too, so the number itself goes first.
        for field in fields.sorted(by: { $0.field.name == "evt.rawres" && $1.field.name != "evt.rawres" }) {
            guard let text = field.value, let setter = FieldSetter.named(field.field.name) else { continue }
            do throws(FieldSetter.Unfit) {
                try setter.set(&draft, FieldSetter.Value(text: text, argument: field.field.argument))
            } catch {
                unfit.insert(field.field)
                faults.append(EventFault("\(field.field) wants \(error.wanted), not '\(text)'", at: field.location))
            }
        }
        let owned = draft.made(), names = draft.userNames
        let taken = fields.filter { !unfit.contains($0.field) }
        self.faults = faults + Self.contradictions(owned.event, taken, draft.hostname, names)
        self.owned = owned
        self.names = names
        hostname = draft.hostname
        given = fields
    }

    /// The names of the users that it speaks of, for a matcher.
    public var userNames: UserNames {
        { [names] uid, _ in names[uid] }
    }

    /// True when the field was given, whatever its value.
    public func tells(_ field: String) -> Bool { given.contains { $0.field.description == field } }

    /// The kinds that an event can be written of.
    static let kinds = EventKind.allCases.filter { $0 != .snapshot }

    private static func kind(_ fields: [GivenField], or other: EventKind?, at location: SourceLocation?) throws(EventFault) -> EventKind {
        guard let given = fields.first(where: { $0.field.name == "evt.type" }), let name = given.value else {
            guard let other else { throw EventFault("an event needs an evt.type, such as evt.type: openat", at: location) }
            return other
        }
        guard let kind = kinds.first(where: { $0.name == name }) else {
            let names = kinds.map(\.name), hint = NearestName.hint(name, among: names)
            let rest = hint.isEmpty ? "; there are " + names.joined(separator: ", ") : hint
            throw EventFault("no event of type '\(name)' is reported in this version" + rest, at: given.location)
        }
        return kind
    }

    // Each field is read back from the event as a rule would read it.
    private static func contradictions(
        _ event: Event, _ fields: [GivenField], _ hostname: String, _ names: [UInt32: String]
    ) -> [EventFault] {
        var probe = EventProbe(tests: [], fields: fields.map(\.field), hostname: hostname) { uid, _ in names[uid] }
        let found = probe.values(event)
        return fields.compactMap { field in
            let value = found[field.field.description] ?? .null
            guard !FieldComparison.agrees(field, value) else { return nil }
            return EventFault(FieldComparison.explain(field, value, event.kind), at: field.location)
        }
    }
}
