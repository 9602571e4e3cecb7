// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText

/// Reads constants as what they are compared with.
enum ConstantCheck {
    // The services that rules name; /etc/services differs from host to host, and a rule must not.
    private static let services: [String: Int64] = [
        "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "whois": 43, "domain": 53, "bootps": 67, "bootpc": 68,
        "tftp": 69, "http": 80, "www": 80, "kerberos": 88, "pop3": 110, "sunrpc": 111, "ntp": 123, "imap2": 143, "imap": 143,
        "snmp": 161, "snmp-trap": 162, "bgp": 179, "ldap": 389, "https": 443, "microsoft-ds": 445, "submissions": 465,
        "syslog": 514, "submission": 587, "ldaps": 636, "rsync": 873, "ftps": 990, "telnets": 992, "imaps": 993, "pop3s": 995,
        "socks": 1080, "openvpn": 1194, "ms-sql-s": 1433, "radius": 1812, "nfs": 2049, "mysql": 3306, "ms-wbt-server": 3389,
        "postgresql": 5432, "amqp": 5672, "amqps": 5671, "redis": 6379, "x11": 6000, "http-alt": 8080,
    ]

    static func number(_ value: ParsedValue, isPort: Bool) throws(CheckError) -> Int64 {
        if isPort, let port = services[value.text] { return port }
        guard let number = number(value.text) else {
            let hint = NearestName.hint(value.text, among: services.keys.sorted())
            let wanted = isPort ? "port: neither a number nor a known service\(hint)" : "number of at most 64 bits"
            throw CheckError(message: "'\(value.text)' is no \(wanted)", place: value.place)
        }
        guard !isPort || (0...65535).contains(number) else {
            throw CheckError(message: "'\(value.text)' is no port; ports go from 0 to 65535", place: value.place)
        }
        return number
    }

    // A fraction is cut off, as the dialect does.
    private static func number(_ text: String) -> Int64? {
        if text.lowercased().hasPrefix("0x") { return Int64(text.dropFirst(2), radix: 16) }
        if let whole = Int64(text) { return whole }
        guard let first = text.utf8.first, Lexicon.isDigit(first) || first == UInt8(ascii: "-") || first == UInt8(ascii: "+") else {
            return nil
        }
        guard let fraction = Double(text), fraction.magnitude < 9.2e18 else { return nil }
        return Int64(fraction)
    }

    static func flag(_ value: ParsedValue) throws(CheckError) -> Bool {
        switch value.text {
        case "true": return true
        case "false": return false
        case _: throw CheckError(message: "expected true or false, not '\(value.text)'", place: value.place)
        }
    }

    /// Pairs of hex digits as the bytes that they stand for.
    static func hexadecimal(_ value: ParsedValue) throws(CheckError) -> [UInt8] {
        let digits = value.bytes.map { byte in
            Lexicon.isDigit(byte) || Lexicon.isLetter(byte) ? Int(String(decoding: [byte], as: UTF8.self), radix: 16) : nil
        }
        guard digits.count % 2 == 0, !digits.contains(nil) else {
            throw CheckError(message: "'\(value.text)' is no even number of hex digits, such as cafe00", place: value.place)
        }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(truncatingIfNeeded: (digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0)) }
    }

    static func block(_ value: ParsedValue, isNetwork: Bool) throws(CheckError) -> AddressBlock {
        let parts = value.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let address = IPAddress(parts[0]), parts.count == (isNetwork ? 2 : 1) else {
            let wanted = isNetwork ? "a network such as 10.0.0.0/8" : "an address such as 10.0.0.1"
            throw CheckError(message: "'\(value.text)' is not \(wanted)", place: value.place)
        }
        let width = address.isV6 ? 128 : 32
        guard isNetwork else { return AddressBlock(address: address, prefix: width) }
        guard let prefix = Int(parts[1]), (0...width).contains(prefix) else {
            throw CheckError(message: "the prefix of '\(value.text)' must be from 0 to \(width)", place: value.place)
        }
        return AddressBlock(address: address, prefix: prefix)
    }
}
