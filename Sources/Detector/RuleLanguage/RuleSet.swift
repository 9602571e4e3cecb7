// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import SourceText

/// A rule that was loaded.
public struct Rule: Sendable {
    /// Its name; two rules of one set never share one.
    public let name: RuleName
    /// What it is for.
    public let description: String
    /// How grave its alerts are.
    public let priority: Priority
    /// Its tags, sorted, each once.
    public let tags: [String]
    /// Where its events come from, such as `syscall`.
    public let source: String
    /// False for a rule that is kept for listing and never run.
    public let enabled: Bool
    /// The condition as written, with appends and exceptions folded in.
    public let condition: String
    /// The output as written.
    public let output: String
    /// Where its name stands.
    public let location: SourceLocation
    /// The event types that it can match, sorted; empty when it can match all.
    public let eventTypes: [String]
    /// The fields that condition and output read, with their arguments, sorted, each once.
    public let fields: [String]

    /// The fields that the output names, with their arguments, sorted, each once: an alert of this rule carries these.
    public var outputFields: [String] { Set(format.operands.map(\.text)).sorted() }

    let format: OutputFormat
    let index: Int
}

/// Rules that were loaded together, compiled. Nothing in it changes after loading, so any thread may read it.
public final class RuleSet: Sendable {
    /// The rules in definition order, the disabled ones among them.
    public let rules: [Rule]
    /// The kinds of events that at least one enabled rule is run for.
    public let kinds: Set<EventKind>
    /// The kinds among these for which an enabled rule compares what somebody must be asked about a container, such as its image.
    public let kindsAboutContainers: Set<EventKind>
    /// The environment variables that rules read, sorted: no other need be copied out of a process.
    public let environmentNames: [String]

    let program: Program
    let documents: DocumentProgram
    private let planned: [PlannedRule]

    init(
        rules: [Rule], planned: [PlannedRule], measured: RuleCosts? = nil, documents: DocumentProgram = DocumentProgram([]),
        environmentNames: [String], kindsAboutContainers: Set<EventKind> = []
    ) {
        self.rules = rules
        self.planned = planned
        self.documents = documents
        let program = Plan.program(of: planned, measured: measured)
        self.program = program
        self.environmentNames = environmentNames
        self.kindsAboutContainers = kindsAboutContainers
        kinds = Set(EventKind.allCases.filter { program.isRun($0) })
    }

    /// The same rules, compiled so that the parts of each condition are asked in the order that decides it at the least cost, by what
    /// `costs`, which are of this set, say that each costs and how often it holds. No event's matches change.
    public func ordered(by costs: RuleCosts) -> RuleSet {
        RuleSet(
            rules: rules, planned: planned, measured: costs, documents: documents, environmentNames: environmentNames,
            kindsAboutContainers: kindsAboutContainers)
    }

    /// What of each kind an enabled rule could match, as far as the kernel can tell. Made anew each time that it is asked for.
    public func eventFilter() -> EventFilter { FilterPlan.filter(of: planned) }

    /// How many distinct comparisons the enabled rules come to.
    public var predicateCount: Int { program.tests.count + documents.tests.count }
}
