// SPDX-License-Identifier: Apache-2.0

/// Text made safe for one segment of a path or one value of a query (RFC 3986: all but the unreserved characters are escaped).
public enum PercentEncoding {
    /// The text with each byte that is not unreserved as `%XX`; characters of `keeping` stay as they are.
    public static func encode(_ text: String, keeping kept: String = "") -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where kept.utf8.contains(byte):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += hex.count == 1 ? "%0" + hex : "%" + hex
            }
        }
        return result
    }

    /// The items as a query with its `?`, in their order; empty when there are none.
    public static func query(_ items: [(name: String, value: String)]) -> String {
        guard !items.isEmpty else { return "" }
        return "?" + items.map { encode($0.name) + "=" + encode($0.value) }.joined(separator: "&")
    }
}
