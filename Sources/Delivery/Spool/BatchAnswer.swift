// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// What the responder's answer to a batch means for each of its alerts.
enum BatchAnswer: Sendable, Equatable {
    /// What is to be done with one alert.
    enum Verdict: Sendable, Equatable {
        /// The responder has it.
        case done
        /// It will never take it.
        case refused(String)
        /// It is to be sent again.
        case again
    }

    /// One verdict an alert, in order; and how many seconds to wait where some are to be sent again.
    case verdicts([Verdict], waitSeconds: Double?)
    /// The batch is too large: send fewer alerts at once.
    case tooLarge
    /// Nothing was taken; all is to be sent again after that many seconds, or when nil, after our own time.
    case again(String, waitSeconds: Double?)

    /// A server may not hold us off longer than this.
    static let longestWait = 300.0

    /// Reads an answer to alerts with these trace ids.
    init(status: Int, retryAfter: String?, body: [UInt8], traces: [TraceID]) {
        let wait = retryAfter.flatMap { Double($0) }.flatMap { $0.isNaN ? nil : min(max($0, 0), Self.longestWait) }
        let json = try? JSONParser.parse(body)
        if let results = json?["results"]?.array, let verdicts = Self.verdicts(results, traces) {
            self = .verdicts(verdicts, waitSeconds: wait)
            return
        }
        let said = json?["error"]?.string.map { ": \($0)" } ?? ""
        switch status {
        case 413: self = .tooLarge
        // A body that is refused as a whole says nothing of its single alerts: each is asked about by itself.
        // Only a responder names the place of the fault; a proxy's 400, as for a certificate that ran out, must not empty the spool.
        case 400 where traces.count > 1 && json?["offset"]?.int != nil: self = .tooLarge
        case 400 where json?["offset"]?.int != nil: self = .verdicts([.refused("the responder answered 400\(said)")], waitSeconds: nil)
        case 401, 403:
            self = .again("the responder does not accept our token or certificate (\(status)); see its log for why", waitSeconds: wait)
        case 200..<300: self = .again("the answer is not a responder's; is detect.to right?", waitSeconds: wait)
        case _: self = .again("the responder answered \(status)\(said)", waitSeconds: wait)
        }
    }

    private static func verdicts(_ results: [JSONValue], _ traces: [TraceID]) -> [Verdict]? {
        guard results.count == traces.count else { return nil }
        var verdicts: [Verdict] = []
        for (result, trace) in zip(results, traces) {
            switch result["result"]?.string {
            // Only what is acknowledged under its own id is acknowledged.
            case "accepted", "duplicate":
                guard result["id"]?.string == trace.text else { return nil }
                verdicts.append(.done)
            case "refused": verdicts.append(.refused(result["reason"]?.string ?? "no reason given"))
            case "unavailable": verdicts.append(.again)
            case _: return nil
            }
        }
        return verdicts
    }
}
