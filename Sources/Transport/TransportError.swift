// SPDX-License-Identifier: Apache-2.0

/// Why an exchange failed before there was a whole answer; an answer of any status is no error here.
public struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sort of failure; its raw value is a bounded set, safe as a metric label.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// A time limit ran out.
        case timeout
        /// Nobody answers at that address and port, or the connection broke while it was made.
        case connect
        /// The TLS handshake failed: a certificate is not trusted, does not fit the name, or ours was refused.
        case tls
        /// The name has no address.
        case resolve
        /// The answer is longer than the request allows.
        case tooLarge
        /// The caller's task was cancelled, or the client was shut down.
        case cancelled
        /// The other side broke off, or what it said is not HTTP.
        case `protocol`
    }

    /// The sort of failure.
    public let code: Code
    /// A sentence a person can act on, with the URL and libcurl's own words.
    public let message: String
    /// True when no byte of the request was sent, so that the other side cannot have acted on it.
    public let isKnownUnsent: Bool

    /// States a failure.
    public init(_ code: Code, _ message: String, isKnownUnsent: Bool = false) {
        self.code = code
        self.message = message
        self.isKnownUnsent = isKnownUnsent
    }

    /// True when the same exchange may succeed later without anybody changing anything.
    public var isTransient: Bool {
        switch code {
        case .timeout, .connect, .resolve, .protocol: true
        case .tls, .tooLarge, .cancelled: false
        }
    }

    public var description: String { message }
}
