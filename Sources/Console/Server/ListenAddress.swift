// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Glibc

/// Where a server listens: `host:port`, an IPv6 address in brackets.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address or name, without brackets.
    public let host: String
    /// The port; 0 lets the system choose one.
    public let port: Int

    /// Reads `10.0.0.1:8443`, `[::]:8443`, `localhost:8443` or `:8443`, which listens everywhere: on `::` where that takes in IPv4 too,
    /// else on `0.0.0.0`. Nil for any other text.
    public init?(_ text: String, isDualStack: Bool = Self.systemIsDualStack) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard IPAddress(host)?.isV6 == true else { return nil }
        } else if host.contains(":") {
            return nil
        }
        self.host = host.isEmpty ? (isDualStack ? "::" : "0.0.0.0") : host
        self.port = Int(port)
    }

    /// A port of this machine alone, which the system chooses.
    static let loopback = ListenAddress(host: "127.0.0.1", port: 0)

    private init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// The same host with another port.
    public func with(port: Int) -> ListenAddress { ListenAddress(host: host, port: port) }

    /// True when a socket on `::` takes IPv4 connections as well: IPv6 is there, and `net.ipv6.bindv6only` is off.
    public static var systemIsDualStack: Bool {
        guard access("/proc/net/if_inet6", R_OK) == 0 else { return false }
        let descriptor = open("/proc/sys/net/ipv6/bindv6only", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) == 1 && byte == UInt8(ascii: "0")
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
