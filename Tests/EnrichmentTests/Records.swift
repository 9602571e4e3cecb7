// SPDX-License-Identifier: Apache-2.0
import EventModel

/// Makes the events that a probe would tell, with owned bytes.
struct Teller {
    var clock: UInt64 = 1_000_000_000_000
    private var kept: [ByteString] = []

    mutating func bytes(_ text: String) -> ByteView {
        let owned = ByteString(text)
        kept.append(owned)
        return owned.view
    }

    mutating func caller(
        _ pid: Int32, started: UInt64? = nil, parent: Int32 = 1, cgroup: UInt64 = 10, v1: UInt64 = 0, name: String = "task"
    ) -> Event.Caller {
        Event.Caller(
            pid: pid, tid: pid, ppid: parent, vpid: pid, session: pid, vpgid: pid, uid: 0, gid: 0, euid: 0, egid: 0,
            loginuid: 0xFFFF_FFFF, tty: 0, capEffective: 0, capPermitted: 0, startTime: started ?? UInt64(pid) * 1_000_001 + 7,
            cgroupV2: cgroup, cgroupV1: v1, comm: bytes(name))
    }

    mutating func event(_ kind: EventKind, _ caller: Event.Caller, _ detail: Event.Detail, result: Int64 = 0) -> Event {
        clock += 1_000
        return Event(
            kind: kind, number: clock, time: Timestamp(nanoseconds: clock), bootTime: clock, result: result, caller: caller,
            detail: detail)
    }

    mutating func image(_ path: String, _ arguments: [String], v2: String = "", v1: String = "") -> Event.Image {
        Event.Image(
            rawPath: bytes(path), exePath: bytes(path), argv: bytes(arguments.map { $0 + "\0" }.joined()), environment: .empty,
            cwd: bytes("/work"), cgroupPathV2: bytes(v2), cgroupPathV1: bytes(v1), flags: [])
    }

    mutating func exec(_ caller: Event.Caller, _ path: String, v2: String = "", v1: String = "", result: Int64 = 0) -> Event {
        event(.execve, caller, .exec(image(path, [path, "-x"], v2: v2, v1: v1)), result: result)
    }

    mutating func snapshot(_ caller: Event.Caller, _ path: String, v2: String = "") -> Event {
        event(.snapshot, caller, .snapshot(image(path, [path], v2: v2)))
    }

    mutating func fork(
        _ caller: Event.Caller, child: Int32, tid: Int32? = nil, started: UInt64? = nil, flags: UInt64 = 0, v2: String = ""
    ) -> Event {
        let fork = Event.Fork(
            childPid: child, childTid: tid ?? child, childVpid: child, childStartTime: started ?? UInt64(child) * 1_000_001 + 7,
            flags: flags, cgroupPathV2: bytes(v2), cgroupPathV1: .empty)
        return event(.clone, caller, .fork(fork), result: Int64(child))
    }

    /// A chdir or fchdir, after which the working directory is that one.
    mutating func move(_ kind: EventKind, _ caller: Event.Caller, to path: String, result: Int64 = 0) -> Event {
        let kept = ByteString(Event.Descriptor(number: -100, fileType: 0o040000, path: bytes(path)).bytes)
        self.kept.append(kept)
        return event(kind, caller, .call(Event.Call(arguments: [0, 0, 0, 0, 0, 0], descriptor: kept.view)), result: result)
    }

    /// A datagram by a socket of that inode to 192.0.2.1 at a port; by a connected socket to none.
    mutating func send(_ caller: Event.Caller, socket inode: UInt64, port: UInt8?) -> Event {
        var socket = Event.Descriptor(number: 5, fileType: 0o140000, path: .empty)
        (socket.family, socket.socketType, socket.ipProtocol, socket.inode) = (2, 2, 17, inode)
        if port == nil { (socket.remote, socket.remotePort) = (IPAddress("192.0.2.1"), 53) }
        let address = ByteString(port.map { [2, 0, 0, $0, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0] } ?? [])
        let kept = ByteString(socket.bytes)
        self.kept += [kept, address]
        let call = Event.Call(arguments: [5, 0, 0, 0, 0, 0], text: address.view, descriptor: kept.view)
        return event(.sendto, caller, .call(call), result: 1)
    }

    mutating func exit(_ caller: Event.Caller) -> Event {
        event(.procexit, caller, .exit(Event.Exit(code: 0, signal: 0)))
    }

    mutating func open(_ caller: Event.Caller, _ path: String = "/etc/hosts") -> Event {
        let open = Event.Open(
            rawPath: bytes(path), path: bytes(path), flags: 0, mode: 0, directory: -100, fileType: 0o100000, device: 1, inode: 2)
        return event(.openat, caller, .open(open), result: 3)
    }
}
