// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// Which part of a container's output a client wants: the query of `pods/log`.
struct LogOptions: Sendable {
    var container: String?
    var isPrevious = false
    var follows = false
    var showsTimes = false
    var tailLines: Int?
    var limitBytes: Int?
    var sinceSeconds: Int?
    /// Nanoseconds since 1970.
    var sinceTime: Int64?

    init(query: [String: String], pod: String) throws(APIStatus) {
        func flag(_ name: String) -> Bool { ["true", "1"].contains(query[name] ?? "") }
        func number(_ name: String, atLeast least: Int, _ rule: String) throws(APIStatus) -> Int? {
            guard let text = query[name], !text.isEmpty else { return nil }
            guard let value = Int(text) else {
                throw .badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
            }
            guard value >= least else { throw LogOptions.invalid(pod, name, text, rule) }
            return value
        }
        container = query["container"].flatMap { $0.isEmpty ? nil : $0 }
        isPrevious = flag("previous")
        follows = flag("follow")
        showsTimes = flag("timestamps")
        tailLines = try number("tailLines", atLeast: 0, "must be greater than or equal to 0")
        limitBytes = try number("limitBytes", atLeast: 1, "must be greater than 0")
        sinceSeconds = try number("sinceSeconds", atLeast: 1, "must be greater than 0")
        if let text = query["sinceTime"], !text.isEmpty {
            guard let time = try? Date(text, strategy: .iso8601) else { throw .badRequest("the sinceTime \(text) is no RFC 3339 time") }
            guard sinceSeconds == nil else {
                throw LogOptions.invalid(pod, "sinceSeconds", "", "at most one of `sinceTime` or `sinceSeconds` may be specified")
            }
            sinceTime = Int64(time.timeIntervalSince1970 * 1_000_000_000)
        }
    }

    private static func invalid(_ pod: String, _ field: String, _ value: String, _ rule: String) -> APIStatus {
        .invalid(kind: "PodLogOptions", group: "", pod, field: field, value: value, rule)
    }

    /// The container that is meant, after the API server's own look that there is one and that it has begun.
    func container(of pod: JSON) throws(APIStatus) -> String {
        let name = pod["metadata", "name"]?.string ?? ""
        let groups = ["containers", "initContainers", "ephemeralContainers"].map { group in
            (pod["spec", group]?.elements ?? []).compactMap { $0["name"]?.string }
        }
        guard let container else {
            if groups[0].count == 1 { return groups[0][0] }
            let initial = groups[1].isEmpty ? "" : " or one of the init containers: [\(groups[1].joined(separator: " "))]"
            throw .badRequest(
                "a container name must be specified for pod \(name), choose one of: [\(groups[0].joined(separator: " "))]" + initial)
        }
        guard groups.joined().contains(container) else { throw .badRequest("container \(container) is not valid for pod \(name)") }
        let states = ["containerStatuses", "initContainerStatuses"].flatMap { pod["status", $0]?.elements ?? [] }
        let state = states.first { $0["name"]?.string == container }
        if !isPrevious, let reason = state?["state", "waiting", "reason"]?.string, state?["restartCount"]?.integer ?? 0 == 0 {
            throw .badRequest("container \"\(container)\" in pod \"\(name)\" is waiting to start: \(reason)")
        }
        return container
    }

    /// The lines that are wanted of those that exist when the log is opened.
    func selected(_ lines: [PodLogLine], now: Int64) -> ArraySlice<PodLogLine> {
        let start = sinceTime ?? sinceSeconds.map { now - Int64($0) * 1_000_000_000 }
        let recent = start.map { start in lines[(lines.firstIndex { $0.time >= start } ?? lines.count)...] } ?? lines[...]
        return tailLines.map { recent.suffix($0) } ?? recent
    }

    /// A line as it is sent.
    func text(_ line: PodLogLine) -> String {
        guard showsTimes else { return line.text + "\n" }
        let seconds = Date(timeIntervalSince1970: TimeInterval(line.time / 1_000_000_000)).ISO8601Format().dropLast()
        let digits = String(line.time % 1_000_000_000)
        return "\(seconds).\(String(repeating: "0", count: 9 - digits.count))\(digits)Z \(line.text)\n"
    }
}
