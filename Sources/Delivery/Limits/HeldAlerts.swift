// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Alerts of one group that were held back in one window: how many, from when to when, and what they told.
public struct HeldAlerts: Sendable, Hashable {
    /// The different values of one field, the first few of them.
    public struct Values: Sendable, Hashable {
        /// The values in the order in which they came; long texts are cut.
        public private(set) var kept: [JSONValue] = []
        /// True when there were others.
        public private(set) var hasMore = false

        // What is kept of a flood must stay small: 8 values of 128 bytes, in some 12 fields, in 512 groups, are at most 6 MiB.
        static let limit = 8
        static let textLimit = 128

        mutating func add(_ value: JSONValue) {
            let value = Self.short(value)
            guard !kept.contains(value) else { return }
            if kept.count < Self.limit { kept.append(value) } else { hasMore = true }
        }

        private static func short(_ value: JSONValue) -> JSONValue {
            guard let text = value.string, text.utf8.count > textLimit else { return value }
            return .string(String(decoding: text.utf8.prefix(textLimit), as: UTF8.self) + "...")
        }

        var words: String { kept.map(\.plainText).joined(separator: ", ") + (hasMore ? " and others" : "") }
    }

    /// How many alerts were held back.
    public private(set) var count: UInt64 = 0
    /// When the first and the last of them happened; nothing to go by while there is none.
    public private(set) var firstTime: Timestamp, lastTime: Timestamp
    /// The different values of the fields that the group does not have in common.
    public private(set) var values: [String: Values] = [:]

    private let like: Alert
    private let group: [String]

    /// Begins with none, for the group of an alert; `group` are the fields in common.
    init(like alert: Alert, group: [String]) {
        like = alert
        self.group = group
        firstTime = alert.time
        lastTime = alert.time
    }

    // Each alert has its own of these, so a list of them would say nothing.
    private static let alwaysDifferent: Set<String> = ["evt.time", "evt.time.iso8601", "evt.num"]

    mutating func add(_ alert: Alert) {
        if count == 0 { firstTime = alert.time }
        lastTime = max(lastTime, alert.time)
        count += 1
        for (field, value) in alert.fields where !group.contains(field) && !Self.alwaysDifferent.contains(field) {
            values[field, default: Values()].add(value)
        }
    }

    /// The one alert that tells of all of them: the rule's own, with counts in place of its output.
    public func summary(trace: TraceID) -> Alert {
        var alert = like
        alert.trace = trace
        alert.time = lastTime
        alert.output = output
        alert.subject.pid = 0
        alert.fields = fields
        return alert
    }

    private var output: String {
        let common = group.map { "\($0)=\(like.value(of: $0).plainText)" }.joined(separator: " ")
        let told = values.keys.sorted().map { "\($0): \(values[$0]?.words ?? "")" }.joined(separator: "; ")
        let seconds = lastTime.nanoseconds(since: firstTime) / 1_000_000_000
        let since = "within \(seconds + 1) s" + (common.isEmpty ? "" : " (\(common))")
        return "\(count) more like alert \(like.trace) \(since)" + (told.isEmpty ? "" : " | \(told)")
    }

    private var fields: [String: JSONValue] {
        var fields: [String: JSONValue] = [
            "saker.held": .int(Int64(clamping: count)), "saker.like_trace_id": .string(like.trace.text),
            "saker.first_time": .string("\(firstTime)"),
        ]
        for field in group { fields[field] = like.value(of: field) }
        for (field, all) in values { fields[field] = .array(all.kept + (all.hasMore ? ["..."] : [])) }
        return fields
    }
}

extension JSONValue {
    /// The value as an output prints it.
    fileprivate var plainText: String {
        switch self {
        case .null: "<NA>"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let text): text
        case .array(let elements): elements.map(\.plainText).joined(separator: ",")
        case .object: "{...}"
        }
    }
}
