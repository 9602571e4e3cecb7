// SPDX-License-Identifier: Apache-2.0
import EventModel

/// With whom each socket that is connected to nobody spoke last, by the inode of the socket.
struct PeerTable {
    private var peers: [UInt64: Int] = [:]
    private let limit: Int

    /// Remembers at most `limit` sockets; one more, and it forgets all of them and tells each peer as new once more.
    init(limit: Int = 4_096) { self.limit = limit }

    /// True when the call sends to, or receives from, another address than the socket's last such call did, or is the first.
    mutating func isNew(_ call: Event.Call) -> Bool {
        guard !call.text.isEmpty, let socket = Event.Descriptor(call.descriptor) else { return false }
        guard socket.isSocket, socket.remote == nil else { return false }
        var hasher = Hasher()
        hasher.combine(bytes: call.text.raw)
        let peer = hasher.finalize()
        if peers.count >= limit, peers[socket.inode] == nil { peers.removeAll(keepingCapacity: true) }
        return peers.updateValue(peer, forKey: socket.inode) != peer
    }
}
