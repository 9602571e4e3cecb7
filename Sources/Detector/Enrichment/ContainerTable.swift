// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Containers by the cgroups they are made of. Owned by the detection thread.
///
/// A cgroup's path is learned once, from the first record that carries it: a v1 cgroup can be renamed later, its id cannot.
struct ContainerTable {
    /// A process's two cgroups; 0 where a hierarchy is not there.
    struct Cgroups: Hashable {
        let v2: UInt64, v1: UInt64
    }

    private var known: [Cgroups: Container?] = [:]
    private var containers: [CgroupMembership: Container] = [:]
    // Containers whose pod the directory does not know yet, or not down to the container's name.
    private var pending: Set<CgroupMembership> = [] { didSet { noteAsking() } }
    private var nextLook: UInt64 = 0
    // Containers that a runtime was asked about, and those whom there was no room to ask about.
    private var asked: [ContainerID: CgroupMembership] = [:] { didSet { noteAsking() } }
    private var unasked: Set<CgroupMembership> = [] { didSet { noteAsking() } }
    private let limit: Int
    private let directory: PodDirectory?
    private let metadata: MetadataDirectory?
    // Those that a recording tells of.
    private var recorded: [RecordedContainer.Key: Container] = [:]

    /// Raised each time that somebody has answered about a container.
    private(set) var answerCount: UInt64 = 0

    /// Nanoseconds between two looks into the pod directory for containers that it did not know.
    static let patience: UInt64 = 200_000_000

    init(
        limit: Int, directory: PodDirectory?, metadata: MetadataDirectory? = nil, recorded: RecordedKnowledge = RecordedKnowledge()
    ) {
        self.limit = limit
        self.directory = directory
        self.metadata = metadata
        for entry in recorded.containers {
            let container = entry.container
            self.recorded[entry.key] = container
            for cgroups in entry.cgroups { known[Cgroups(v2: cgroups.v2, v1: cgroups.v1)] = .some(container) }
        }
    }

    /// True while an answer may come. Every event asks, so it is kept.
    private(set) var isAsking = false

    private mutating func noteAsking() { isAsking = !pending.isEmpty || !asked.isEmpty || !unasked.isEmpty }

    /// The containers that are remembered, for a recording.
    var all: [(container: Container, cgroups: [RecordedContainer.Cgroups])] {
        var cgroups: [ObjectIdentifier: [RecordedContainer.Cgroups]] = [:]
        for (pair, container) in known {
            guard let container else { continue }
            cgroups[ObjectIdentifier(container), default: []].append(RecordedContainer.Cgroups(v2: pair.v2, v1: pair.v1))
        }
        return containers.values.map { ($0, (cgroups[ObjectIdentifier($0)] ?? []).sorted { ($0.v2, $0.v1) < ($1.v2, $1.v1) }) }
    }

    /// How many containers are remembered.
    var count: Int { containers.count }

    /// What is known of these cgroups: `.some(nil)` means that they are no container's.
    func lookUp(_ cgroups: Cgroups) -> Container?? { known[cgroups] }

    /// Learns the paths of cgroups; the first to come stay.
    mutating func learn(_ cgroups: Cgroups, v2: ByteView, v1: ByteView) {
        // Empty paths say something only of the roots, whose id is 1: elsewhere they could not be read.
        // Cgroups that could not be numbered have nothing else in common.
        guard cgroups.v2 != 0 || cgroups.v1 != 0 else { return }
        guard known[cgroups] == nil, !v2.isEmpty || !v1.isEmpty || cgroups.v2 <= 1 && cgroups.v1 <= 1 else { return }
        if known.count >= limit { forgetUnused() }
        known[cgroups] = .some(container(v2: v2, v1: v1))
    }

    /// The container that these paths name; nil when they name none.
    mutating func container(v2: ByteView, v1: ByteView) -> Container? {
        CgroupPath.membership(v2: v2, v1: v1).map { container(of: $0) }
    }

    /// Takes the runtimes' answers, and asks the pod directory again for what it did not know when it is time.
    @inline(__always)
    mutating func lookAgain(at bootTime: UInt64) {
        guard isAsking else { return }
        if !asked.isEmpty, let metadata, metadata.hasAnswers { takeAnswers(metadata) }
        guard !pending.isEmpty || !unasked.isEmpty, bootTime >= nextLook else { return }
        nextLook = bootTime + Self.patience
        for membership in pending { look(for: membership) }
        let others = unasked
        unasked = []
        for membership in others { ask(about: membership) }
    }

    private mutating func takeAnswers(_ metadata: MetadataDirectory) {
        for (id, description) in metadata.takeAnswers() {
            guard let membership = asked.removeValue(forKey: id), let container = containers[membership] else { continue }
            if let description { container.learn(facts: ContainerFacts(description.fitted(to: membership))) }
            answerCount &+= 1
            container.stopWaiting(for: .runtime)
            if container.pod != nil { container.stopWaiting(for: .kubernetes) }
        }
    }

    private mutating func container(of membership: CgroupMembership) -> Container {
        if let container = containers[membership] { return container }
        let key = RecordedContainer.Key(id: membership.container, podUID: membership.podUID)
        let container = recorded[key] ?? Container(id: membership.container, podUID: membership.podUID)
        containers[membership] = container
        if metadata != nil, membership.mayBeAsked {
            container.ask(.runtime)
            ask(about: membership)
        }
        if directory != nil, membership.mayBelongToPod {
            // Without a pod's UID in its path it may be of none.
            if membership.podUID != nil { container.ask(.kubernetes) }
            pending.insert(membership)
            look(for: membership)
        }
        return container
    }

    private mutating func ask(about membership: CgroupMembership) {
        guard let metadata else { return }
        // Two cgroups with one id cannot both be the runtime's: the first to be seen is asked about.
        guard asked[membership.container] == nil else {
            answerCount &+= 1
            containers[membership]?.stopWaiting(for: .runtime)
            return
        }
        if metadata.ask(about: membership.container, hint: membership.runtime) {
            asked[membership.container] = membership
        } else {
            unasked.insert(membership)
        }
    }

    private mutating func look(for membership: CgroupMembership) {
        guard let container = containers[membership], let directory else { return }
        guard let pod = directory.pod(of: membership.container, podUID: membership.podUID) else { return }
        if container.known.listedPod !== pod { container.learn(pod: pod) }
        if !pod.containerName.view.isEmpty {
            answerCount &+= 1
            container.stopWaiting(for: .kubernetes)
            pending.remove(membership)
        }
    }

    /// Drops the containers that no process refers to, and all paths: those in use are learned again.
    private mutating func forgetUnused() {
        known.removeAll(keepingCapacity: true)
        var index = containers.startIndex
        var unused: [CgroupMembership] = []
        while index != containers.endIndex {
            if isKnownUniquelyReferenced(&containers.values[index]) { unused.append(containers.keys[index]) }
            index = containers.index(after: index)
        }
        for membership in unused {
            containers[membership] = nil
            pending.remove(membership)
            unasked.remove(membership)
            if asked[membership.container] == membership { asked[membership.container] = nil }
        }
    }
}

extension ContainerDescription {
    /// Without a pod that the cgroup's path speaks against: only a kubelet makes cgroups for pods, and the path carries the UID.
    fileprivate func fitted(to membership: CgroupMembership) -> ContainerDescription {
        guard let pod, !membership.mayBelongToPod || membership.podUID.map({ $0 != pod.uid }) ?? false else { return self }
        var fitted = self
        fitted.pod = nil
        return fitted
    }
}
