// SPDX-License-Identifier: Apache-2.0

internal import Capture
internal import EventModel
internal import RuleLanguage

/// What is done with events that no loaded rule can match.
public enum KernelFiltering: String, Sendable, CaseIterable {
    /// The kernel keeps them back, before anything is copied.
    case on
    /// They are told like all others.
    case off
    /// They are told and marked; one that a rule matches all the same is counted and said, and its alert delivered.
    case check
}

/// What rules need of the kernel.
struct TapNeeds: Sendable {
    let kinds: Set<EventKind>
    let compared: Set<EventKind>
    let environmentNames: [String]
    let filter: EventFilter
    private let checksFilter: Bool

    // The process table lives on these, whatever the rules are about.
    private static let always: Set<EventKind> = [.execve, .execveat, .fork, .vfork, .clone, .clone3, .procexit, .snapshot, .chdir, .fchdir]

    init(_ rules: RuleSet, _ line: DetectionLine.Settings, _ filtering: KernelFiltering) {
        let wanted = rules.kinds.union(Self.always).union(line.observe == nil ? [] : [.connect])
        // What happened before an alert is more than what rules ask for.
        kinds = line.flights == nil ? wanted : Set(EventKind.allCases)
        compared = rules.kinds.intersection(EventKind.comparable)
        environmentNames = rules.environmentNames
        var filter = line.flights == nil && filtering != .off ? rules.eventFilter() : EventFilter()
        if line.observe != nil { filter.widen(.connect) }
        self.filter = filter
        checksFilter = filtering == .check
    }

    /// True when a tap that was made for this one tells all kinds and values that the other needs; its filter can be changed.
    func cover(_ other: TapNeeds) -> Bool {
        kinds.isSuperset(of: other.kinds) && compared.isSuperset(of: other.compared)
            && Set(environmentNames).isSuperset(of: other.environmentNames)
    }

    func tap(ringBytes: Int) throws(CaptureError) -> KernelTap {
        try KernelTap(
            settings: CaptureSettings(
                kinds: kinds, compared: compared, filter: filter, checksFilter: checksFilter, environmentNames: environmentNames,
                ringBytes: ringBytes))
    }
}
