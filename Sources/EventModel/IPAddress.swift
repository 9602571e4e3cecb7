// SPDX-License-Identifier: Apache-2.0

/// An IPv4 or IPv6 address, in network byte order.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The first 8 bytes; an IPv4 address is 0.
    public let high: UInt64
    /// The last 8 bytes; an IPv4 address is its number.
    public let low: UInt64
    /// True for IPv6.
    public let isV6: Bool

    /// An IPv4 address from its number, such as 0x7f000001 for 127.0.0.1.
    public init(v4 number: UInt32) {
        high = 0
        low = UInt64(number)
        isV6 = false
    }

    /// An IPv6 address from its two halves.
    public init(v6High high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        isV6 = true
    }

    /// Reads dotted decimal or RFC 4291 text; nil for any other text (a zone is not accepted).
    public init?(_ text: String) {
        if text.contains(":") {
            guard let groups = Self.groups(text) else { return nil }
            self.init(
                v6High: groups[0..<4].reduce(0) { $0 << 16 | UInt64($1) }, low: groups[4..<8].reduce(0) { $0 << 16 | UInt64($1) })
        } else {
            guard let number = Self.dotted(text) else { return nil }
            self.init(v4: number)
        }
    }

    /// Reads an address in network order out of 16 bytes, of which an IPv4 address has the first 4. An IPv4 peer of an IPv6 socket is
    /// told as what it is: RFC 4291 section 2.5.5.2, ::ffff:a.b.c.d.
    public init(networkOrder bytes: UnsafeRawBufferPointer, isV6: Bool) {
        let high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        let low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        if !isV6 {
            self.init(v4: UInt32(truncatingIfNeeded: high >> 32))
        } else if high == 0, low >> 32 == 0xffff {
            self.init(v4: UInt32(truncatingIfNeeded: low))
        } else {
            self.init(v6High: high, low: low)
        }
    }

    /// Writes 4 or 16 bytes in network order.
    public func store(networkOrder bytes: UnsafeMutableRawBufferPointer) {
        guard isV6 else { return bytes.storeBytes(of: UInt32(truncatingIfNeeded: low).bigEndian, as: UInt32.self) }
        bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
        bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }

    /// True when the first `prefix` bits are those of `network` and both are of one family.
    public func isIn(_ network: IPAddress, prefix: Int) -> Bool {
        guard isV6 == network.isV6 else { return false }
        guard isV6 else { return Self.mask(32, prefix) & (low ^ network.low) == 0 }
        return Self.mask(64, min(64, prefix)) & (high ^ network.high) == 0
            && Self.mask(64, max(0, prefix - 64)) & (low ^ network.low) == 0
    }

    public var description: String { isV6 ? Self.text(high, low) : Self.text(low) }

    private static func mask(_ width: Int, _ prefix: Int) -> UInt64 {
        guard prefix > 0 else { return 0 }
        let all: UInt64 = width == 64 ? .max : (1 << UInt64(width)) - 1
        return prefix >= width ? all : all & ~(all >> UInt64(prefix))
    }

    private static func dotted(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let byte = UInt8(part), part.first != "+" else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }

    private static func groups(_ text: String) -> [UInt16]? {
        let gap = text.range(ofGap: "::")
        guard let gap else {
            let all = group(list: text)
            return all?.count == 8 ? all : nil
        }
        guard let left = group(list: gap.before), let right = group(list: gap.after), left.count + right.count < 8 else { return nil }
        return left + [UInt16](repeating: 0, count: 8 - left.count - right.count) + right
    }

    private static func group(list: String) -> [UInt16]? {
        guard !list.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = list.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains("."), let number = dotted(String(part)) {
                groups += [UInt16(number >> 16), UInt16(truncatingIfNeeded: number)]
            } else {
                guard part.count <= 4, let group = UInt16(part, radix: 16) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func text(_ number: UInt64) -> String {
        [24, 16, 8, 0].map { String(number >> UInt64($0) & 0xff) }.joined(separator: ".")
    }

    // RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as "::", the first of equals.
    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        let groups = [48, 32, 16, 0].map { high >> UInt64($0) & 0xffff } + [48, 32, 16, 0].map { low >> UInt64($0) & 0xffff }
        var best = (start: 8, count: 1)
        var start = 0
        while start < 8 {
            let run = groups[start...].prefix { $0 == 0 }.count
            if run > best.count { best = (start, run) }
            start += max(1, run)
        }
        let words = groups.map { String($0, radix: 16) }
        guard best.start < 8 else { return words.joined(separator: ":") }
        return words[..<best.start].joined(separator: ":") + "::" + words[(best.start + best.count)...].joined(separator: ":")
    }
}

extension String {
    fileprivate func range(ofGap gap: String) -> (before: String, after: String)? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(gap) {
                return (String(self[..<index]), String(self[self.index(index, offsetBy: gap.count)...]))
            }
            index = self.index(after: index)
        }
        return nil
    }
}
