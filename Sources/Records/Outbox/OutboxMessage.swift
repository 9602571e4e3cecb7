// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Something that must reach a destination: it is kept beside the history until it was accepted there.
public struct OutboxMessage: Sendable, Hashable {
    /// The destination under which results wait that could not be kept at once.
    public static let results = "results"

    /// Whom it is for, such as `slack`.
    public var destination: String
    /// What makes it one message however often it is sent; unique for a destination.
    public var key: String
    /// Its content as JSON.
    public var body: String

    /// Keeps the content as JSON with sorted keys. Throws when it has no JSON form.
    public init(to destination: String, key: String, _ content: some Encodable) throws {
        self.destination = destination
        self.key = key
        body = try CanonicalJSON.text(content)
    }

    init(destination: String, key: String, body: String) {
        self.destination = destination
        self.key = key
        self.body = body
    }

    /// Reads the content back. Throws when it is of another type.
    public func content<Content: Decodable>(_ type: Content.Type = Content.self) throws -> Content {
        try CanonicalJSON.read(type, body)
    }

    var place: Place { Place(destination: destination, key: key) }

    /// Where a message waits.
    public struct Place: Sendable, Hashable {
        /// Whom it is for.
        public var destination: String
        /// Its key.
        public var key: String

        /// Names a message.
        public init(destination: String, key: String) {
            self.destination = destination
            self.key = key
        }
    }
}

/// A message that waits.
public struct WaitingMessage: Sendable, Hashable {
    /// The message.
    public var message: OutboxMessage
    /// Since when.
    public var since: Timestamp
}
