// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation
internal import Transport

extension KubeCall {
    /// What to say when a write's answer did not come or means nothing.
    var doubt: String { verb.isWrite ? " It may have been carried out: read the object before trying again." : "" }
}

extension KubeError {
    /// Reads an answer that is no success: its `Status` body if it has one, else its HTTP status alone.
    init(_ call: KubeCall, status: Int, body: JSONValue?, retryAfterHeader: String? = nil) {
        let reason = body?["reason"]?.string ?? ""
        let details = Self.details(body)
        let isBudget = status == 429 && details.causes.contains("DisruptionBudget")
        let code = isBudget ? .disruptionBudget : Self.code(status: status, reason: reason)
        let said = body?["message"]?.string.map { " The server says: " + $0 } ?? ""
        let seconds = retryAfterHeader.flatMap { Int($0) } ?? body?["details"]?["retryAfterSeconds"]?.int.map(Int.init(clamping:))
        let mayWait = status == 429 || status == 503
        self.init(
            code, "\(call): HTTP \(status). " + Self.advice(code, call, details) + said, status: status,
            retryAfter: mayWait ? seconds.map { .seconds(max(0, $0)) } : nil)
    }

    /// Puts a failed exchange into the terms of the call.
    init(_ call: KubeCall, _ error: TransportError) {
        let code: Code =
            switch error.code {
            case .timeout: .timeout
            case .cancelled: .cancelled
            case .tooLarge: .decode
            case .connect, .tls, .resolve, .protocol: .transport
            }
        let maybe = error.isKnownUnsent ? "" : call.doubt
        self.init(
            code, "\(call): \(error.message).\(maybe)", isKnownUnsent: error.isKnownUnsent, isPermanentTransport: !error.isTransient)
    }

    private static func code(status: Int, reason: String) -> Code {
        switch status {
        case 400, 415, 422: .invalid
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 409: reason == "AlreadyExists" ? .alreadyExists : .conflict
        case 410: .gone
        case 429: .tooManyRequests
        case 504: .timeout
        default: .serverError  // Numbers from outside cannot be listed: whatever is no success and has no name above.
        }
    }

    /// What a `Status` says beside its reason: the causes' names, and its sentence.
    private static func details(_ body: JSONValue?) -> (causes: [String], message: String) {
        let causes = body?["details"]?["causes"]?.array?.compactMap { $0["reason"]?.string } ?? []
        return (causes, body?["message"]?.string ?? "")
    }

    private static func advice(_ code: Code, _ call: KubeCall, _ details: (causes: [String], message: String)) -> String {
        switch code {
        case .unauthorized: "The server does not accept the credentials: renew the token or the client certificate."
        case .forbidden: forbidden(call, said: details.message)
        case .notFound: "There is no such object, or the server does not know the kind."
        case .alreadyExists: "An object of that name exists."
        case .conflict where details.causes.contains("FieldManagerConflict"):
            "Another field manager owns what is applied: leave those fields out, or force the apply."
        case .conflict: "The object is not what the caller took it for (changed, or another life of that name): read it again."
        case .gone: "The resourceVersion is too old: list again."
        case .invalid: "The server refuses the body."
        case .tooManyRequests: "The server is overloaded."
        case .disruptionBudget: "A PodDisruptionBudget does not allow to lose this pod now: wait until others are ready, or delete the pod."
        case .timeout: "The server did not finish in time; a write may have been carried out."
        case .serverError, .transport, .decode, .credential, .config, .cancelled: "The server failed."
        }
    }

    /// The authorizer's sentence is `... User "x" cannot verb resource ...`; whatever else says 403 is an admission plugin, a webhook or
    /// a quota, and no RBAC rule helps against that.
    private static func forbidden(_ call: KubeCall, said: String) -> String {
        let right = "the verb '\(call.verb.rawValue)' on '\(call.place)'"
            + (call.namespace.map { " in namespace '\($0)'" } ?? " for the whole cluster") + ": grant it by RBAC."
        guard !said.isEmpty else { return "The credentials lack " + right }
        let parts = said.components(separatedBy: "\" cannot ")
        guard parts.count > 1, let user = parts[0].components(separatedBy: "User \"").last, user != parts[0] else {
            return "Admission, a policy or a quota forbids it, not RBAC."
        }
        return "The user '\(user)' lacks " + right
    }
}
