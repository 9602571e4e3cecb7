// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Hashing

/// Something that an action gathered about a target.
struct Artifact {
    let name: String
    let target: TargetObject
    let alert: Alert
    let bytes: [UInt8]
    let hash: [UInt8]

    init(name: String, target: TargetObject, alert: Alert, bytes: [UInt8]) {
        self.name = name
        self.target = target
        self.alert = alert
        self.bytes = bytes
        hash = SHA256.hash(bytes)
    }

    /// Talon's form `<time>_<namespace>_<pod>_<name>`, by the event's time in UTC, then parts of the trace id and of the content's hash:
    /// what is gathered again about one alert finds its own object if it is the same, and a free key if it is not.
    var key: String {
        let time = alert.time.description.prefix(19).map { $0 == ":" ? "-" : String($0) }.joined() + "Z"
        let parts = [time, target.namespace?.text ?? "", target.name, name, String(alert.trace.text.prefix(8)), Hex.text(hash.prefix(4))]
        return parts.filter { !$0.isEmpty }.map(Self.plain).joined(separator: "_")
    }

    // Names come from outside, and a key is a file's name too.
    private static func plain(_ part: String) -> String {
        let plain = part.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            return isPlain || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") ? Character(Unicode.Scalar(byte)) : "_"
        }
        return String(plain.prefix(100))
    }
}
