// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// An event that was put aside, with its bytes and its process as they were: what the process and its ancestors become afterwards (another
/// program, another parent) is not seen through it. What is learnt of its container is.
///
/// Owned by the detection thread.
public final class EventSnapshot {
    /// The event; good as long as this object lives.
    public private(set) var event: Event
    private let record: ByteString

    // The dialect's rules look up seven generations; further up there are shells and service managers, which do not change.
    private static let generations = 32

    /// Keeps an event whose views look into `record`.
    public init(_ event: Event, record: ByteString) {
        self.event = event
        self.record = record
        self.event.process = event.process.map { Self.copy($0, generations: Self.generations) }
    }

    deinit {
        var process = event.process
        event.process = nil
        ProcessNode.release(&process)
    }

    private static func copy(_ node: ProcessNode, generations: Int) -> ProcessNode {
        let parent = generations > 1 ? node.parent.map { copy($0, generations: generations - 1) } : node.parent
        return ProcessNode(
            pid: node.pid, startTime: node.startTime, parent: parent, vpid: node.vpid, vpgid: node.vpgid, session: node.session,
            uid: node.uid, gid: node.gid, loginuid: node.loginuid, tty: node.tty, image: node.image, cwd: node.cwd,
            container: node.container, cgroupV2: node.cgroupV2, cgroupV1: node.cgroupV1)
    }
}
