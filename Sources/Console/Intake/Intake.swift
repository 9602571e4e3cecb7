// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Foundation

/// What became of one alert that was handed on.
public enum Acceptance: Sendable, Hashable {
    /// It is on the disk, and will be answered.
    case accepted
    /// It was on the disk already.
    case duplicate
    /// It could not be taken now; the sender keeps it and sends it again.
    case unavailable(why: String)
}

/// What the intake needs of those who started it.
public struct IntakeHandlers: Sendable {
    /// Takes alerts in, and returns one acceptance for each, in order, once those that are accepted are on the disk.
    public var accept: @Sendable ([Alert]) async -> [Acceptance]
    /// Why nothing can be taken in; nil when all is well.
    public var trouble: @Sendable () -> String?
    /// Tells the operator one line, which a sender must not see.
    public var log: @Sendable (String) -> Void
    /// Who takes answers of people to acts that wait; nil when nobody does.
    public var approvals: ApprovalHandlers?

    /// Brings the handlers together.
    public init(
        accept: @escaping @Sendable ([Alert]) async -> [Acceptance], trouble: @escaping @Sendable () -> String?,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.accept = accept
        self.trouble = trouble
        self.log = log
    }
}

/// An answer to a request, before it is HTTP.
struct IntakeAnswer: Sendable, Equatable {
    var status: Int
    var body: JSONValue
    var retryAfterSeconds: Int?

    static let busyWaitSeconds = 2

    static func error(_ status: Int, _ message: String, offset: Int? = nil, retryAfterSeconds: Int? = nil) -> IntakeAnswer {
        var members: [String: JSONValue] = ["error": .string(message)]
        members["offset"] = offset.map { .int(Int64($0)) }
        return IntakeAnswer(status: status, body: .object(members), retryAfterSeconds: retryAfterSeconds)
    }

    /// The answer to a body, from what became of each of its alerts: 200 as soon as one was taken and none must be sent again.
    static func to(_ results: [AlertResult]) -> IntakeAnswer {
        let body: JSONValue = ["results": .array(results.map(\.json))]
        if results.contains(where: \.isUnavailable) {
            return IntakeAnswer(status: 503, body: body, retryAfterSeconds: busyWaitSeconds)
        }
        return IntakeAnswer(status: results.allSatisfy(\.isRefused) ? 400 : 200, body: body)
    }

    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8]((try? encoder.encode(body)) ?? Data()) + [UInt8(ascii: "\n")]
    }
}

/// What became of one alert of a body.
enum AlertResult: Sendable, Equatable {
    case handedOn(TraceID, Acceptance)
    case refused(AlertProblem)

    var isRefused: Bool {
        guard case .refused = self else { return false }
        return true
    }

    var isUnavailable: Bool {
        guard case .handedOn(_, .unavailable) = self else { return false }
        return true
    }

    var json: JSONValue {
        switch self {
        case .handedOn(let trace, .accepted): ["id": .string(trace.text), "result": "accepted"]
        case .handedOn(let trace, .duplicate): ["id": .string(trace.text), "result": "duplicate"]
        case .handedOn(let trace, .unavailable(let why)):
            ["id": .string(trace.text), "result": "unavailable", "reason": .string(why)]
        case .refused(let problem):
            ["result": "refused", "reason": .string(problem.message), "offset": .int(Int64(problem.offset))]
        }
    }
}

extension IntakeHandlers {
    /// Reads a body that came from that sender and hands its alerts on.
    func take(_ bytes: [UInt8], from sender: Sender, limit: Int) async -> IntakeAnswer {
        let body: AlertBody
        do throws(AlertProblem) {
            body = try AlertBody(bytes, limit: limit)
        } catch {
            log("sender \(sender.name): refused a body: \(error.message)")
            return .error(400, error.message, offset: error.offset)
        }
        let alerts = body.items.compactMap { item -> Alert? in
            guard case .success(var alert) = item.alert else { return nil }
            alert.sender = sender
            return alert
        }
        var acceptances = (alerts.isEmpty ? [] : await accept(alerts))[...]
        let results = body.items.map { item -> AlertResult in
            switch item.alert {
            case .success(let alert): return .handedOn(alert.trace, acceptances.popFirst() ?? .unavailable(why: "no answer"))
            case .failure(let problem):
                log("sender \(sender.name): refused an alert: \(problem.message)")
                return .refused(problem)
            }
        }
        return .to(results)
    }
}
