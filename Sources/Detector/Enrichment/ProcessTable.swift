// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Every process that lives, or ended so recently that records about it may still come: fed by exec, fork, exit and the snapshot
/// taken at start. A process is named by pid and start time, so a pid that the kernel gives out again is never mistaken.
///
/// Owned by the detection thread; there are no locks. An event of a known process allocates nothing unless it changes the process.
public struct ProcessTable: ~Copyable {
    typealias Cgroups = ContainerTable.Cgroups
    typealias FindPaths = (Cgroups) -> (v2: [UInt8], v1: [UInt8])?

    private var nodes = PidTable()
    private var ended: EndedQueue
    private var images = ImageMemo()
    private var containers: ContainerTable
    private var peers = PeerTable()
    private let limit: Int
    private let findPaths: FindPaths
    // The process of the last file or socket, until the table changes.
    private var latest: Unmanaged<ProcessNode>?

    /// What the table did, for metrics; readable from any thread.
    public let counters: Counters

    /// What a table did since it was made. Raised by the detection thread, read by any.
    public final class Counters: Sendable {
        /// Processes made from an event alone, because neither fork nor exec nor the snapshot told of them.
        public let incomplete = OwnerCounter()
        /// Processes dropped because the table was full.
        public let evictions = OwnerCounter()
        /// Pids that came again for another process, whose predecessor was not seen to end.
        public let reusedPids = OwnerCounter()
        /// Times that the kernel was asked for a cgroup's path because no record told it.
        public let cgroupLookups = OwnerCounter()
        /// Times that a container's process was seen in another container's cgroup; it keeps the first.
        public let foreignCgroups = OwnerCounter()

        /// All at 0.
        public init() {}
    }

    /// Makes an empty table of at most `limit` processes; without a directory no pod is attached, and what runtimes know is not
    /// without the other. `asksKernel` lets it ask this
    /// machine's kernel for the path of a cgroup that no record told: only where the records come from that same kernel. `recorded` is
    /// what a recording says of its containers.
    public init(
        limit: Int = 65_536, pods: PodDirectory? = nil, metadata: MetadataDirectory? = nil, asksKernel: Bool = false,
        recorded: RecordedKnowledge = RecordedKnowledge(), counters: Counters = Counters()
    ) {
        let finder = CgroupFinder()
        self.init(limit: limit, pods: pods, metadata: metadata, recorded: recorded, counters: counters) { cgroups in
            asksKernel ? finder.paths(cgroups) : nil
        }
    }

    init(
        limit: Int, pods: PodDirectory?, metadata: MetadataDirectory? = nil, recorded: RecordedKnowledge = RecordedKnowledge(),
        counters: Counters = Counters(), findPaths: @escaping FindPaths
    ) {
        precondition(limit > 0)
        self.counters = counters
        self.limit = limit
        self.findPaths = findPaths
        ended = EndedQueue(capacity: min(256, limit))
        containers = ContainerTable(limit: 4_096, directory: pods, metadata: metadata, recorded: recorded)
    }

    /// How many processes the table holds.
    public var count: Int { nodes.count }

    /// What is known of the containers that the table holds, for a recording; of that one only, where one is given.
    public func recorded(_ container: Container? = nil) -> [RecordedContainer] {
        containers.all.filter { container == nil || $0.container === container }.map { RecordedContainer($0, cgroups: $1) }
    }

    /// Raised each time that somebody has answered about a container.
    public var answerCount: UInt64 { containers.answerCount }

    /// How many containers the table holds.
    public var containerCount: Int { containers.count }

    /// The process of that pid, if it is known to live or ended a moment ago.
    public func process(_ pid: Int32) -> ProcessNode? { nodes[pid] }

    /// The processes of a container, or of the host for nil, that ran their present program at that time, with all their ancestors;
    /// parents go before their children.
    public func processes(of container: Container?, before time: UInt64) -> [ProcessNode] {
        var found: [ProcessNode] = []
        var seen: Set<ObjectIdentifier> = []
        func add(_ node: ProcessNode) {
            guard seen.insert(ObjectIdentifier(node)).inserted else { return }
            if let parent = node.parent { add(parent) }
            if node.startTime < time, node.imageTime < time { found.append(node) }
        }
        nodes.forEach { if $0.container === container { add($0) } }
        return found
    }

    /// True while somebody was asked about a container and has not answered.
    public private(set) var isAsking = false

