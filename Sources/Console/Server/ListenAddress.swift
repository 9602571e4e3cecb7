// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Where a server listens: `host:port`, an IPv6 address in brackets.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address or name, without brackets.
    public let host: String
    /// The port; 0 lets the system choose one.
    public let port: Int

    /// Reads `10.0.0.1:8443`, `[::]:8443`, `localhost:8443` or `:8443`, which listens everywhere; nil for any other text.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard IPAddress(host)?.isV6 == true else { return nil }
        } else if host.contains(":") {
            return nil
        }
        self.host = host.isEmpty ? "0.0.0.0" : host
        self.port = Int(port)
    }

    /// True when only programs of this machine can reach it.
    public var isLoopback: Bool { Self.isLoopback(host) }

    /// True for `localhost` and the loopback addresses of IPv4 and IPv6.
    public static func isLoopback(_ host: String) -> Bool {
        guard let address = IPAddress(host) else { return host == "localhost" }
        return address.isIn(IPAddress(v4: 0x7f00_0000), prefix: 8) || address == IPAddress(v6High: 0, low: 1)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
