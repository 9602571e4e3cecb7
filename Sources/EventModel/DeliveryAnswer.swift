// SPDX-License-Identifier: Apache-2.0

/// What a destination made of a message.
public enum DeliveryAnswer: Sendable, Hashable {
    /// It has the message.
    case accepted
    /// It does not have it now and may take it later; it may have asked for so long a wait.
    case later(why: String, after: Duration?)
    /// It will never take this message.
    case refused(why: String)
}
