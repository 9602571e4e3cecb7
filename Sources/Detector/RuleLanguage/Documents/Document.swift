// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// An event that came as JSON: one request to a Kubernetes API server, or one record of CloudTrail.
public struct Document: Sendable, Hashable {
    /// Where it comes from.
    public let source: EventSource
    /// The whole event.
    public let body: JSONValue
    /// Counts documents from 1 (`evt.num`).
    public let number: UInt64
    /// When it happened: as the document says, else when it was received.
    public let time: Timestamp
    /// When the first document of its source happened (`evt.reltime` counts from it).
    public let began: Timestamp
    /// The host that received it (`evt.hostname`).
    public let hostname: String

    /// Makes a document of a JSON object; with no `began` it is the first of its source. Throws for anything else, and for the source of
    /// kernel events.
    public init(
        _ body: JSONValue, of source: EventSource, number: UInt64 = 1, receivedAt: Timestamp, began: Timestamp? = nil,
        by hostname: String = ""
    ) throws(DocumentError) {
        guard source.isDocuments else { throw DocumentError(.wrongSource, "events of source \(source.rawValue) are no JSON documents") }
        guard case .object = body else { throw DocumentError(.noObject, "an event of source \(source.rawValue) is a JSON object") }
        self.source = source
        self.body = body
        self.number = number
        self.hostname = hostname
        time = Self.time(of: body, source) ?? receivedAt
        self.began = began ?? time
    }

    private static func time(of body: JSONValue, _ source: EventSource) -> Timestamp? {
        switch source {
        case .syscall: nil
        case .kubernetesAudit: body["stageTimestamp"]?.string.flatMap { Timestamp($0) }
        case .cloudTrail: body["eventTime"]?.string.flatMap { Timestamp($0) }
        }
    }
}

/// A value that is no event of its source.
public struct DocumentError: Error, Sendable, Hashable {
    /// The kinds of errors.
    public enum Code: Sendable, Hashable {
        /// The source's events are not JSON.
        case wrongSource
        /// The value is no object.
        case noObject
    }

    /// What kind of error it is.
    public let code: Code
    /// What is wrong.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
