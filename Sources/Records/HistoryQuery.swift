// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Which acts to show; what is nil does not matter. All that is given must hold.
public struct HistoryQuery: Sendable, Hashable {
    /// The act's number.
    public var intention: IntentionID?
    /// The alert's trace.
    public var trace: TraceID?
    /// The target's namespace.
    public var namespace: NamespaceName?
    /// The target's name, when it is a pod.
    public var pod: PodName?
    /// The playbook.
    public var playbook: PlaybookName?
    /// The detection rule.
    public var rule: RuleName?
    /// The actuator.
    public var actuator: ActuatorName?
    /// An outcome's label, or `open` for acts whose end is not recorded.
    public var outcome: String?
    /// Intended at that time or later.
    public var since: Timestamp?
    /// Intended before that time.
    public var until: Timestamp?
    /// Taken back, or not.
    public var isUndone: Bool?
    /// What the outcome read back under the name `enforcement`, such as `stored`.
    public var enforcement: String?
    /// Meant to take itself back after a while, or not.
    public var isLimitedInTime: Bool?
    /// At most so many, the latest.
    public var limit: Int

    /// Asks for the latest acts; set the properties to narrow it down.
    public init(limit: Int = 100) { self.limit = limit }
}

extension HistoryQuery {
    /// The conditions as SQL with one argument each, on the intention `i`, its alert `a` and its outcome `o`.
    var conditions: [(sql: String, argument: SQLArgument)] {
        var all: [(String, SQLArgument?)] = [
            ("i.seq = ?", intention.map { .number($0.seq) }),
            ("i.trace = ?", trace.map { .text($0.text) }),
            ("json_extract(i.body, '$.intention.target.namespace') = ?", namespace.map { .text($0.text) }),
            (
                "json_extract(i.body, '$.intention.target.kind') = 'Pod' AND json_extract(i.body, '$.intention.target.name') = ?",
                pod.map { .text($0.text) }
            ),
            ("json_extract(i.body, '$.intention.playbook') = ?", playbook.map { .text($0.text) }),
            ("json_extract(a.body, '$.rule') = ?", rule.map { .text($0.text) }),
            ("json_extract(i.body, '$.intention.actuator') = ?", actuator.map { .text($0.text) }),
            ("coalesce(json_extract(o.body, '$.outcome.result'), 'open') = ?", outcome.map { .text($0) }),
            ("i.time >= ?", since.map { .number(Int64(clamping: $0.nanoseconds)) }),
            ("i.time < ?", until.map { .number(Int64(clamping: $0.nanoseconds)) }),
        ]
        all.append(("json_extract(o.body, '$.outcome.read_back.enforcement') = ?", enforcement.map { .text($0) }))
        let lasts = "json_extract(i.body, '$.intention.lastsSeconds') IS NOT NULL"
        all.append(("(\(lasts)) = ?", isLimitedInTime.map { .number($0 ? 1 : 0) }))
        all.append(("\(Self.undone) = ?", isUndone.map { .number($0 ? 1 : 0) }))
        return all.compactMap { sql, argument in argument.map { (sql, $0) } }
    }

    enum SQLArgument {
        case text(String)
        case number(Int64)
    }

    private static let undone = """
        EXISTS (SELECT 1 FROM entries u JOIN entries v ON v.about = u.seq AND v.kind = 'undoOutcome'
            WHERE u.about = i.seq AND u.kind = 'undoIntention' AND json_extract(v.body, '$.outcome.result') = 'done')
        """
}
