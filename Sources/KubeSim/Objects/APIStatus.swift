// SPDX-License-Identifier: Apache-2.0

/// An error in Kubernetes' own shape: the `Status` object that clients decode, with its HTTP code.
struct APIStatus: Error, Hashable, Sendable {
    var code: Int
    var reason: String
    var message: String
    var details: JSON?
    var retryAfterSeconds: Int?

    /// The `Status` object.
    var body: JSON {
        var status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
            "reason": .string(reason), "code": .integer(Int64(code)),
        ]
        status["details"] = details
        if let retryAfterSeconds { status["details", "retryAfterSeconds"] = .integer(Int64(retryAfterSeconds)) }
        return status
    }

    /// The `Status` of a deletion that has nothing else to show.
    static func success(_ resource: Resource, name: String, uid: String) -> JSON {
        var details = details(resource, name)
        details["uid"] = .string(uid)
        return ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details]
    }

    private static func details(_ resource: Resource, _ name: String) -> JSON {
        var details: JSON = ["name": .string(name), "kind": .string(resource.plural)]
        if !resource.group.isEmpty { details["group"] = .string(resource.group) }
        return details
    }
}

// The sentences are Kubernetes' own, because clients show and sometimes match them.
extension APIStatus {
    static func notFound(_ resource: Resource, _ name: String) -> APIStatus {
        APIStatus(
            code: 404, reason: "NotFound", message: "\(resource.qualifiedName) \"\(name)\" not found", details: details(resource, name))
    }

    static let unknownPath = APIStatus(
        code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: [:])

    static func alreadyExists(_ resource: Resource, _ name: String) -> APIStatus {
        APIStatus(
            code: 409, reason: "AlreadyExists", message: "\(resource.qualifiedName) \"\(name)\" already exists",
            details: details(resource, name))
    }

    static func conflict(_ resource: Resource, _ name: String, _ why: String) -> APIStatus {
        APIStatus(
            code: 409, reason: "Conflict", message: "Operation cannot be fulfilled on \(resource.qualifiedName) \"\(name)\": \(why)",
            details: details(resource, name))
    }

    static func modified(_ resource: Resource, _ name: String) -> APIStatus {
        conflict(
            resource, name,
            "the object has been modified; please apply your changes to the latest version and try again")
    }

    static func invalid(_ resource: Resource, _ name: String, field: String, value: String, _ why: String) -> APIStatus {
        invalid(kind: resource.kind, group: resource.group, name, field: field, value: value, why)
    }

    static func invalid(kind: String, group: String, _ name: String, field: String, value: String, _ why: String) -> APIStatus {
        let cause = "Invalid value: \"\(value)\": \(why)"
        var details: JSON = ["name": .string(name), "kind": .string(kind)]
        if !group.isEmpty { details["group"] = .string(group) }
        details["causes"] = [["reason": "FieldValueInvalid", "message": .string(cause), "field": .string(field)]]
        return APIStatus(
            code: 422, reason: "Invalid", message: "\(kind)\(group.isEmpty ? "" : "." + group)"
                + " \"\(name)\" is invalid: \(field): \(cause)", details: details)
    }

    static func invalidOptions(_ field: String, _ why: String) -> APIStatus {
        APIStatus(
            code: 422, reason: "Invalid", message: "PatchOptions.meta.k8s.io \"\" is invalid: \(field): \(why)",
            details: ["group": "meta.k8s.io", "kind": "PatchOptions", "causes": [["message": .string(why), "field": .string(field)]]])
    }

    static let failedPatch = APIStatus(
        code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request", details: [:])

    static func badRequest(_ why: String) -> APIStatus {
        APIStatus(code: 400, reason: "BadRequest", message: why)
    }

    static func internalError(_ why: String) -> APIStatus {
        APIStatus(code: 500, reason: "InternalError", message: why)
    }

    static let unauthorized = APIStatus(code: 401, reason: "Unauthorized", message: "Unauthorized")

    static func forbidden(_ sentence: String, resource: String, group: String, name: String?) -> APIStatus {
        var details: JSON = ["kind": .string(resource)]
        if !group.isEmpty { details["group"] = .string(group) }
        if let name { details["name"] = .string(name) }
        return APIStatus(code: 403, reason: "Forbidden", message: sentence, details: details)
    }

    static let methodNotAllowed = APIStatus(
        code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: [:])

    static let notAcceptable = APIStatus(
        code: 406, reason: "NotAcceptable",
        message: "only the following media types are accepted: application/json, application/json;as=Table;g=meta.k8s.io;v=v1")

    static func expired(_ why: String) -> APIStatus { APIStatus(code: 410, reason: "Expired", message: why) }

    static let tooLarge = APIStatus(
        code: 413, reason: "RequestEntityTooLarge", message: "Request entity too large: limit is 3145728")

    static func unsupportedMediaType(_ accepted: [String]) -> APIStatus {
        APIStatus(
            code: 415, reason: "UnsupportedMediaType",
            message: "the body of the request was in an unknown format - accepted media types include: " + accepted.joined(separator: ", "))
    }

    /// The answer that a fault injection asked for, with the reason that Kubernetes gives that code.
    static func injected(_ code: Int, retryAfterSeconds: Int?) -> APIStatus {
        let known: (reason: String, message: String) =
            switch code {
            case 401: ("Unauthorized", "Unauthorized")
            case 403: ("Forbidden", "forbidden: by fault injection")
            case 404: ("NotFound", "the server could not find the requested resource")
            case 409: ("Conflict", "Operation cannot be fulfilled: by fault injection")
            case 410: ("Expired", "too old resource version: by fault injection")
            case 429: ("TooManyRequests", "Too many requests, please try again later.")
            case 500: ("InternalError", "Internal error occurred: by fault injection")
            case 503: ("ServiceUnavailable", "the server is currently unable to handle the request")
            case 504: ("Timeout", "the server was unable to return a response in the time allotted")
            case _: ("", "an error on the server prevented the request from succeeding")
            }
        return APIStatus(
            code: code, reason: known.reason, message: known.message, details: [:], retryAfterSeconds: retryAfterSeconds)
    }
}
