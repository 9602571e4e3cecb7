// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A key that signs requests. Neither its secret nor its token is ever printed.
public struct AWSCredentials: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The key's public name, such as `AKIA...`.
    public let accessKey: String
    /// The secret that belongs to it.
    public let secretKey: String
    /// What goes with a temporary key; nil for a lasting one.
    public let sessionToken: String?
    /// When the key ends; nil when that is not known or never.
    public let expiration: Timestamp?
    /// Where it was found, in words.
    public let source: String

    /// States a key.
    public init(accessKey: String, secretKey: String, sessionToken: String? = nil, expiration: Timestamp? = nil, source: String) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.expiration = expiration
        self.source = source
    }

    public var description: String { "the key \(accessKey) from \(source)" }
    public var debugDescription: String { description }
    /// What a dump shows: neither secret nor token.
    public var customMirror: Mirror { Mirror(self, children: ["accessKey": accessKey, "source": source]) }
}
