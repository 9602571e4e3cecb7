// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Transport

extension KubeError {
    /// Reads an answer that is no success: its `Status` body if it has one, else its HTTP status alone.
    init(_ call: KubeCall, status: Int, body: JSONValue?, retryAfterHeader: String? = nil) {
        let reason = body?["reason"]?.string ?? ""
        let code = Self.code(status: status, reason: reason)
        let said = body?["message"]?.string.map { " The server says: " + $0 } ?? ""
        let seconds = retryAfterHeader.flatMap { Int($0) } ?? body?["details"]?["retryAfterSeconds"]?.int.map(Int.init(clamping:))
        let mayWait = status == 429 || status == 503
        self.init(
            code, "\(call): HTTP \(status). " + Self.advice(code, call) + said, status: status,
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
        let maybe = call.verb.isWrite && !error.isKnownUnsent ? " It may have been carried out: read the object before trying again." : ""
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

    private static func advice(_ code: Code, _ call: KubeCall) -> String {
        switch code {
        case .unauthorized: "The server does not accept the credentials: renew the token or the client certificate."
        case .forbidden:
            "The credentials lack the verb '\(call.verb.rawValue)' on '\(call.resource)'"
                + (call.namespace.map { " in namespace '\($0)'" } ?? " for the whole cluster") + ": grant it by RBAC."
        case .notFound: "There is no such object, or the server does not know the kind."
        case .alreadyExists: "An object of that name exists."
        case .conflict: "The object is not what the caller took it for (changed, or another life of that name): read it again."
        case .gone: "The resourceVersion is too old: list again."
        case .invalid: "The server refuses the body."
        case .tooManyRequests: "The server is overloaded, or a disruption budget forbids it for now."
        case .timeout: "The server did not finish in time; a write may have been carried out."
        case .serverError, .transport, .decode, .config, .cancelled: "The server failed."
        }
    }
}
