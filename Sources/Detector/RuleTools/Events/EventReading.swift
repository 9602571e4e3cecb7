// SPDX-License-Identifier: Apache-2.0

import EventModel
public import RuleLanguage
public import SourceText
import Yams

/// An event out of a file: fields in YAML, a case of a file of cases, an alert in JSON, or a document.
public struct EventReading {
    /// The event; nil when the file holds none that could be taken.
    public private(set) var event: TrialEvent?
    /// What is wrong, and what of an alert could not be taken.
    public private(set) var diagnostics = DiagnosticBag()

    private let file: SourceFile
    private let kinds: [EventKind]
    private let source: EventSource

    /// Reads a file. Of a file of cases the one of that name is taken, or the only one; `source` and `kinds` are those of the rule that
    /// will judge: an alert that does not tell its event type is taken for the first of them that can be.
    public init(_ file: SourceFile, caseNamed name: String?, of source: EventSource = .syscall, kinds: [String]) {
        self.file = file
        self.source = source
        self.kinds = WrittenEvent.kinds.filter { kinds.isEmpty || kinds.contains($0.name) }
        if source.isDocuments {
            readDocument(name)
        } else if let alert = try? JSONParser.parse(firstLine), let fields = alert["output_fields"]?.object {
            read(fields)
        } else {
            readYAML(name)
        }
    }

    private var firstLine: [UInt8] {
        Array((file.text.split { $0.isNewline }.first { !$0.allSatisfy(\.isWhitespace) } ?? "").utf8)
    }

    private mutating func readDocument(_ name: String?) {
        if let root = try? Yams.compose(yaml: file.text), root["cases"] != nil { return readCase(name) }
        do throws(EventFault) {
            let start = SourceLocation(file: file.name, line: 1, column: 1)
            event = .document(try Document(written: try DocumentReading.parsed(file.text, at: start), of: source, at: start))
        } catch {
            complain(error.message, at: error.location)
        }
    }

    private mutating func readYAML(_ name: String?) {
        guard let root = try? Yams.compose(yaml: file.text), root["cases"] == nil else { return readCase(name) }
        var reader = FieldMapReader(file)
        let fields = reader.fields(root)
        reader.diagnostics.all.forEach { diagnostics.add($0) }
        guard !diagnostics.hasErrors else { return }
        take { [file] () throws(EventFault) in
            let made = try WrittenEvent(fields, at: SourceLocation(file: file.name, line: 1, column: 1))
            return (.written(made), made.faults)
        }
    }

    private mutating func readCase(_ name: String?) {
        let cases = RuleTestFile(file, into: &diagnostics).cases
        guard !diagnostics.hasErrors else { return }
        guard let test = name.map({ name in cases.first { $0.name == name } }) ?? (cases.count == 1 ? cases.first : nil) else {
            let names = cases.map { "'\($0.name)'" }.joined(separator: ", ")
            let wrong = name.map { "there is no case '\($0)'" + NearestName.hint($0, among: cases.map(\.name)) }
            let problem = wrong ?? "there are several cases"
            return complain("\(problem); name one of them with --case: \(names)", at: nil)
        }
        take { () throws(EventFault) in try test.trial() }
        guard let found = event, found.source != source else { return }
        complain("the event is of source \(found.source.rawValue), and the rule is about \(source.rawValue)", at: test.location)
        event = nil
    }

    private mutating func take(_ make: () throws(EventFault) -> (event: TrialEvent, faults: [EventFault])) {
        do throws(EventFault) {
            let made = try make()
            made.faults.forEach { complain($0.message, at: $0.location) }
            if made.faults.isEmpty { event = made.event }
        } catch {
            complain(error.message, at: error.location)
        }
    }

    // An alert is what a program wrote: what of it has no place in an event is told, and the rest is taken.
    private mutating func read(_ fields: [String: JSONValue]) {
        var given: [GivenField] = []
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            guard let field = try? FieldReference(name) else {
                note("'\(name)' is no field of an event, and is not taken")
                continue
            }
            if value != .null, value != .string("<NA>") { given.append(GivenField(field, value.written)) }
        }
        if fields["evt.type"] == nil, let kind = kinds.first {
            note("the alert does not tell its evt.type; it is taken for \(kind.name), as the rule's")
        }
        do throws(EventFault) {
            let made = try WrittenEvent(given, kind: kinds.first)
            made.faults.forEach { note($0.message) }
            event = .written(made)
        } catch {
            complain(error.message, at: nil)
        }
    }

    private mutating func complain(_ message: String, at location: SourceLocation?) {
        diagnostics.error("EVENT", message, at: location)
    }

    private mutating func note(_ message: String) { diagnostics.warning("EVENT", message, at: nil) }
}
