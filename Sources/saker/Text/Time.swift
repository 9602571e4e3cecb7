// SPDX-License-Identifier: Apache-2.0
import EventModel
import Responder

/// The wall clock, as the responder reads it.
enum Clock {
    static var now: Timestamp { ResponderParts.systemTime() }
}

/// Durations for people.
enum Milliseconds {
    /// `3.2 ms` up to ten seconds, `12.0 s` beyond.
    static func text(_ nanoseconds: UInt64) -> String {
        let tenths = nanoseconds / 100_000
        guard tenths >= 100_000 else { return "\(tenths / 10).\(tenths % 10) ms" }
        return "\(tenths / 10_000).\(tenths / 1_000 % 10) s"
    }
}

/// A moment as a person gives it: RFC 3339, or how long ago.
enum Moment {
    /// Reads it; throws a `UserError` that says what is accepted.
    static func read(_ text: String, now: Timestamp) throws -> Timestamp {
        if let exact = Timestamp(text) { return exact }
        guard let seconds = ConfigKey.duration(text) else {
            throw UserError("'\(text)' is no time: give RFC 3339 such as 2026-01-31T12:00:00Z, or how long ago, such as 30m or 2h")
        }
        let back = UInt64(seconds) * 1_000_000_000
        return Timestamp(nanoseconds: now.nanoseconds > back ? now.nanoseconds - back : 0)
    }
}
