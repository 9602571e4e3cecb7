// SPDX-License-Identifier: Apache-2.0
internal import CProbe
internal import EventModel
internal import Glibc

// The fixed parts of a record as the nouns of EventModel; one initialiser a part.

extension Event.Caller {
    // Field by field: an initialiser of twenty is a call of twenty, and a copy.
    @inline(__always)
    mutating func read(_ fixed: saker_record, in record: UnsafeRawBufferPointer) {
        (pid, tid, ppid, vpid) = (fixed.pid, fixed.tid, fixed.ppid, fixed.vpid)
        (session, vpgid) = (fixed.session, fixed.vpgid)
        (uid, gid, euid, egid) = (fixed.uid, fixed.gid, fixed.euid, fixed.egid)
        (loginuid, tty) = (fixed.loginuid, fixed.tty)
        (capEffective, capPermitted) = (fixed.cap_effective, fixed.cap_permitted)
        startTime = fixed.start_ns
        (cgroupV2, cgroupV1) = (fixed.cgroup_v2, fixed.cgroup_v1)
        let field = UnsafeRawBufferPointer(rebasing: record[Int(SAKER_COMM_OFFSET)..<Int(SAKER_COMM_OFFSET) + 16])
        let count = strnlen(field.baseAddress!.assumingMemoryBound(to: CChar.self), field.count)
        comm = ByteView(UnsafeRawBufferPointer(start: field.baseAddress, count: count))
    }
}

extension Event.Marks {
    init(_ flags: UInt8) {
        self = []
        if UInt32(flags) & SAKER_RACED.rawValue != 0 { insert(.raced) }
        if UInt32(flags) & SAKER_FILTERED.rawValue != 0 { insert(.filtered) }
        if UInt32(flags) & SAKER_RING.rawValue != 0 { insert(.throughRing) }
        if UInt32(flags) & SAKER_UNANSWERED.rawValue != 0 { insert(.unanswered) }
    }
}

extension Event.Image {
    @inline(__always)
    init(_ image: saker_image, _ blobs: WireBlobs) {
        self.init(
            rawPath: blobs[SAKER_IMAGE_RAW_PATH.rawValue], exePath: blobs[SAKER_IMAGE_EXE_PATH.rawValue],
            argv: blobs[SAKER_IMAGE_ARGV.rawValue], environment: blobs[SAKER_IMAGE_ENVIRONMENT.rawValue],
            cwd: blobs[SAKER_IMAGE_CWD.rawValue], cgroupPathV2: blobs[SAKER_IMAGE_CGROUP_V2.rawValue],
            cgroupPathV1: blobs[SAKER_IMAGE_CGROUP_V1.rawValue], flags: Flags(rawValue: image.flags))
    }
}

extension Event.Fork {
    @inline(__always)
    init(_ fork: saker_fork, _ blobs: WireBlobs) {
        self.init(
            childPid: fork.child_pid, childTid: fork.child_tid, childVpid: fork.child_vpid, childStartTime: fork.child_start_ns,
            flags: fork.flags, cgroupPathV2: blobs[SAKER_FORK_CGROUP_V2.rawValue], cgroupPathV1: blobs[SAKER_FORK_CGROUP_V1.rawValue])
    }
}

extension Event.Open {
    @inline(__always)
    init(_ open: saker_open, _ blobs: WireBlobs) {
        self.init(
            rawPath: blobs[SAKER_OPEN_RAW_PATH.rawValue], path: blobs[SAKER_OPEN_PATH.rawValue], flags: open.flags, mode: open.mode,
            directory: open.directory, fileType: open.file_type, device: open.device, inode: open.inode,
            resolve: open.resolve, folder: blobs[SAKER_OPEN_FOLDER.rawValue], entry: blobs[SAKER_OPEN_ENTRY.rawValue])
    }
}

extension Event.Connect {
    private static let inet: UInt16 = 2, inet6: UInt16 = 10

    @inline(__always)
    init(_ connect: saker_connect, _ blobs: WireBlobs) {
        var local: IPAddress?, remote: IPAddress?
        var family = connect.family
        if family == Self.inet || family == Self.inet6 {
            local = withUnsafeBytes(of: connect.local) { IPAddress(networkOrder: $0, isV6: family == Self.inet6) }
            if connect.remote_family != 0 {
                remote = withUnsafeBytes(of: connect.remote) { IPAddress(networkOrder: $0, isV6: connect.remote_family == Self.inet6) }
            }
        }
        if let peer = remote, !peer.isV6 { family = Self.inet }
        self.init(
            descriptor: connect.descriptor, family: family, socketType: connect.type, ipProtocol: connect.protocol,
            localPort: connect.local_port, remotePort: connect.remote_port, local: local, remote: remote,
            unixPath: blobs[SAKER_CONNECT_UNIX_PATH.rawValue].withoutTail)
    }
}

extension Event.Call {
    @inline(__always)
    init(_ call: saker_call, _ blobs: WireBlobs) {
        let passed = call.argument
        self.init(
            arguments: [passed.0, passed.1, passed.2, passed.3, passed.4, passed.5],
            text: blobs[SAKER_CALL_TEXT.rawValue], secondText: blobs[SAKER_CALL_TEXT_2.rawValue],
            thirdText: blobs[SAKER_CALL_TEXT_3.rawValue], descriptor: blobs[SAKER_CALL_DESCRIPTOR.rawValue],
            secondDescriptor: blobs[SAKER_CALL_DESCRIPTOR_2.rawValue], data: blobs[SAKER_CALL_DATA.rawValue],
            entry: blobs[SAKER_CALL_ENTRY.rawValue])
    }
}
