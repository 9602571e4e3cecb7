// SPDX-License-Identifier: Apache-2.0

public import Capture
public import EventModel
public import Enrichment

/// What Saker has to tell of itself: what it could not see, who kept it from seeing, what did not arrive. Nothing of this is a rule's
/// to switch off.
public enum OwnAlert: Sendable {
    /// The probe could not tell these; whoever was held back by name is not among them.
    case eventsLost(DropCounts)
    /// Someone told more than its share, and this much of it was held back; nil where it is no container's cgroup, or it is gone.
    case floodHeldBack(Flood, container: CgroupMembership?)
    /// Alerts did not arrive, in words by reason.
    case alertsLost([(reason: String, count: UInt64)])
}

/// Makes alerts of what Saker tells of itself. Their source is `internal`, their tag `saker`, and their priority Critical: an attacker
/// who makes a watcher lose sight does it for a reason.
public struct OwnAlerts: Sendable {
    private let hostname: String
    private let node: NodeName?
    private let traces: TraceIDSource

    /// Knows what each of them carries.
    public init(hostname: String, node: NodeName?, traces: TraceIDSource = TraceIDSource()) {
        self.hostname = hostname
        self.node = node
        self.traces = traces
    }

    /// The alert about it.
    public func alert(_ own: OwnAlert, at time: Timestamp) -> Alert {
        switch own {
        case .eventsLost(let drops): eventsLost(drops, time)
        case .floodHeldBack(let flood, let container): floodHeldBack(flood, container, time)
        case .alertsLost(let losses): alertsLost(losses, time)
        }
    }

    private func eventsLost(_ drops: DropCounts, _ time: Timestamp) -> Alert {
        let reasons = drops.byReason.filter { reason, count in count > 0 && DropReason(rawValue: reason)?.losesEvent != false }
        let kinds = drops.lostByKind.map { (reason: $0.kind.name, count: $0.count) }
        return make(
            "Saker events were lost", time,
            "Events were lost before any rule could see them (\(Self.words(reasons)); of the kinds \(Self.words(kinds)))",
            Self.fields(reasons).merging(Self.fields(kinds)) { first, _ in first })
    }

    private func floodHeldBack(_ flood: Flood, _ container: CgroupMembership?, _ time: Timestamp) -> Alert {
        let id = container?.container.description ?? "host"
        return make(
            "Saker held back a flood", time,
            "Events of one source were held back, because it told more than its share (events=\(flood.heldBack) process=\(flood.name) "
                + "pid=\(flood.pid) container=\(id))",
            [
                "saker.held_back": Self.number(flood.heldBack), "proc.name": .string(flood.name), "proc.pid": .int(Int64(flood.pid)),
                "container.id": .string(id),
            ],
            Subject(pid: flood.pid, container: container?.container, podUID: container?.podUID))
    }

    private func alertsLost(_ losses: [(reason: String, count: UInt64)], _ time: Timestamp) -> Alert {
        make(
            "Saker alerts were lost", time, "Alerts were lost on their way to the responder (\(Self.words(losses)))",
            Self.fields(losses))
    }

    private func make(
        _ rule: RuleName, _ time: Timestamp, _ output: String, _ fields: [String: JSONValue], _ subject: Subject = Subject()
    ) -> Alert {
        Alert(
            trace: traces.next(), time: time, rule: rule, priority: .critical, source: "internal", tags: ["saker"], output: output,
            fields: fields, hostname: hostname, node: node, subject: subject)
    }

    private static func number(_ count: UInt64) -> JSONValue { .int(Int64(clamping: count)) }

    private static func fields(_ losses: [(reason: String, count: UInt64)]) -> [String: JSONValue] {
        Dictionary(losses.map { ("saker.lost.\($0.reason)", number($0.count)) }) { first, _ in first }
    }

    private static func words(_ losses: [(reason: String, count: UInt64)]) -> String {
        losses.map { "\($0.reason) \($0.count)" }.joined(separator: ", ")
    }
}
