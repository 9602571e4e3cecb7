// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The service manager that started this program, which wants to know when it is ready (sd_notify(3)): a datagram to the socket that
/// NOTIFY_SOCKET names. Without that variable nobody asked, and nothing is told.
struct ServiceManager {
    enum State: String {
        case ready = "READY=1"
        case stopping = "STOPPING=1"
    }

    private let socket: String

    /// Nil when nobody asked.
    init?(environment: [String: String]) {
        guard let socket = environment["NOTIFY_SOCKET"], socket.hasPrefix("/") || socket.hasPrefix("@") else { return nil }
        self.socket = socket
    }

    /// A manager that cannot be told is no reason to end: it will say itself that it heard nothing.
    func tell(_ state: State) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(socket.utf8)
        let isAbstract = path.first == UInt8(ascii: "@")
        if isAbstract { path[0] = 0 }
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // An abstract name ends with its last byte, a path with the zero behind it.
        let length = MemoryLayout<sa_family_t>.size + path.count + (isAbstract ? 0 : 1)
        let text = Array(state.rawValue.utf8)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), name, socklen_t(length))
            }
        }
    }
}