    /// Takes the answers about containers that have come meanwhile; the time is nanoseconds since boot.
    public mutating func lookAgain(at bootTime: UInt64) {
        containers.lookAgain(at: bootTime)
        isAsking = containers.isAsking
    }

    /// Updates the table from an event and sets `event.process`.
    public mutating func absorb(_ event: inout Event) {
        if isAsking { containers.lookAgain(at: event.bootTime) }
        absorbProcess(&event)
        isAsking = containers.isAsking
    }

    private mutating func absorbProcess(_ event: inout Event) {
        guard event.caller.pid > 0 else { return event.process = nil }
        switch event.detail {
        case .open, .connect, .call:
            if !isLatest(event.unretainedProcess, event.caller) {
                let node = node(of: event.caller)
                event.process = node
                latest = Unmanaged.passUnretained(node)
            }
            if event.kind == .chdir || event.kind == .fchdir { move(event) }
            if event.kind.carriesDatagrams, case .call(let call) = event.detail, peers.isNew(call) { event.marks.insert(.newPeer) }
        case .exec(let image):
            if event.result >= 0 { learn(image.cgroupPathV2, image.cgroupPathV1, event.caller) }
            let node = node(of: event.caller, isTold: event.result >= 0)
            if event.result >= 0 { put(image, into: node, name: event.caller.comm, bootTime: event.bootTime) }
            // It may have been in these cgroups before anybody told their path.
            if node.container == nil { assign(containers.lookUp(Cgroups(event.caller)) ?? nil, to: node) }
            event.process = node
        case .snapshot(let image):
            learn(image.cgroupPathV2, image.cgroupPathV1, event.caller)
            let node = node(of: event.caller, isTold: true)
            if node.isIncomplete { put(image, into: node, name: event.caller.comm, bootTime: 0) }
            event.process = node
        case .fork(let fork):
            if !fork.isIntoCgroup { learn(fork.cgroupPathV2, fork.cgroupPathV1, event.caller) }
            let node = node(of: event.caller)
            if event.result >= 0, fork.childPid == fork.childTid { addChild(fork, of: node) }
            event.process = node
        case .exit:
            let node = node(of: event.caller)
            end(node)
            event.process = node
        }
    }

    private mutating func learn(_ v2: ByteView, _ v1: ByteView, _ caller: Event.Caller) {
        containers.learn(Cgroups(caller), v2: v2, v1: v1)
    }

    /// Puts a program image in place.
    private mutating func put(_ image: Event.Image, into node: ProcessNode, name: ByteView, bootTime: UInt64) {
        node.image = images.facts(name: name, image: image)
        node.imageTime = bootTime
        if !image.cwd.isEmpty { node.cwd = ByteString(image.cwd) }
    }

    /// Notes a new working directory: the descriptor of the call that chose it stands for it when it returns.
    private func move(_ event: Event) {
        guard event.result >= 0, case .call(let call) = event.detail else { return }
        guard let path = Event.Descriptor(call.descriptor)?.path, !path.isEmpty else { return }
        event.process?.cwd = ByteString(path)
    }

    // MARK: Finding and making

    // An event that is decoded over the one before still has that one's process: most have the same, and to look it up and to count
    // references takes as long as to decode the record.
    @inline(__always)
    private func isLatest(_ process: Unmanaged<ProcessNode>?, _ caller: Event.Caller) -> Bool {
        guard let latest, let process, latest.toOpaque() == process.toOpaque() else { return false }
        return process._withUnsafeGuaranteedRef {
            $0.pid == caller.pid && $0.startTime == caller.startTime && $0.refresh(from: caller) && !$0.isRenamed(by: caller)
        }
    }

    @inline(__always)
    private mutating func node(of caller: Event.Caller, isTold: Bool = false) -> ProcessNode {
        guard let node = nodes[caller.pid], node.startTime == caller.startTime else { return add(caller, isTold) }
        let isSettled = node.refresh(from: caller)
        if !isTold, node.isRenamed(by: caller) { node.image = node.image.renamed(caller.comm) }
        if isSettled { return node }
        if node.parent == nil, let parent = parent(caller.ppid, startedBefore: node.startTime) { node.adopt(parent) }
        if node.cgroupV2 != caller.cgroupV2 || node.cgroupV1 != caller.cgroupV1 { move(node, caller) }
        return node
    }

