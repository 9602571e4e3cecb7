// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Carries bytes between a connection and a port of loopback.
struct Tunnel {
    private let near: Int32
    private let far: Int32

    /// Nil when nobody listens there.
    init?(_ connection: Int32, _ port: UInt16) {
        near = connection
        far = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { [far] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(far, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard code == 0 else {
            close(far)
            return nil
        }
    }

    /// Returns when either side has ended.
    func run() {
        var polled = [near, far].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while poll(&polled, 2, 10_000) > 0 {
            if polled[0].revents != 0, !carry(near, far) { break }
            if polled[1].revents != 0, !carry(far, near) { break }
        }
        close(far)
    }

    private func carry(_ from: Int32, _ to: Int32) -> Bool {
        var room = [UInt8](repeating: 0, count: 16_384)
        let count = recv(from, &room, room.count, 0)
        guard count > 0 else { return false }
        return send(to, room, count, Int32(MSG_NOSIGNAL)) == count
    }
}
