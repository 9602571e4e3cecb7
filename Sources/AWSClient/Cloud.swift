// SPDX-License-Identifier: Apache-2.0

/// What changes something in AWS. A rehearsal hands in a `DryRunCloud`, and whoever calls cannot tell.
public protocol Cloud: Sendable {
    /// Invokes a function. Throws `functionFailed` when it was run and failed.
    func invoke(_ call: LambdaCall) async throws(AWSError) -> LambdaAnswer
}

/// Where buckets come from.
public protocol Buckets: Sendable {
    /// A bucket of AWS, or of the server that the settings name; a nil region means the settings' own.
    func bucket(_ name: String, region: String?) throws(AWSError) -> S3Bucket

    /// A bucket of the server that the settings name, in the path's style. Throws `config` when they name none.
    func namedServerBucket(_ name: String) throws(AWSError) -> S3Bucket
}

extension AWSCloud: Cloud, Buckets {
    public func invoke(_ call: LambdaCall) async throws(AWSError) -> LambdaAnswer { try await lambda().invoke(call) }
}

/// A cloud for rehearsals: a function's name, the payload and the right to invoke it are checked, and nothing is run.
public struct DryRunCloud: Cloud {
    private let inner: any Cloud

    /// Rehearses on that cloud.
    public init(_ inner: any Cloud) { self.inner = inner }

    public func invoke(_ call: LambdaCall) async throws(AWSError) -> LambdaAnswer {
        var call = call
        call.invocation = .dryRun
        return try await inner.invoke(call)
    }
}

/// What stands for AWS where a program was given none: every call fails and says so.
public struct NoCloud: Cloud, Buckets {
    /// It has no state.
    public init() {}

    public func invoke(_ call: LambdaCall) async throws(AWSError) -> LambdaAnswer { throw Self.error }
    public func bucket(_ name: String, region: String?) throws(AWSError) -> S3Bucket { throw Self.error }
    public func namedServerBucket(_ name: String) throws(AWSError) -> S3Bucket { throw Self.error }

    private static let error = AWSError(.config, "This program was given no access to AWS.", isKnownUnsent: true)
}
