// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import GRDB

extension Journal {
    /// Makes the messages about an entry, given the act's number and the chain with the entry; runs within its commit.
    public typealias Messages = @Sendable (IntentionID, ChainHead) throws -> [OutboxMessage]

    /// Tells nobody.
    public static let nobody: Messages = { _, _ in [] }

    /// How many messages may wait for one destination; what comes then is dropped and counted.
    static let outboxLimit = 10_000

    /// How many messages were dropped because too many waited, by destination, since the journal was opened.
    public var droppedMessages: [String: UInt64] { outbox.overflow }

    /// The messages that wait for a destination, oldest first.
    public func waiting(for destination: String, limit: Int = 16) async throws(JournalError) -> [WaitingMessage] {
        try await writer.perform { database in
            let sql = "SELECT key, body, time FROM outbox WHERE destination = ? ORDER BY seq LIMIT ?"
            return try Row.fetchAll(database.cachedStatement(sql: sql), arguments: [destination, limit]).map { row in
                let message = OutboxMessage(destination: destination, key: row["key"], body: row["body"])
                return WaitingMessage(message: message, since: Timestamp(nanoseconds: UInt64(clamping: row["time"] as Int64)))
            }
        }
    }

    /// Lets go of messages that were accepted.
    public func delivered(_ places: [OutboxMessage.Place]) async throws(JournalError) {
        try await writer.perform { try Self.remove(places, in: $0) }
    }

    /// Lets go of a message that was not accepted, and notes in the history that and why it never arrived.
    public func giveUp(_ message: OutboxMessage, why: String, at time: Timestamp) async throws(JournalError) {
        let note = Proof(
            "a message for \(message.destination) was given up: \(why)",
            readBack: ["destination": .string(message.destination), "key": .string(message.key)])
        try await writer.perform { database in
            try Self.remove([message.place], in: database)
            _ = try Entry.append(.note, trace: "", about: 0, at: time, body: note, to: database)
        }
    }

    /// Makes the courier of a destination look at once.
    public func hurry(_ destination: String) { outbox.bell(destination).ring() }

    /// Writes an entry and the messages about it in one commit, and wakes whoever delivers them.
    func record<Value: Sendable>(
        at time: Timestamp, _ body: @escaping @Sendable (Database) throws -> (Value, [OutboxMessage])
    ) async throws(JournalError) -> Value {
        let (value, kept, dropped) = try await writer.perform { database in
            let (value, messages) = try body(database)
            let dropped = try messages.filter { try !Self.keep($0, at: time, in: database) }
            return (value, messages.map(\.destination), dropped.map(\.destination))
        }
        outbox.count(dropped: dropped)
        // A result is put by whoever wrote it, who rings when that failed: both at once would put each twice.
        for destination in Set(kept) where destination != OutboxMessage.results { hurry(destination) }
        return value
    }

    static func remove(_ places: [OutboxMessage.Place], in database: Database) throws {
        for place in places {
            try database.cachedStatement(sql: "DELETE FROM outbox WHERE destination = ? AND key = ?").execute(
                arguments: [place.destination, place.key])
        }
    }

    /// False when too many wait already.
    private static func keep(_ message: OutboxMessage, at time: Timestamp, in database: Database) throws -> Bool {
        let waiting = try database.cachedStatement(sql: "SELECT count(*) FROM outbox WHERE destination = ?")
        let count = try Int.fetchOne(waiting, arguments: [message.destination])
        guard count ?? 0 < outboxLimit else { return false }
        try database.cachedStatement(sql: "INSERT OR IGNORE INTO outbox (destination, key, time, body) VALUES (?, ?, ?, ?)").execute(
            arguments: [message.destination, message.key, Int64(clamping: time.nanoseconds), message.body])
        return true
    }
}
