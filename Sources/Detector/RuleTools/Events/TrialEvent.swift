// SPDX-License-Identifier: Apache-2.0

import EventModel
public import RuleLanguage

/// What rules are tried on: an event of the kernel that a person wrote as fields, or a document.
public enum TrialEvent {
    /// An event of the kernel.
    case written(WrittenEvent)
    /// A document, such as an event of the Kubernetes audit log.
    case document(Document)

    /// What it is called in a sentence: its type, or its source.
    public var name: String {
        switch self {
        case .written(let event): event.owned.event.kind.name
        case .document(let document): "\(document.source.rawValue) event"
        }
    }

    /// Where it comes from.
    public var source: EventSource {
        switch self {
        case .written: .syscall
        case .document(let document): document.source
        }
    }

    /// Whether each comparison holds, in order, and the values of what they compare.
    func ask(_ tests: [TestOutline]) -> (answers: [Bool], values: [String: JSONValue]) {
        switch self {
        case .written(let event):
            var probe = EventProbe(tests: tests, hostname: event.hostname, userNames: event.userNames)
            return (probe.answers(event.owned.event), probe.values(event.owned.event))
        case .document(let document):
            let probe = DocumentProbe(tests: tests)
            return (probe.answers(document), probe.values(document))
        }
    }

    /// False for a value that nobody gave: a default of written events.
    func tells(_ field: String) -> Bool {
        switch self {
        case .written(let event): event.tells(field)
        case .document: true
        }
    }

    /// The rules that match, in definition order, and what the one of that name prints.
    func run(through rules: RuleSet, rendering wanted: String?) -> (fired: [Rule], rendered: RenderedOutput?) {
        var fired: [Rule] = []
        let isWanted = { (rule: Rule) in rule.name.text == wanted }
        switch self {
        case .written(let event):
            var matcher = RuleMatcher(rules, matching: .all, hostname: event.hostname, userNames: event.userNames)
            matcher.match(event.owned.event) { fired.append(copy $0) }
            return (fired, fired.first(where: isWanted).map { matcher.render($0, event.owned.event) })
        case .document(let document):
            let matcher = DocumentMatcher(rules, matching: .all)
            matcher.match(document) { fired.append(copy $0) }
            return (fired, fired.first(where: isWanted).map { matcher.render($0, document) })
        }
    }
}
