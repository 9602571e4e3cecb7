// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import EventModel
internal import Transport

/// How a function is invoked.
public enum LambdaInvocation: String, Sendable, Hashable, CaseIterable {
    /// Run it and wait for what it returns.
    case requestResponse = "RequestResponse"
    /// Put the event into its queue.
    case event = "Event"
    /// Check name, payload and rights; run nothing.
    case dryRun = "DryRun"
}

/// A function and how it is to be invoked.
public struct LambdaCall: Sendable, Hashable {
    /// Its name or ARN.
    public var function: String
    /// Its version or alias, such as `$LATEST`.
    public var qualifier: String
    /// How.
    public var invocation: LambdaInvocation
    /// What it is given: JSON.
    public var payload: [UInt8]

    /// States a call.
    public init(function: String, qualifier: String, invocation: LambdaInvocation, payload: [UInt8]) {
        self.function = function
        self.qualifier = qualifier
        self.invocation = invocation
        self.payload = payload
    }
}

/// What came of an invocation.
public struct LambdaAnswer: Sendable, Hashable {
    /// 200 when it was run, 202 when it is queued, 204 after a dry run.
    public let status: Int
    /// The version that was run; empty when the service does not say.
    public let version: String
    /// What it returned.
    public let payload: [UInt8]

    /// States an answer.
    public init(status: Int, version: String, payload: [UInt8]) {
        self.status = status
        self.version = version
        self.payload = payload
    }
}

/// The one verb of Lambda in use.
public struct LambdaClient: Sendable {
    let service: AWSService
    let origin: String

    /// Invokes a function. Throws `functionFailed` when it was run and failed; a lost answer leaves open whether it was run, and it is
    /// not invoked twice.
    public func invoke(_ invocation: LambdaCall) async throws(AWSError) -> LambdaAnswer {
        let call = AWSCall("lambda:InvokeFunction", invocation.function, isRepeatable: invocation.invocation == .dryRun)
        let request = AWSRequest(
            .post, origin, "/2015-03-31/functions/" + PercentEncoding.encode(invocation.function) + "/invocations",
            query: [(name: "Qualifier", value: invocation.qualifier)],
            headers: [
                HTTPHeader("Content-Type", "application/json"), HTTPHeader("X-Amz-Invocation-Type", invocation.invocation.rawValue),
            ], body: invocation.payload)
        let response = try await service.send(request, call)
        if let failure = response.head.header("X-Amz-Function-Error") {
            let reason = Self.reason(response.body)
            throw AWSError(.functionFailed, "\(call): the function was run and failed (\(failure)): \(reason)", status: 200)
        }
        return LambdaAnswer(
            status: response.status, version: response.head.header("X-Amz-Executed-Version") ?? "", payload: response.body)
    }

    /// What the function says of its failure, or else the begin of what it returned.
    private static func reason(_ body: [UInt8]) -> String {
        let json = try? JSONDecoder().decode(JSONValue.self, from: Data(body))
        let type = json?["errorType"]?.string.map { $0 + ": " } ?? ""
        return json?["errorMessage"]?.string.map { type + $0.prefix(500) } ?? String(decoding: body.prefix(500), as: UTF8.self)
    }
}
