// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

/// From a draft to an event: what nobody gave gets a sober default here.
extension EventDraft {
    /// The event, its texts owned.
    func made() -> OwnedEvent {
        let node = ancestry()
        return OwnedEvent(owning: { owner in
            let own = { (text: String) in owner.own(Array(text.utf8)) }
            return Event(
                kind: kind, number: number, time: time, bootTime: Self.startTime + identity.duration, result: madeResult,
                caller: caller(node, own), detail: detail(node, own, owner), process: node)
        })
    }

    /// The names of the users that the event speaks of.
    var userNames: [UInt32: String] {
        var names: [UInt32: String] = [0: "root"]
        if let name = identity.userName, name != Self.unknown { names[identity.madeUser] = name }
        if let name = identity.loginName, name != Self.unknown { names[identity.madeLogin] = name }
        return names.merging(call.userNames) { first, _ in first }
    }

    fileprivate static let unknown = "<NA>"
    // The processes of a written event all start then, in nanoseconds since boot.
    private static let startTime: UInt64 = 5_000_000_000

    private var madeResult: Int64 {
        if let result { return result }
        switch kind.family {
        case .open: return 3
        case .fork: return 4300
        // ECONNREFUSED is 111.
        case .connect: return connection.succeeds == false ? -111 : 0
        case .exec, .exit, .snapshot: return 0
        case .call:
            if case .made = CallDraft.descriptorUse(of: kind) { return 3 }
            return 0
        }
    }

    // The oldest ancestor first, since each process is made with its parent.
    private func ancestry() -> ProcessNode {
        let leader = identity.sessionLeader.flatMap { name in processes.firstIndex { $0.madeName == name } }
        var node: ProcessNode?
        for index in processes.indices.reversed() {
            let isCaller = index == 0
            node = ProcessNode(
                pid: pid(of: index), startTime: Self.startTime, parent: node, vpid: virtualPid, vpgid: virtualGroup,
                session: leader.map(pid) ?? 1, uid: identity.madeUser, gid: identity.gid, loginuid: identity.madeLogin,
                tty: identity.terminal, image: processes[index].image, cwd: processes[index].workingDirectory.map { ByteString($0) },
                container: isCaller ? place.madeContainer : nil, cgroupV2: 1, cgroupV1: 0)
        }
        guard let node else { preconditionFailure("a draft has at least one process") }
        return node
    }

    private func pid(of generation: Int) -> Int32 { processes[generation].pid ?? 4242 - Int32(generation) }
    private var virtualPid: Int32 { identity.virtualPid ?? pid(of: 0) }
    private var virtualGroup: Int32 { identity.isGroupLeader ? virtualPid : virtualPid + 1 }

    private func caller(_ node: ProcessNode, _ own: (String) -> ByteView) -> Event.Caller {
        Event.Caller(
            pid: node.pid, tid: node.pid, ppid: processes.count > 1 ? pid(of: 1) : 1, vpid: virtualPid, session: node.session,
            vpgid: virtualGroup, uid: identity.madeUser, gid: identity.gid, euid: identity.madeUser, egid: identity.gid,
            loginuid: identity.madeLogin, tty: identity.terminal, capEffective: identity.effective, capPermitted: identity.permitted,
            startTime: Self.startTime, cgroupV2: 1, cgroupV1: 0, comm: own(node.image.name.string))
    }

    private func detail(
        _ node: ProcessNode, _ own: (String) -> ByteView, _ owner: OwnedEvent.Owner
    ) -> Event.Detail {
        switch kind.family {
        case .exec, .snapshot: .exec(image(node.image, own))
        case .fork:
            .fork(
                Event.Fork(
                    childPid: 4300, childTid: 4300, childVpid: 4300, childStartTime: Self.startTime, flags: 0, cgroupPathV2: .empty,
                    cgroupPathV1: .empty))
        case .exit: .exit(Event.Exit(code: 0, signal: 0))
        case .open: .open(open(own))
        case .connect: .connect(connect(own))
        case .call: .call(call(own, owner))
        }
    }

    private func image(_ facts: ImageFacts, _ own: (String) -> ByteView) -> Event.Image {
        let failed = madeResult < 0
        return Event.Image(
            rawPath: own(facts.exePath.string), exePath: failed ? .empty : facts.exePath.view, argv: failed ? .empty : facts.argv.view,
            environment: .empty, cwd: .empty, cgroupPathV2: .empty, cgroupPathV1: .empty, flags: facts.flags)
    }

    private func open(_ own: (String) -> ByteView) -> Event.Open {
        let failed = madeResult < 0
        let path = file.madePath
        return Event.Open(
            rawPath: own(file.rawPath ?? path), path: failed || file.hasRawPathAlone ? .empty : own(file.realPath ?? path),
            flags: file.madeFlags(kind), mode: file.executes ? 0o755 : 0o644,
            directory: -100, fileType: failed ? 0 : file.isDirectory ? 0o040000 : 0o100000,
            device: 1, inode: 2)
    }

    private func connect(_ own: (String) -> ByteView) -> Event.Connect {
        let family = connection.madeFamily
        let isUnix = family == DescriptorType.unix.family
        let numbers = connection.transport.numbers
        // Tools write @ for the NUL that an abstract socket's name begins with.
        let path = connection.unixPath.map { $0.hasPrefix("@") ? "\0" + $0.dropFirst() : $0 } ?? ""
        return Event.Connect(
            descriptor: connection.descriptor, family: family, socketType: numbers.type, ipProtocol: isUnix ? 0 : numbers.ipProtocol,
            localPort: connection.localPort, remotePort: connection.remotePort, local: connection.local, remote: connection.remote,
            unixPath: isUnix ? own(path) : .empty)
    }
}

