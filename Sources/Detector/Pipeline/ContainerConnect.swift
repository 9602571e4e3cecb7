// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// How a container's try to connect ended: what an isolation is judged by.
public struct ContainerConnect: Sendable, Hashable {
    /// The container.
    public let container: ContainerID
    /// Its pod's UID, if the cgroup path or the API told it.
    public let podUID: PodUID?
    /// 0, or a negative errno; -115 (EINPROGRESS) says nothing yet.
    public let result: Int64
    /// The other side; nil for a UNIX socket.
    public let remote: IPAddress?
    /// The other side's port.
    public let remotePort: UInt16
    /// When.
    public let time: Timestamp

    /// Reads an event; nil for all but a container's connect.
    init?(_ event: borrowing Event) {
        guard case .connect(let connect) = event.detail, let container = event.process?.container else { return nil }
        self.container = container.id
        podUID = container.pod?.uid ?? container.podUID
        result = event.result
        remote = connect.remote
        remotePort = connect.remotePort
        time = event.time
    }
}