    /// Makes a node of what the event itself says of its caller.
    private mutating func add(_ caller: Event.Caller, _ isTold: Bool) -> ProcessNode {
        let node = ProcessNode(
            pid: caller.pid, startTime: caller.startTime, parent: parent(caller.ppid, startedBefore: caller.startTime),
            vpid: caller.vpid, vpgid: caller.vpgid, session: caller.session, uid: caller.uid, gid: caller.gid,
            loginuid: caller.loginuid, tty: caller.tty, image: .unknown(name: caller.comm), cwd: nil, container: nil,
            cgroupV2: 0, cgroupV1: 0)
        if !isTold { counters.incomplete.add() }
        move(node, caller)
        file(node)
        return node
    }

    private func parent(_ pid: Int32, startedBefore startTime: UInt64) -> ProcessNode? {
        guard pid > 0, let node = nodes[pid], node.startTime <= startTime else { return nil }
        return node
    }

    /// Makes the child that a fork record tells of; it runs its parent's program until it execs.
    private mutating func addChild(_ fork: Event.Fork, of parent: ProcessNode) {
        if let known = nodes[fork.childPid], known.startTime == fork.childStartTime {
            return known.adopt(parent)
        }
        let child = ProcessNode(
            pid: fork.childPid, startTime: fork.childStartTime, parent: parent, vpid: fork.childVpid, vpgid: parent.vpgid,
            session: parent.session, uid: parent.uid, gid: parent.gid, loginuid: parent.loginuid, tty: parent.tty,
            image: parent.image, cwd: parent.cwd, container: parent.container, cgroupV2: parent.cgroupV2, cgroupV1: parent.cgroupV1)
        child.imageTime = parent.imageTime
        if fork.isIntoCgroup {
            // The record does not tell the ids of the cgroup that the child was put into; the child's first event does.
            (child.cgroupV2, child.cgroupV1) = (0, 0)
            assign(containers.container(v2: fork.cgroupPathV2, v1: fork.cgroupPathV1), to: child)
        }
        if child.vpid == 1 { child.container?.noteInit(startedAt: child.startTime) }
        file(child)
        child.limitAncestry()
    }

    // MARK: Containers

    /// Notes that a process is in other cgroups than before.
    private mutating func move(_ node: ProcessNode, _ caller: Event.Caller) {
        let cgroups = Cgroups(caller)
        (node.cgroupV2, node.cgroupV1) = (cgroups.v2, cgroups.v1)
        if containers.lookUp(cgroups) == nil, node.container == nil {
            counters.cgroupLookups.add()
            guard let paths = findPaths(cgroups) else { return }
            paths.v2.withUnsafeBytes { v2 in
                paths.v1.withUnsafeBytes { v1 in containers.learn(cgroups, v2: ByteView(v2), v1: ByteView(v1)) }
            }
        }
        assign(containers.lookUp(cgroups) ?? nil, to: node)
    }

    /// A process enters a container once and never leaves it: runtimes move processes in, and only an intruder with rights on the
    /// host's cgroups would move one out, or into a container that somebody else would then answer for.
    private mutating func assign(_ container: Container?, to node: ProcessNode) {
        guard let container else { return }
        guard let own = node.container else {
            if node.vpid == 1 { container.noteInit(startedAt: node.startTime) }
            return node.container = container
        }
        if own.id != container.id { counters.foreignCgroups.add() }
    }

    // MARK: Leaving

    private mutating func end(_ node: ProcessNode) {
        guard !node.hasExited else { return }
        node.hasExited = true
        node.limitAncestry()
        var oldest = ended.push(node)
        drop(&oldest)
    }

    /// Files a node; makes room if there is none, and drops a predecessor of the same pid.
    private mutating func file(_ node: ProcessNode) {
        latest = nil
        if let holder = nodes[node.pid] {
            // A record of a process that ended before its pid was given out again: told, but not filed.
            guard holder.startTime < node.startTime else { return node.hasExited = true }
            if !holder.hasExited { counters.reusedPids.add() }
            holder.hasExited = true
        } else if nodes.count >= limit {
            counters.evictions.add()
            var victim = ended.pop() ?? nodes.removeNext()
            drop(&victim)
        }
        var predecessor = nodes.insert(node)
        ProcessNode.release(&predecessor)
    }

    private mutating func drop(_ node: inout ProcessNode?) {
        latest = nil
        if let node { _ = nodes.remove(node) }
        ProcessNode.release(&node)
    }
}

extension ContainerTable.Cgroups {
    fileprivate init(_ caller: Event.Caller) { self.init(v2: caller.cgroupV2, v1: caller.cgroupV1) }
}