extension EventDraft {
    private func call(_ own: (String) -> ByteView, _ owner: OwnedEvent.Owner) -> Event.Call {
        Event.Call(
            arguments: call.arguments, text: own(call.texts[0]), secondText: own(call.texts[1]), thirdText: own(call.texts[2]),
            descriptor: descriptor(own).map { owner.own($0.bytes) } ?? .empty, data: own(call.data))
    }

    // A socket where something tells of one, a file where something tells of that.
    private func descriptor(_ own: (String) -> ByteView) -> Event.Descriptor? {
        let number: Int32
        switch CallDraft.descriptorUse(of: kind) {
        case .none: return nil
        case .made: number = Int32(clamping: madeResult)
        case .argument(let index): number = Int32(truncatingIfNeeded: call.arguments[index])
        }
        if connection.isTold {
            let ends = connect(own)
            var socket = Event.Descriptor(number: number, fileType: 0o140000, path: ends.unixPath)
            (socket.family, socket.socketType, socket.ipProtocol) = (ends.family, ends.socketType, ends.ipProtocol)
            (socket.local, socket.localPort, socket.remote, socket.remotePort) = (ends.local, ends.localPort, ends.remote, ends.remotePort)
            return socket
        }
        guard file.path != nil || file.realPath != nil || file.directory != nil || file.name != nil || file.isDirectory else { return nil }
        return Event.Descriptor(number: number, fileType: file.isDirectory ? 0o040000 : 0o100000, path: own(file.realPath ?? file.madePath))
    }
}

extension EventDraft.FileDraft {
    fileprivate var hasRawPathAlone: Bool { path == nil && directory == nil && name == nil && realPath == nil && rawPath != nil }

    fileprivate var madePath: String {
        if let path { return path }
        let folder = directory ?? "/some"
        return (folder.hasSuffix("/") ? folder : folder + "/") + (name ?? "file")
    }

    fileprivate func madeFlags(_ kind: EventKind) -> UInt32 {
        if let flags { return flags }
        // O_CREAT, O_TRUNC and O_WRONLY, as creat(2) has it.
        if kind == .creat { return 0o1101 }
        let creates: UInt32 = executes ? 0o100 : 0
        switch (reads ?? (writes != true), writes ?? (reads == false)) {
        case (true, false): return creates
        case (false, true): return creates | 1
        case (true, true): return creates | 2
        case (false, false): return creates | 3
        }
    }
}

extension EventDraft.ConnectionDraft {
    fileprivate var isTold: Bool { family != nil || local != nil || remote != nil || unixPath != nil }

    fileprivate var madeFamily: UInt16 {
        if let family { return family }
        let type: DescriptorType =
            unixPath != nil ? .unix : remote?.isV6 == true || local?.isV6 == true ? .ipv6 : .ipv4
        return type.family ?? 0
    }
}

extension EventDraft.ProcessDraft {
    fileprivate var madeName: String {
        let last = { (path: String) in path.split(separator: "/").last.map(String.init) ?? path }
        return name ?? commandLine?.split(separator: " ").first.map(String.init) ?? path.map(last) ?? exe.map(last) ?? "program"
    }

    fileprivate var image: ImageFacts {
        let words = { (text: String) in text.isEmpty ? [] : text.split(separator: " ", omittingEmptySubsequences: false).map(String.init) }
        let behindName = commandLine.map { $0.hasPrefix(madeName + " ") ? String($0.dropFirst(madeName.count + 1)) : "" }
        return ImageFacts(
            name: madeName, exe: exe ?? madeName, path: path ?? "/usr/bin/" + madeName, arguments: words(arguments ?? behindName ?? ""),
            environment: environment.sorted { $0.key < $1.key }.map { $0.key + "=" + $0.value }, flags: flags)
    }
}

extension EventDraft.IdentityDraft {
    /// The first ordinary user of most systems is 1000.
    fileprivate var madeUser: UInt32 { uid ?? (userName == nil || userName == "root" ? 0 : 1000) }

    fileprivate var madeLogin: UInt32 {
        if let loginuid { return loginuid }
        guard let loginName, loginName != EventDraft.unknown else { return .max }
        return loginName == userName ? madeUser : loginName == "root" ? 0 : 1001
    }
}

extension EventDraft.PlaceDraft {
    private func named(_ description: ContainerDescription) -> ContainerDescription {
        var named = description
        named.name = containerName ?? "container"
        return named
    }

    fileprivate var madeContainer: Container? {
        guard container != "host", container != nil || hasPod || podUID != nil || told != nil else { return nil }
        let uid = podUID.map { PodUID($0) }
        let facts = Pod(
            uid: uid ?? "00000000-0000-0000-0000-000000000001", name: pod ?? "pod", namespace: namespace ?? "default",
            containerName: containerName ?? "container", imageRepository: repository ?? "image", imageTag: tag ?? "latest")
        return Container(
            id: ContainerID(container ?? "0123456789ab"), podUID: uid, pod: hasPod ? facts : nil,
            facts: told.map { ContainerFacts(named($0)) })
    }
}
