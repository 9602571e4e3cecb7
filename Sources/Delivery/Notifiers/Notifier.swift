// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A place where people read what was done. Its courier calls it again until it has accepted a notice, so it tries once.
public protocol Notifier: Sendable {
    /// A word for messages and for the outbox, such as `slack`.
    var name: String { get }
    /// False where a notice is itself a change that no rehearsal may make.
    var takesRehearsals: Bool { get }
    /// Tries once to tell a notice; `key` is the same at every try.
    func send(_ notice: Notice, key: String) async -> DeliveryAnswer
}

extension Notifier {
    public var takesRehearsals: Bool { true }
}
