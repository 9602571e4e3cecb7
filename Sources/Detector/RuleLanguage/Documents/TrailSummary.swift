// SPDX-License-Identifier: Apache-2.0

import EventModel

/// What is told of a CloudTrail record in a few words.
enum TrailSummary {
    /// Who asked, by the kind of identity; nil when the record does not say, and for a kind that is not known.
    static func user(_ body: JSONValue) -> String? {
        let identity = body["userIdentity"]
        switch identity?["type"]?.string {
        case "Root", "IAMUser": return identity?["userName"]?.asText
        case "AWSService": return identity?["invokedBy"]?.asText
        case "AssumedRole": return identity?.at(["sessionContext", "sessionIssuer", "userName"])?.asText ?? "AssumedRole"
        case "AWSAccount": return "AWSAccount"
        case "FederatedUser": return "FederatedUser"
        case _: return nil
        }
    }

    /// Who asked; of an assumed role the session's name, out of its ARN or its principal id.
    static func originalUser(_ body: JSONValue) -> String? {
        let identity = body["userIdentity"]
        guard identity?["type"]?.string == "AssumedRole" else { return identity?["userName"]?.asText }
        let name = identity?["arn"]?.string.map { $0.split(separator: "/", omittingEmptySubsequences: false) } ?? []
        if name.count == 3 { return String(name[2]) }
        let principal = identity?["principalId"]?.string.map { $0.split(separator: ":", omittingEmptySubsequences: false) } ?? []
        return principal.count == 2 ? String(principal[1]) : nil
    }

    /// The service without the domain that all have.
    static func shortSource(_ body: JSONValue) -> String? {
        let domain = ".amazonaws.com"
        return body["eventSource"]?.asText.map { $0.hasSuffix(domain) && $0 != domain ? String($0.dropLast(domain.count)) : $0 }
    }

    /// The address of the object in S3.
    static func address(_ body: JSONValue) -> String? {
        guard let bucket = body.at(["requestParameters", "bucketName"])?.string,
            let key = body.at(["requestParameters", "key"])?.string
        else { return nil }
        return "s3://\(bucket)/\(key)"
    }

    /// How many bytes went one way, or both; records write them with a fraction.
    static func bytes(_ body: JSONValue, _ ways: String...) -> Int64? {
        let counts = (ways.isEmpty ? ["bytesTransferredIn", "bytesTransferredOut"] : ways).compactMap { way -> Int64? in
            switch body.at(["additionalEventData", way]) {
            case .int(let count): count
            case .double(let count): Int64(exactly: count.rounded(.down)) ?? 0
            case .bool, .string, .array, .object: 0
            case .null, nil: nil
            }
        }
        return counts.isEmpty ? nil : counts.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    }

    /// The whole record in one line: region, user, service, what was asked for, and the details.
    static func line(of body: JSONValue) -> String? {
        guard let service = shortSource(body), let region = body["awsRegion"]?.asText, let name = body["eventName"]?.asText
        else { return nil }
        let user = user(body).map { " " + $0 } ?? ""
        return "\(region)\(user) \(service) \(name) \(what(body))"
    }

    /// Who did what from where, whether it failed (`!`), read or wrote, and to what.
    static func what(_ body: JSONValue) -> String {
        guard let user = user(body) else { return "<invalid cloudtrail event: userIdentity field missing>" }
        guard let place = body["sourceIPAddress"]?.asText else { return "<invalid cloudtrail event: eventSource field missing>" }
        guard let name = body["eventName"]?.asText else { return "<invalid cloudtrail event: eventName field missing>" }
        let failed = body.at(["errorCode"]) == nil ? "" : "!"
        let arrow = body["readOnly"]?.bool == false ? "→" : "←"
        let who = user == place ? user : "\(user) via \(place)"
        return "\(who) \(failed)\(arrow) \(name)" + (bytes(body).map { " Size=\($0)" } ?? "") + object(body)
    }

    private static func object(_ body: JSONValue) -> String {
        if let address = address(body) { return " URI=\(address)" }
        for (label, key) in [("Bucket", "bucketName"), ("Key", "key"), ("Host", "Host")] {
            if let text = body.at(["requestParameters", key])?.asText { return " \(label)=\(text)" }
        }
        return ""
    }
}
