// SPDX-License-Identifier: Apache-2.0

/// Why a call to the API server, or the reading of a kubeconfig, failed, with what to do about it.
public struct KubeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sort of failure; its raw value is a bounded set, safe as a metric label.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// 401: the server does not know who calls.
        case unauthorized
        /// 403: the server knows, and does not allow it.
        case forbidden
        /// 404: no such object (or no such kind).
        case notFound
        /// 409 with reason AlreadyExists.
        case alreadyExists
        /// 409: a precondition or the resourceVersion does not hold any more.
        case conflict
        /// 410, or an ERROR event of a watch: the resourceVersion is too old, list again.
        case gone
        /// 400 or 422: the server refuses the body.
        case invalid
        /// 429: see `retryAfter`.
        case tooManyRequests
        /// Any other answer that is no success, most of all 5xx.
        case serverError
        /// No answer in time; a write may or may not have happened.
        case timeout
        /// No answer at all: name, connection, TLS, or a broken exchange; see `message`.
        case transport
        /// The answer is not what the API promises.
        case decode
        /// 429 of an eviction: a PodDisruptionBudget does not allow it now. Not repeated by itself: it is a decision, no overload.
        case disruptionBudget
        /// The credential plugin handed out nothing that can be used.
        case credential
        /// The kubeconfig or the in-cluster files cannot be used.
        case config
        /// The caller's task was cancelled.
        case cancelled
    }

    /// The sort of failure.
    public let code: Code
    /// A sentence: verb, resource, namespace and name, what the server said, what to do.
    public let message: String
    /// The HTTP status; nil when there was no answer.
    public let status: Int?
    /// How long the server asks to wait before the next try; only ever set for 429 and 503.
    public let retryAfter: Duration?
    /// True when no byte of the request can have reached the server, so that even a write is known not to have happened.
    public let isKnownUnsent: Bool
    /// A certificate that is not trusted stays so: of the transport's failures, these do not pass by themselves.
    private let isPermanentTransport: Bool

    /// States a failure.
    public init(_ code: Code, _ message: String, status: Int? = nil, retryAfter: Duration? = nil, isKnownUnsent: Bool = false) {
        self.init(
            code, message, status: status, retryAfter: retryAfter, isKnownUnsent: isKnownUnsent, isPermanentTransport: false)
    }

    init(
        _ code: Code, _ message: String, status: Int? = nil, retryAfter: Duration? = nil, isKnownUnsent: Bool, isPermanentTransport: Bool
    ) {
        self.isPermanentTransport = isPermanentTransport
        self.code = code
        self.message = message
        self.status = status
        self.retryAfter = retryAfter
        self.isKnownUnsent = isKnownUnsent
    }

    /// True when the same call may succeed later without anybody changing anything.
    public var isTransient: Bool {
        switch code {
        case .tooManyRequests, .timeout: true
        case .transport: !isPermanentTransport
        case .serverError: status.map { $0 >= 500 && $0 != 501 } ?? true
        case .unauthorized, .forbidden, .notFound, .alreadyExists, .conflict, .gone, .invalid, .disruptionBudget, .decode, .credential,
            .config, .cancelled:
            false
        }
    }

    public var description: String { message }
}
