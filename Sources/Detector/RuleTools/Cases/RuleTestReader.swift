// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import SourceText
import Yams

/// Reads a file of test cases.
struct RuleTestReader {
    private static let keys = ["rules", "source", "base", "cases"]
    private static let caseKeys = ["name", "source", "event", "json", "fires", "quiet", "output", "fields"]

    private let file: SourceFile
    private(set) var rules: [String] = []
    private(set) var cases: [RuleTestCase] = []
    private(set) var diagnostics = DiagnosticBag()
    private var base: [GivenField] = []
    private var source: EventSource?
    private var item = ""

    init(_ file: SourceFile) { self.file = file }

    mutating func read() {
        do {
            guard let root = try Yams.compose(yaml: file.text) else {
                let start = SourceLocation(file: file.name, line: 1, column: 1)
                return complain("the file is empty; it needs 'rules' and 'cases'", at: start)
            }
            read(root)
        } catch {
            let (problem, mark) = YAMLProblem.explain(error)
            complain("this is not YAML: \(problem)", at: SourceLocation(file: file.name, line: mark?.line ?? 1, column: mark?.column ?? 1))
        }
    }

    private mutating func read(_ root: Node) {
        guard let parts = members(of: root, Self.keys, "a file of test cases is a map with 'rules' and 'cases'") else { return }
        if let node = parts["rules"] { rules = texts(node, "rules").map(\.name) }
        if let node = parts["base"] { base = fields(node) }
        if let node = parts["source"] { source = eventSource(node) }
        guard let node = parts["cases"], case .sequence(let entries) = node, !entries.isEmpty else {
            return complain("'cases' must be a list with at least one case", at: place(parts["cases"] ?? root))
        }
        for entry in entries {
            if let found = testCase(entry) { cases.append(found) }
        }
    }

    private mutating func testCase(_ node: Node) -> RuleTestCase? {
        let shape = "a case is a map with 'name', 'event' or 'json', and 'fires' or 'quiet'"
        guard let parts = members(of: node, Self.caseKeys, shape) else { return nil }
        guard let name = parts["name"]?.scalar?.string, !name.isEmpty else {
            complain("a case needs a 'name'", at: place(node))
            return nil
        }
        item = "case \"\(name)\""
        defer { item = "" }
        guard let event = givenEvent(parts, node) else { return nil }
        let fires = parts["fires"].map { texts($0, "fires") } ?? []
        guard let quiet = quiet(parts["quiet"]), !fires.isEmpty || quiet != .rules([]) else {
            complain("the case says neither what fires nor what is quiet, so it cannot fail", at: place(node))
            return nil
        }
        if fires.count != 1, let wrong = parts["output"] ?? parts["fields"] {
            complain("'output' and 'fields' are those of one alert; name exactly one rule in 'fires'", at: place(wrong))
        }
        return RuleTestCase(
            name: name, location: place(node), event: event, fires: fires, quiet: quiet,
            output: parts["output"].flatMap { text($0, "output") }, fields: parts["fields"].map { values($0) } ?? [:])
    }

    private mutating func givenEvent(_ parts: [String: Node], _ node: Node) -> RuleTestCase.GivenEvent? {
        let own = parts["source"].flatMap { eventSource($0) } ?? source
        switch (parts["event"], parts["json"]) {
        case (let event?, nil):
            guard own?.isDocuments != true else { break }
            return .fields(merged(fields(event)))
        case (nil, let json?):
            guard let own, own.isDocuments else { break }
            do throws(EventFault) {
                return .document(try DocumentReading.value(json, in: file), own)
            } catch {
                complain(error.message, at: error.location ?? place(json))
                return nil
            }
        case (nil, nil), (_?, _?): break
        }
        let wanted = "a case has an 'event', which is one of the kernel, or a 'source', such as k8s_audit, with the event as 'json'"
        complain(wanted, at: place(node))
        return nil
    }

    private mutating func eventSource(_ node: Node) -> EventSource? {
        let name = node.scalar?.string ?? "", names = EventSource.allCases.map(\.rawValue)
        guard let found = EventSource(rawValue: name) else {
            complain("there is no source '\(name)'; there are \(names.joined(separator: ", "))", at: place(node))
            return nil
        }
        return found
    }

    // An event's own field stands over the base's.
    private func merged(_ own: [GivenField]) -> [GivenField] {
        base.filter { inherited in !own.contains { $0.field == inherited.field } } + own
    }

    private mutating func quiet(_ node: Node?) -> RuleTestCase.Quiet? {
        guard let node else { return .rules([]) }
        return node.scalar?.string == "all" ? .all : .rules(texts(node, "quiet"))
    }

    private mutating func fields(_ node: Node) -> [GivenField] {
        var fields = FieldMapReader(file, item: item)
        defer { fields.diagnostics.all.forEach { diagnostics.add($0) } }
        return fields.fields(node)
    }

    private mutating func values(_ node: Node) -> [String: String?] {
        guard case .mapping(let mapping) = node else {
            complain("'fields' must be a map of fields and their values", at: place(node))
            return [:]
        }
        let pairs = mapping.map { ($0.key.scalar?.string ?? "", $0.value.isNull ? nil : text($0.value, "a field")) }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    private mutating func texts(_ node: Node, _ key: String) -> [RuleTestCase.NamedRule] {
        if case .scalar(let scalar) = node { return [RuleTestCase.NamedRule(name: scalar.string, location: place(node))] }
        guard case .sequence(let entries) = node else {
            complain("'\(key)' must be a text or a list of texts", at: place(node))
            return []
        }
        return entries.compactMap { entry in text(entry, key).map { RuleTestCase.NamedRule(name: $0, location: place(entry)) } }
    }

    private mutating func text(_ node: Node, _ key: String) -> String? {
        if node.scalar == nil { complain("'\(key)' must be a text", at: place(node)) }
        return node.scalar?.string
    }

    private mutating func members(of node: Node, _ keys: [String], _ shape: String) -> [String: Node]? {
        guard case .mapping(let mapping) = node else {
            complain(shape, at: place(node))
            return nil
        }
        var found: [String: Node] = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            if !keys.contains(name) { complain("unknown key '\(name)'\(NearestName.hint(name, among: keys))", at: place(key)) }
            found[name] = value
        }
        return found
    }

    private mutating func complain(_ message: String, at location: SourceLocation) {
        diagnostics.error("TEST_FILE", message, at: location, item: item)
    }

    private func place(_ node: Node) -> SourceLocation { node.place(in: file) }
}
