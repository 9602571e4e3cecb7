// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Writes what a socket is called.
enum SocketName {
    /// `client->server` between addresses, one end while it has no other, a UNIX socket's path; nothing for what has no name.
    static func write(_ connect: Event.Connect, isServer: Bool, to buffer: ByteBuffer) {
        switch SocketFamily(connect.family) {
        case .other, .netlink: return
        case .unix: return write(unix: connect.unixPath, to: buffer)
        case .ipv4, .ipv6: break
        }
        guard connect.remote != nil else {
            if connect.localPort != 0 { write(end: connect.local, connect.localPort, of: connect, to: buffer) }
            return
        }
        let first = isServer ? connect.remote : connect.local, last = isServer ? connect.local : connect.remote
        if let first {
            write(first, isServer ? connect.remotePort : connect.localPort, to: buffer)
            buffer.append("->")
        }
        if let last { write(last, isServer ? connect.localPort : connect.remotePort, to: buffer) }
    }

    /// One end: an address and a port, or a UNIX socket's path.
    static func write(end: IPAddress?, _ port: UInt16, of connect: Event.Connect, to buffer: ByteBuffer) {
        if let end { write(end, port, to: buffer) } else { write(unix: connect.unixPath, to: buffer) }
    }

    /// An address and a port.
    static func write(_ address: IPAddress, _ port: UInt16, to buffer: ByteBuffer) {
        buffer.append(address)
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: UInt64(port))
    }

    /// The path of a UNIX socket. An abstract one's name begins with NUL; tools write @ for it.
    static func write(unix path: ByteView, to buffer: ByteBuffer) {
        guard path.first == 0 else { return buffer.append(path) }
        buffer.append(UInt8(ascii: "@"))
        buffer.append(path.slice(1, path.count))
    }
}

/// A socket address as programs pass it: struct sockaddr_in, sockaddr_in6 or sockaddr_un.
struct SocketAddress {
    let family: UInt16
    let ip: IPAddress?
    let port: UInt16
    let path: ByteView

    /// Nil for fewer bytes than the family needs.
    init?(_ bytes: ByteView) {
        guard bytes.count >= 2 else { return nil }
        family = bytes.raw.loadUnaligned(as: UInt16.self)
        let kind = SocketFamily(family)
        let needed = kind == .ipv4 ? 8 : kind == .ipv6 ? 24 : 2
        guard bytes.count >= needed else { return nil }
        port = kind.isIP ? UInt16(bigEndian: bytes.raw.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) : 0
        // sockaddr_in keeps its address at 4, sockaddr_in6 at 8.
        let place = kind == .ipv4 ? 4..<8 : 8..<24
        ip = kind.isIP ? Self.address(bytes, at: place, isV6: kind == .ipv6) : nil
        path = kind == .unix ? bytes.slice(2, bytes.count).withoutTail : .empty
    }

    private static func address(_ bytes: ByteView, at place: Range<Int>, isV6: Bool) -> IPAddress {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { room in
            room.initializeMemory(as: UInt8.self, repeating: 0)
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.raw[place]))
            return IPAddress(networkOrder: UnsafeRawBufferPointer(room), isV6: isV6)
        }
    }

    func write(to buffer: ByteBuffer) {
        if let ip { SocketName.write(ip, port, to: buffer) } else { SocketName.write(unix: path, to: buffer) }
    }
}

/// What a socket between addresses speaks.
enum SocketProtocol {
    case tcp, udp, icmp, raw

    init?(_ connect: Event.Connect) {
        guard SocketFamily(connect.family).isIP else { return nil }
        switch (connect.socketType, connect.ipProtocol) {
        case (3, _): self = .raw
        case (_, 6): self = .tcp
        case (_, 17): self = .udp
        case (_, 1), (_, 58): self = .icmp
        case (_, _): return nil
        }
    }

    var name: ByteView {
        switch self {
        case .tcp: ByteView("tcp")
        case .udp: ByteView("udp")
        case .icmp: ByteView("icmp")
        case .raw: ByteView("raw")
        }
    }

    var letter: ByteView { name.slice(0, 1) }
}

extension Event {
    /// The connection that this event made or tried to, or that its descriptor stands for.
    var connectDetail: Connect? {
        switch detail {
        case .connect(let connect): return connect
        case .call(let call):
            guard let descriptor = descriptorDetail, descriptor.isSocket else { return nil }
            var connect = descriptor.connection
            // What goes to or comes from one address alone has it in the call.
            if connect.remote == nil, kind.carriesDatagrams, let address = SocketAddress(call.text) {
                (connect.remote, connect.remotePort) = (address.ip, address.port)
                if connect.unixPath.isEmpty { connect.unixPath = address.path }
            }
            return connect
        case .exec, .fork, .exit, .open, .snapshot: return nil
        }
    }
}

extension EventKind {
    /// True for the calls that receive messages.
    var receives: Bool { self == .recvfrom || self == .recvmsg || self == .recvmmsg }
}
