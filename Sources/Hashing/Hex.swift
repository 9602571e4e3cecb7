// SPDX-License-Identifier: Apache-2.0

/// Bytes as lower-case hex digits, two a byte.
public enum Hex {
    /// The digits.
    public static func text(_ bytes: some Collection<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
