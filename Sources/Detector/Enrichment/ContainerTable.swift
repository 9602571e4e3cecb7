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
    private var pending: Set<CgroupMembership> = []
    private var nextLook: UInt64 = 0
    private let limit: Int
    private let directory: PodDirectory?

    /// Nanoseconds between two looks into the pod directory for containers that it did not know.
    static let patience: UInt64 = 200_000_000

    init(limit: Int, directory: PodDirectory?) {
        self.limit = limit
        self.directory = directory
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

    /// Asks the pod directory again for what it did not know, when it is time.
    @inline(__always)
    mutating func lookAgain(at bootTime: UInt64) {
        guard !pending.isEmpty, bootTime >= nextLook else { return }
        nextLook = bootTime + Self.patience
        for membership in pending { look(for: membership) }
    }

    private mutating func container(of membership: CgroupMembership) -> Container {
        if let container = containers[membership] { return container }
        let container = Container(id: membership.container, podUID: membership.podUID)
        containers[membership] = container
        if directory != nil, membership.mayBelongToPod {
            pending.insert(membership)
            look(for: membership)
        }
        return container
    }

    private mutating func look(for membership: CgroupMembership) {
        guard let container = containers[membership], let directory else { return }
        guard let pod = directory.pod(of: membership.container, podUID: membership.podUID) else { return }
        container.pod = pod
        if !pod.containerName.view.isEmpty { pending.remove(membership) }
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
        }
    }
}
