// SPDX-License-Identifier: Apache-2.0

internal import Capture
public import Enrichment
public import EventModel

/// Learns beside a recording what its records do not tell: what runtimes and the API server know of its containers, and the names of users.
/// It follows the records that the process table lives on, and leaves the others alone. Used by one thread.
public struct KnowledgeGatherer: ~Copyable {
    private var decoder = WireDecoder(wallClockOffset: 0)
    private var processes: ProcessTable
    private let users: UserDirectory
    private var node: NodeName?
    // What was told already.
    private var told: [RecordedContainer.Key: RecordedContainer] = [:]
    private var toldUsers: [ContainerID?: RecordedUsers] = [:]

    /// Begins with nothing; nil where nobody is to be asked.
    public init(node: NodeName?, pods: PodDirectory? = nil, metadata: MetadataDirectory?, users: UserDirectory = UserDirectory()) {
        self.node = node
        self.users = users
        processes = ProcessTable(pods: pods, metadata: metadata, asksKernel: true)
    }

    /// Follows a record.
    public mutating func follow(_ record: UnsafeRawBufferPointer) {
        guard let kind = WireDecoder.kind(of: record) else { return }
        switch kind.family {
        case .exec, .fork, .exit, .snapshot: break
        case .open, .connect, .call: return
        }
        guard case .success(var event) = decoder.decode(record) else { return }
        processes.absorb(&event)
        if case .exec = event.detail, event.result >= 0, let process = event.process { users.notice(process) }
    }

    /// True while somebody was asked about a container and has not answered.
    public var isAsking: Bool { processes.isAsking }

    /// What was learnt since the last call, at a time in nanoseconds since boot; nil for nothing.
    public mutating func news(at bootTime: UInt64) -> RecordedKnowledge? {
        processes.lookAgain(at: bootTime)
        var news = RecordedKnowledge(node: node)
        node = nil
        for container in processes.recorded() where told[container.key] != container {
            told[container.key] = container
            news.containers.append(container)
        }
        for names in [users.hostNames] + users.containerNames() where toldUsers[names.container] != names {
            toldUsers[names.container] = names
            news.users.append(names)
        }
        return news.isEmpty ? nil : news
    }
}
