// SPDX-License-Identifier: Apache-2.0

import EventModel

/// An event for tests that owns the memory its byte views look at, as a record in the ring does.
final class EventFixture {
    let event: Event
    private let owned: OwnedEvent

    init(
        kind: EventKind, result: Int64 = 0, number: UInt64 = 1, uid: UInt32 = 0, loginuid: UInt32 = .max, tty: UInt32 = 0,
        age: UInt64 = 1_000_000, vpgid: Int32 = 7, capabilities: UInt64 = 0, process: ProcessNode? = nil, detail: Detail
    ) {
        owned = OwnedEvent(owning: { owner in
            let own = { (text: String) in owner.own(Array(text.utf8)) }
            let caller = Event.Caller(
                pid: process?.pid ?? 4242, tid: process?.pid ?? 4242, ppid: process?.parent?.pid ?? 1, vpid: process?.vpid ?? 7,
                session: 1, vpgid: vpgid, uid: uid, gid: uid, euid: uid, egid: uid, loginuid: loginuid, tty: tty,
                capEffective: capabilities, capPermitted: capabilities, startTime: 5_000_000_000, cgroupV2: 1, cgroupV1: 0,
                comm: own("comm"))
            return Event(
                kind: kind, number: number, time: Timestamp(nanoseconds: 1_700_000_000_123_456_789), bootTime: 5_000_000_000 + age,
                result: result, caller: caller, detail: detail.made(own, owner), process: process)
        })
        event = owned.event
    }

    /// What is special to the event, in Strings.
    enum Detail {
        case exec(rawPath: String, flags: Event.Image.Flags)
        case open(rawPath: String, path: String, flags: UInt32, mode: UInt32, directory: Int32, isDirectory: Bool)
        case connect(family: UInt16, type: UInt16, ipProtocol: UInt16, local: String, remote: String, unixPath: String)
        case fork
        case exit
        case call(arguments: InlineArray<6, UInt64>, texts: [String] = [], descriptor: Event.Descriptor? = nil, data: [UInt8] = [])

        fileprivate func made(_ own: (String) -> ByteView, _ owner: OwnedEvent.Owner) -> Event.Detail {
            switch self {
            case .exec(let rawPath, let flags):
                .exec(
                    Event.Image(
                        rawPath: own(rawPath), exePath: own(rawPath), argv: .empty, environment: .empty, cwd: .empty,
                        cgroupPathV2: .empty, cgroupPathV1: .empty, flags: flags))
            case .open(let rawPath, let path, let flags, let mode, let directory, let isDirectory):
                .open(
                    Event.Open(
                        rawPath: own(rawPath), path: own(path), flags: flags, mode: mode, directory: directory,
                        fileType: isDirectory ? 0o040000 : 0o100000, device: 1, inode: 2))
            case .connect(let family, let type, let ipProtocol, let local, let remote, let unixPath):
                .connect(connect(family, type, ipProtocol, local, remote, own(unixPath)))
            case .fork:
                .fork(
                    Event.Fork(
                        childPid: 2, childTid: 2, childVpid: 2, childStartTime: 1, flags: 0, cgroupPathV2: .empty, cgroupPathV1: .empty))
            case .exit: .exit(Event.Exit(code: 0, signal: 0))
            case .call(let arguments, let texts, let descriptor, let data):
                .call(
                    Event.Call(
                        arguments: arguments, text: own(texts.first ?? ""), secondText: own(texts.count > 1 ? texts[1] : ""),
                        thirdText: own(texts.count > 2 ? texts[2] : ""), descriptor: descriptor.map { owner.own($0.bytes) } ?? .empty,
                        data: owner.own(data)))
            }
        }

        private func connect(
            _ family: UInt16, _ type: UInt16, _ ipProtocol: UInt16, _ local: String, _ remote: String, _ path: ByteView
        ) -> Event.Connect {
            let here = Self.endpoint(local), there = Self.endpoint(remote)
            return Event.Connect(
                descriptor: 5, family: family, socketType: type, ipProtocol: ipProtocol, localPort: here.port, remotePort: there.port,
                local: here.address, remote: there.address, unixPath: path)
        }

        private static func endpoint(_ text: String) -> (address: IPAddress?, port: UInt16) {
            guard let colon = text.lastIndex(of: ":") else { return (nil, 0) }
            return (IPAddress(String(text[..<colon])), UInt16(text[text.index(after: colon)...]) ?? 0)
        }
    }
}

/// Makes processes for tests.
enum ProcessFixture {
    static func node(
        _ name: String, exe: String? = nil, path: String? = nil, arguments: [String] = [], environment: [String] = [],
        cwd: String? = "/", pid: Int32 = 4242, vpid: Int32 = 7, flags: Event.Image.Flags = [], parent: ProcessNode? = nil,
        container: Container? = nil
    ) -> ProcessNode {
        let facts = ImageFacts(
            name: name, exe: exe ?? name, path: path ?? "/bin/\(name)", arguments: arguments, environment: environment, flags: flags)
        return ProcessNode(
            pid: pid, startTime: 5_000_000_000, parent: parent, vpid: vpid, vpgid: 7, session: 1, uid: 0, gid: 0, loginuid: .max, tty: 0,
            image: facts, cwd: cwd.map { ByteString($0) }, container: container, cgroupV2: 1, cgroupV1: 0)
    }

    static func container(_ id: String = "0123456789abcdef", pod: String? = "web-1", namespace: String = "shop") -> Container {
        let uid = PodUID("8a6f0d2e-0000-4000-8000-000000000001")
        let facts = pod.map {
            Pod(uid: uid, name: $0, namespace: namespace, containerName: "app", imageRepository: "registry/app", imageTag: "1.2")
        }
        return Container(id: ContainerID(id), podUID: uid, pod: facts)
    }
}
