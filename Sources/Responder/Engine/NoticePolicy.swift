// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Records

/// Which destinations are sent a notice of each act.
public struct NoticePolicy: Sendable, Hashable {
    /// Whom notices are for.
    public struct Destination: Sendable, Hashable {
        /// The name under which messages wait for it.
        public var name: String
        /// False where a notice is itself a change that no rehearsal may make.
        public var takesRehearsals: Bool

        /// Names a destination.
        public init(_ name: String, takesRehearsals: Bool = true) {
            self.name = name
            self.takesRehearsals = takesRehearsals
        }
    }

    /// Whom notices are for; each keeps its own order.
    public var destinations: [Destination]
    /// Acts for alerts less grave than this are not told.
    public var minimumPriority: Priority

    /// Tells nobody unless told otherwise.
    public init(_ destinations: [Destination] = [], minimumPriority: Priority = .debug) {
        self.destinations = destinations
        self.minimumPriority = minimumPriority
    }

    /// The messages that carry a notice. The chain's sequence number makes the key one of a kind.
    func messages(_ notice: Notice, _ head: ChainHead) throws -> [OutboxMessage] {
        guard notice.alert.priority >= minimumPriority else { return [] }
        let key = "\(notice.alert.trace)-\(head.seq)"
        return try destinations.filter { $0.takesRehearsals || !notice.isRehearsal }
            .map { try OutboxMessage(to: $0.name, key: key, notice) }
    }
}
