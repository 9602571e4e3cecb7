// SPDX-License-Identifier: Apache-2.0

/// Why a call to AWS, or to what speaks its protocols, failed, with what to do about it.
public struct AWSError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sort of failure; its raw value is a bounded set, safe as a metric label.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The settings or the environment cannot be used.
        case config
        /// No source gives credentials, or the one that should does not answer.
        case noCredentials
        /// The service does not know the key, or the signature does not fit the secret.
        case badCredentials
        /// The credentials are no longer valid.
        case expiredCredentials
        /// The credentials lack a right.
        case accessDenied
        /// This machine's clock and the service's are too far apart for signatures.
        case clockSkew
        /// The bucket is in another region than the one that was asked.
        case wrongRegion
        /// There is no such bucket.
        case noSuchBucket
        /// There is no such object or function.
        case notFound
        /// 412: an object of that key is there, and none is ever overwritten.
        case alreadyExists
        /// 409: another writer of the same key was faster.
        case conflict
        /// 429 and its like: too many calls.
        case throttled
        /// The service refuses what was sent.
        case invalid
        /// The function was run and failed.
        case functionFailed
        /// Any other answer that is no success, most of all 5xx.
        case serverError
        /// No answer in time; the call may have been carried out.
        case timeout
        /// No answer at all: name, connection, TLS, or a broken exchange.
        case transport
        /// The answer is not what the service promises.
        case decode
        /// The caller's task was cancelled.
        case cancelled
    }

    /// The sort of failure.
    public let code: Code
    /// A sentence: what was asked, what the service said, what to do.
    public let message: String
    /// The service's own word for it, such as `SlowDown`; empty when it gave none.
    public let serviceCode: String
    /// The HTTP status; nil when there was no answer.
    public let status: Int?
    /// True when the service cannot have acted on the call.
    public let isKnownUnsent: Bool

    /// States a failure.
    public init(_ code: Code, _ message: String, serviceCode: String = "", status: Int? = nil, isKnownUnsent: Bool = false) {
        self.code = code
        self.message = message
        self.serviceCode = serviceCode
        self.status = status
        self.isKnownUnsent = isKnownUnsent
    }

    /// True when the same call may succeed in a moment without anybody changing anything.
    public var isTransient: Bool {
        switch code {
        case .throttled, .serverError, .timeout, .transport, .conflict: true
        case .config, .noCredentials, .badCredentials, .expiredCredentials, .accessDenied, .clockSkew, .wrongRegion, .noSuchBucket,
            .notFound, .alreadyExists, .invalid, .functionFailed, .decode, .cancelled:
            false
        }
    }

    /// True when it is not known whether the call was carried out.
    public var mayHaveHappened: Bool {
        switch code {
        case .serverError, .timeout, .transport, .decode, .cancelled: !isKnownUnsent
        case .config, .noCredentials, .badCredentials, .expiredCredentials, .accessDenied, .clockSkew, .wrongRegion, .noSuchBucket,
            .notFound, .alreadyExists, .conflict, .throttled, .invalid, .functionFailed:
            false
        }
    }

    public var description: String { message }
}
