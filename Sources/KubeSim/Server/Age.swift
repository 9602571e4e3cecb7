// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// How long ago something was, as tables show it.
struct Age {
    /// Seconds since 1970.
    var now: Int64

    func text(_ time: JSON?) -> String {
        guard let text = time?.string, let date = Age.date(text) else { return "<unknown>" }
        return Age.duration(max(0, now - Int64(date.timeIntervalSince1970)))
    }

    // Micro times have a fraction, which the plain style refuses.
    private static func date(_ text: String) -> Date? {
        let whole = text.contains(".") ? String(text.prefix { $0 != "." }) + "Z" : text
        return try? Date(whole, strategy: .iso8601)
    }

    /// A duration as kubectl prints it: the largest unit, with the next one while that still tells something.
    static func duration(_ seconds: Int64) -> String {
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
        if seconds < 120 { return "\(seconds)s" }
        if minutes < 10 { return seconds % 60 == 0 ? "\(minutes)m" : "\(minutes)m\(seconds % 60)s" }
        if hours < 3 { return "\(minutes)m" }
        if hours < 8 { return minutes % 60 == 0 ? "\(hours)h" : "\(hours)h\(minutes % 60)m" }
        if hours < 48 { return "\(hours)h" }
        if days < 8 { return hours % 24 == 0 ? "\(days)d" : "\(days)d\(hours % 24)h" }
        if days < 730 { return "\(days)d" }
        return days % 365 == 0 ? "\(days / 365)y" : "\(days / 365)y\(days % 365)d"
    }
}
