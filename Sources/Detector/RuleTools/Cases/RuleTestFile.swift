// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import RuleLanguage
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
///   - name: a pod with the host's network
///     source: k8s_audit                # whose events these are; it can stand beside `cases` for all of them
///     json: {auditID: 1, verb: create} # the event, in place of `event`: as YAML, or a text of JSON
///     quiet: all
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

    /// What an event is given by.
    public enum GivenEvent: Sendable, Hashable {
        /// Fields of an event of the kernel.
        case fields([GivenField])
        /// A document of a source.
        case document(JSONValue, EventSource)
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
    /// What the event is given by.
    public let event: GivenEvent
    /// The rules that must fire.
    public let fires: [NamedRule]
    /// The rules that must not.
    public let quiet: Quiet
    /// The text of the alert, without time and priority; nil when it does not matter.
    public let output: String?
    /// Values that the alert's fields must have; nil for none.
    public let fields: [String: String?]

    /// The event, and what of it could not be taken. Throws when there is none.
    func trial() throws(EventFault) -> (event: TrialEvent, faults: [EventFault]) {
        switch event {
        case .fields(let fields):
            let event = try WrittenEvent(fields, at: location)
            return (.written(event), event.faults)
        case .document(let body, let source): return (.document(try Document(written: body, of: source, at: location)), [])
        }
    }
}

extension Document {
    /// A document that a person wrote; one that does not tell its time happened at the beginning of 2026, so that outputs can be compared.
    init(written body: JSONValue, of source: EventSource, at location: SourceLocation?) throws(EventFault) {
        do throws(DocumentError) {
            try self.init(body, of: source, receivedAt: Timestamp(nanoseconds: 1_767_225_600_000_000_000))
        } catch {
            throw EventFault(error.message, at: location)
        }
    }
}
