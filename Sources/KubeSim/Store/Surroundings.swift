// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The time and the randomness that the cluster uses, given from outside.
struct Surroundings: Sendable {
    /// Nanoseconds since 1970.
    var now: @Sendable () -> Int64
    var randomBytes: @Sendable (Int) -> [UInt8]

    func admission() -> Admission {
        Admission(uid: uid(), suffix: suffix(), timestamp: timestamp(secondsFromNow: 0))
    }

    /// RFC 3339 in whole seconds, as object metadata has it.
    func timestamp(secondsFromNow seconds: Int) -> String {
        Date(timeIntervalSince1970: TimeInterval(now() / 1_000_000_000 + Int64(seconds))).ISO8601Format()
    }

    /// A random UUID, version 4.
    func uid() -> String {
        var bytes = randomBytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = hexadecimal(bytes)
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in
            String(digits.dropFirst(range.lowerBound).prefix(range.count))
        }
        return groups.joined(separator: "-")
    }

    /// Five characters for generateName, without vowels and look-alikes, so that they spell nothing.
    private func suffix() -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        return String(randomBytes(5).map { alphabet[Int($0) % alphabet.count] })
    }
}

/// Lower-case hexadecimal digits, two a byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
