// SPDX-License-Identifier: Apache-2.0

internal import EventModel

extension ResultRecord {
    /// Where the object is kept: `<yyyy>/<mm>/<dd>/<namespace>/<object>/<trace>-<intention>-<actuator>.json`, by the event's day in
    /// UTC, with the actuator's `:` as `.`.
    ///
    /// Names come from outside: a byte other than an ASCII letter, digit, `-` or inner `.` becomes `%XX`, a missing name `_`, and a
    /// part longer than 100 bytes is cut and ended by a hash, so no name leaves the folder and no two names meet.
    public var key: String {
        let target = act.intention.target
        let actuator = act.intention.actuator.text.split(separator: ":", omittingEmptySubsequences: false).joined(separator: ".")
        let file = [Self.part(alert.trace.text), id.description, Self.part(actuator)].joined(separator: "-")
        return "\(Self.day(alert.time))/\(Self.part(target.namespace?.text ?? ""))/\(Self.part(target.name))/\(file).json"
    }

    private static let longest = 100

    private static func day(_ time: Timestamp) -> String { time.description.prefix(10).split(separator: "-").joined(separator: "/") }

    private static func part(_ name: String) -> String {
        guard !name.isEmpty else { return "_" }
        let bytes = name.utf8.enumerated()
        let escaped = bytes.map { index, byte in isPlain(byte, index) ? String(UnicodeScalar(byte)) : escape(byte) }.joined()
        guard escaped.utf8.count > longest else { return escaped }
        var digest = Digest()
        digest.add(name.utf8)
        return escaped.prefix(longest) + "~" + ChainHead(seq: 0, bytes: digest.finish()).hash.prefix(16)
    }

    private static func isPlain(_ byte: UInt8, _ index: Int) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"): true
        case UInt8(ascii: "."): index > 0
        case _: false
        }
    }

    private static func escape(_ byte: UInt8) -> String { "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true) }
}
