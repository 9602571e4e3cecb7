// SPDX-License-Identifier: Apache-2.0

/// A moment, in nanoseconds since 1970 (UTC). Its text and JSON form is RFC 3339 with nine decimals, as Falco prints it.
public struct Timestamp: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let nanoseconds: UInt64

    /// Wraps nanoseconds since 1970.
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Reads RFC 3339 with any number of decimals and `Z` or a numeric offset; nil for any other text, and for times before 1970 or after
    /// the middle of 2554.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "),
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]), let day = Self.number(bytes[8..<10]),
            let hour = Self.number(bytes[11..<13]), let minute = Self.number(bytes[14..<16]),
            let second = Self.number(bytes[17..<19]), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second < 61, let tail = Self.tail(bytes[19...])
        else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - tail.offset
        // 64 bits of nanoseconds end in the year 2554.
        guard seconds >= 0, case let (whole, false) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000),
            case let (sum, false) = whole.addingReportingOverflow(UInt64(tail.nanoseconds))
        else { return nil }
        nanoseconds = sum
    }

    public var description: String {
        let date = calendar
        return Self.padded(date.year, 4) + "-" + Self.padded(date.month, 2) + "-" + Self.padded(date.day, 2) + "T" + clock + "Z"
    }

    /// The time of day in UTC as `HH:MM:SS.nnnnnnnnn`, which begins Falco's text output.
    public var clock: String {
        let second = Int(nanoseconds / 1_000_000_000 % 86_400)
        let whole = [second / 3_600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }.joined(separator: ":")
        return whole + "." + Self.padded(Int(nanoseconds % 1_000_000_000), 9)
    }

    /// The date in UTC.
    public var calendar: (year: Int, month: Int, day: Int) {
        // Howard Hinnant's civil_from_days: days are counted in eras of 400 years that begin on 1 March.
        let shifted = Int(nanoseconds / 86_400_000_000_000) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Nanoseconds from `earlier` to this; 0 when this is earlier.
    public func nanoseconds(since earlier: Timestamp) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Reads the RFC 3339 text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let read = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no RFC 3339 time")
        }
        self = read
    }

    /// Writes the RFC 3339 text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func tail(_ bytes: ArraySlice<UInt8>) -> (nanoseconds: Int, offset: Int)? {
        var rest = bytes
        var nanoseconds = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty, let value = number(digits.prefix(9)) else { return nil }
            nanoseconds = (digits.count..<9).reduce(value) { sum, _ in sum * 10 }
            rest = rest[digits.endIndex...]
        }
        if rest.count == 1, rest.first == UInt8(ascii: "Z") { return (nanoseconds, 0) }
        guard let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        let digits = rest.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 4, let hours = number(digits.prefix(2)), let minutes = number(digits.suffix(2)) else { return nil }
        let offset = hours * 3_600 + minutes * 60
        return (nanoseconds, sign == UInt8(ascii: "-") ? -offset : offset)
    }

    private static func number(_ digits: some Sequence<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
