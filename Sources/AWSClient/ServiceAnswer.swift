// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation
internal import Transport

/// An answer that is no success, read for what it says: XML of S3 and STS, JSON of Lambda, or headers alone after a HEAD.
struct ServiceAnswer {
    let status: Int
    let head: HTTPHead
    /// The service's word, such as `NoSuchBucket`; empty when it gave none.
    let word: String
    /// The service's sentence; empty when it gave none.
    let said: String
    private let xml: XMLFields?

    init(_ response: HTTPResponse) {
        status = response.status
        head = response.head
        xml = XMLFields(response.body)
        let json = try? JSONDecoder().decode(JSONValue.self, from: Data(response.body))
        // Lambda names its error in a header, with a URL after a colon.
        let named = response.head.header("x-amzn-ErrorType")?.split(separator: ":").first.map(String.init)
        word = xml?.first(named: "Code") ?? named ?? json?["__type"]?.string ?? ""
        said = xml?.first(named: "Message") ?? json?["message"]?.string ?? json?["Message"]?.string ?? ""
    }

    /// The error, with the time of this machine to hold the service's clock against.
    func error(of call: AWSCall, asked region: String, _ key: AWSCredentials?, at now: Timestamp) -> AWSError {
        let code = code(now)
        let quoted = said.isEmpty ? "" : " The service says: \(said.prefix(500))"
        let name = word.isEmpty ? "" : " \(word)"
        let advice = advice(code, call, region, key, now)
        return AWSError(code, "\(call): HTTP \(status)\(name). \(advice)\(quoted)", serviceCode: word, status: status)
    }

    private func code(_ now: Timestamp) -> AWSError.Code {
        if let code = Self.codes[word] { return code == .badCredentials && isSkewed(now) ? .clockSkew : code }
        switch status {
        case 301, 307, 308: return .wrongRegion
        case 403: return isSkewed(now) ? .clockSkew : .accessDenied
        case 401: return .badCredentials
        case 404: return .notFound
        case 409: return .conflict
        case 412: return .alreadyExists
        case 429: return .throttled
        case 400..<500: return head.header("x-amz-bucket-region").map { _ in .wrongRegion } ?? .invalid
        default: return .serverError  // Numbers from outside cannot be listed: whatever is no success and has no name above.
        }
    }

    private static let codes: [String: AWSError.Code] = [
        "AccessDenied": .accessDenied, "AccessDeniedException": .accessDenied, "AllAccessDisabled": .accessDenied,
        "AuthorizationHeaderMalformed": .wrongRegion, "PermanentRedirect": .wrongRegion, "TemporaryRedirect": .wrongRegion,
        "IllegalLocationConstraintException": .wrongRegion,
        "NoSuchBucket": .noSuchBucket, "NoSuchKey": .notFound, "ResourceNotFoundException": .notFound,
        "PreconditionFailed": .alreadyExists, "ConditionalRequestConflict": .conflict, "OperationAborted": .conflict,
        "RequestTimeTooSkewed": .clockSkew, "RequestExpired": .clockSkew,
        "ExpiredToken": .expiredCredentials, "ExpiredTokenException": .expiredCredentials, "TokenRefreshRequired": .expiredCredentials,
        "InvalidAccessKeyId": .badCredentials, "SignatureDoesNotMatch": .badCredentials, "InvalidSignatureException": .badCredentials,
        "InvalidClientTokenId": .badCredentials, "UnrecognizedClientException": .badCredentials, "InvalidToken": .badCredentials,
        "SlowDown": .throttled, "Throttling": .throttled, "ThrottlingException": .throttled, "TooManyRequestsException": .throttled,
        "RequestLimitExceeded": .throttled, "EC2ThrottledException": .throttled,
        "RequestTimeout": .serverError, "InternalError": .serverError, "ServiceUnavailable": .serverError,
        "IDPCommunicationError": .serverError,
    ]

    private func advice(
        _ code: AWSError.Code, _ call: AWSCall, _ region: String, _ key: AWSCredentials?, _ now: Timestamp
    ) -> String {
        let whose = key.map { "\($0)" } ?? "the caller"
        switch code {
        case .accessDenied:
            return "Grant '\(call.right)' to \(whose), and look for a policy of the bucket or of the organization that denies it."
        case .badCredentials:
            return "The service does not accept \(whose): check that the key exists and that its secret is the right one."
        case .expiredCredentials: return "The session of \(whose) is over: renew it."
        case .clockSkew: return skew(now)
        case .wrongRegion: return wrongRegion(region)
        case .noSuchBucket: return "There is no such bucket: make it, or correct its name."
        case .notFound: return "There is no such object or function: check its name, the region (\(region)) and the account."
        case .alreadyExists: return "An object of that key is there already; Saker never overwrites one."
        case .conflict: return "Another writer of that key was faster."
        case .throttled: return "The service asks for fewer calls."
        case .invalid: return "The service refuses what was sent."
        case .serverError: return "The service failed; it may work again in a moment."
        case .config, .noCredentials, .functionFailed, .timeout, .transport, .decode, .cancelled: return "The call failed."
        }
    }

    private func wrongRegion(_ asked: String) -> String {
        let named = head.header("x-amz-bucket-region") ?? xml?.first(named: "Region")
        guard let right = named, right != asked else {
            let endpoint = xml?.first(named: "Endpoint").map { " at \($0)" } ?? " in another region"
            return "The bucket is\(endpoint), and \(asked) was asked: set the bucket's region."
        }
        return "The bucket is in region \(right), and \(asked) was asked: set the region to \(right)."
    }

    /// S3 refuses a request whose time is more than 15 minutes from its own; other services less.
    private static let allowedSkewSeconds: UInt64 = 300

    private func isSkewed(_ now: Timestamp) -> Bool {
        guard let there = serverTime else { return false }
        return max(there.nanoseconds(since: now), now.nanoseconds(since: there)) > Self.allowedSkewSeconds * 1_000_000_000
    }

    private func skew(_ now: Timestamp) -> String {
        let there = serverTime.map { "it is \($0.description.prefix(19))Z there" } ?? "the service's clock differs"
        let here = "\(now.description.prefix(19))Z"
        return "The clocks are too far apart: it is \(here) on this machine, and \(there). Set this machine's clock (NTP)."
    }

    private var serverTime: Timestamp? {
        if let text = xml?.first(named: "ServerTime") { return Timestamp(text) }
        return head.header("Date").flatMap(Self.date)
    }

    /// Reads the form that HTTP prescribes, such as `Sun, 22 Nov 2026 04:27:56 GMT`.
    static func date(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else { return nil }
        return Timestamp("\(parts[3])-\(month < 9 ? "0" : "")\(month + 1)-\(parts[1])T\(parts[4])Z")
    }
}
